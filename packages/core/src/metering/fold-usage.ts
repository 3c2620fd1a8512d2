import { createHash } from "node:crypto";
import type { Configuration } from "../configuration/configuration.ts";
import { add, type MicroUnits, zeroUnits } from "../quantity/micro-units.ts";
import { formatHour, type UtcHour } from "../time/utc-hour.ts";
import { type Segment, unpackSegment } from "../usage/segment.ts";
import { type UsageEvent, usageIdentity, type TagSet } from "../usage/usage-event.ts";
import { type HourShard, neighboursOf } from "../usage/shard.ts";
import type { DirtyMark, UsageLog } from "../usage/usage-log.ts";
import { attributor, subscriptionOf, type SubscriptionReader } from "./attribute.ts";
import { type BookKey, post } from "./book.ts";
import type { BookStore, FoldHead, FoldPlan, FoldState, FoldStore, Posting } from "./store.ts";

export interface FoldPorts {
  readonly usageLog: Pick<UsageLog, "unfolded" | "removeMark">;
  readonly folds: FoldStore;
  readonly books: Pick<BookStore, "load" | "post">;
  readonly subscriptions: SubscriptionReader;
}

/** Another folder is at the same hour-shard; trying again later helps. */
export class FoldContentionError extends Error {
  readonly code = "fold-contention";
  readonly retryable = true;
  constructor({ hour, shard }: HourShard) {
    super(`Somebody else folds ${formatHour(hour)} shard ${shard}. The next run tries again.`);
    this.name = "FoldContentionError";
  }
}

/** What is looked up in the hours around at once, and how often in a run. */
const maxEventsPerPass = 200_000;
const maxPasses = 100;
/** What one plan holds at most, so that it is carried out well within a run. */
const maxEventsPerPlan = 20_000;
const maxTries = 10;
/** Books posted to at once. */
const postingsAtOnce = 25;

export interface Folded {
  readonly eventCount: number;
  /** How many of them fit no subscription, or several, and wait under their subject. */
  readonly unattributedCount: number;
}

/**
 * Counts what is new in a marked hour-shard into the books, each event once, then removes the mark unless it was set again.
 * A copy of an event that a fold of the hours around has met, whatever its own time, adds nothing. May be repeated,
 * interrupted anywhere and run by several at once: every plan is booked exactly once, and was decided on with the hours
 * around as they still are.
 * @throws FoldContentionError when another folder is faster, SegmentDamagedError when the log was tampered with
 */
export async function foldUsage(
  ports: FoldPorts,
  configuration: Configuration,
  mark: DirtyMark,
): Promise<Folded> {
  let folded: Folded = { eventCount: 0, unattributedCount: 0 };
  let state = await ports.folds.load(mark);
  let met: Set<string> | undefined;
  for (let passes = 0; passes < maxPasses; passes += 1) {
    if (state.open !== undefined) state = await carryOut(ports, state, state.open);
    const segments = await ports.usageLog.unfolded(mark, state.foldedSegmentIds, maxEventsPerPass);
    if (segments.length === 0) {
      await ports.usageLog.removeMark(mark);
      return folded;
    }
    met ??= await ports.folds.metIdentities(state);
    const unpacked = segments.map(unpack);
    const { around, elsewhere } = await lookAround(ports, configuration, mark, unpacked);
    for (const part of partsOf(unpacked)) {
      if (state.open !== undefined) state = await carryOut(ports, state, state.open);
      const decided = await planFold(ports, configuration, state, part, { met, elsewhere });
      const opened = await ports.folds.open(state, decided.plan, decided.identities, around);
      if (opened === undefined) throw new FoldContentionError(mark);
      state = opened;
      for (const identity of decided.identities) met.add(identity);
      folded = {
        eventCount: folded.eventCount + decided.eventCount,
        unattributedCount: folded.unattributedCount + decided.unattributedCount,
      };
    }
  }
  throw new FoldContentionError(mark);
}

/** A segment's events, each with the name by which its copies are known. */
interface Unpacked {
  readonly id: string;
  readonly events: readonly (readonly [identity: string, event: UsageEvent])[];
}

const unpack = (segment: Segment): Unpacked => ({
  id: segment.id,
  events: unpackSegment(segment).map((event) => [usageIdentity(event), event] as const),
});

/** Which of the events the hours around have met, and as of when. */
async function lookAround(
  { folds }: FoldPorts,
  { settings }: Configuration,
  mark: DirtyMark,
  segments: readonly Unpacked[],
): Promise<{ around: readonly FoldHead[]; elsewhere: ReadonlySet<string> }> {
  const places = neighboursOf(mark, settings.shards, settings.dedupeHours);
  const around = await Promise.all(places.map((place) => folds.head(place)));
  const identities = new Set(segments.flatMap(({ events }) => events.map(([identity]) => identity)));
  const elsewhere = new Set<string>();
  // One after the other, so that the identities of one hour are held at a time.
  for (const head of around) {
    if (head.planIds.length === 0) continue;
    for (const identity of await folds.metAmong(head, identities)) elsewhere.add(identity);
  }
  return { around, elsewhere };
}

/** The segments in parts that each make one plan. */
function* partsOf(segments: readonly Unpacked[]): Generator<readonly Unpacked[]> {
  let part: Unpacked[] = [];
  let eventCount = 0;
  for (const segment of segments) {
    part.push(segment);
    eventCount += segment.events.length;
    if (eventCount < maxEventsPerPlan) continue;
    yield part;
    part = [];
    eventCount = 0;
  }
  if (part.length > 0) yield part;
}

/** Decides what the new segments add. Repeats, within them or of what was met before, here or elsewhere, add nothing. */
async function planFold(
  { subscriptions }: FoldPorts,
  configuration: Configuration,
  { hour, shard, version }: FoldState,
  segments: readonly Unpacked[],
  { met, elsewhere }: { readonly met: ReadonlySet<string>; readonly elsewhere: ReadonlySet<string> },
): Promise<Folded & { plan: FoldPlan; identities: readonly string[] }> {
  const fresh = new Map<string, UsageEvent>();
  for (const [identity, event] of segments.flatMap(({ events }) => events)) {
    const earlier = fresh.get(identity);
    if (!met.has(identity) && (earlier === undefined || content(event) < content(earlier)))
      fresh.set(identity, event);
  }
  const segmentIds = segments.map(({ id }) => id);
  const accountOf = attributor(subscriptions, configuration);
  const counted = [...fresh].filter(([identity]) => !elsewhere.has(identity)).map(([, event]) => event);
  const { postings, unattributedCount } = await postingsOf(counted, hour, accountOf);
  const id = planId([formatHour(hour), shard, version, segmentIds, postings.map(postingText)]);
  return {
    plan: { hour, shard, id, segmentIds, postings },
    // What was counted elsewhere was met here too: a further copy of it is near this one.
    identities: [...fresh.keys()],
    eventCount: counted.length,
    unattributedCount,
  };
}

/** Two folders may decide on the same segments differently; each plan is named by all that it says. */
const planId = (content: unknown): string =>
  createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 32);

const postingText = ({ book, amounts }: Posting) => [
  book.account,
  book.dimension,
  [...amounts].map(([tagSet, amount]) => [tagSet, amount.toString()]),
];

/** When copies of one event differ within a plan, the one that sorts first counts, whatever the order of its segments. */
const content = ({ at, dimension, quantity, tagSet }: UsageEvent): string =>
  JSON.stringify([at, dimension, quantity.toString(), tagSet]);

async function postingsOf(
  events: Iterable<UsageEvent>,
  hour: UtcHour,
  accountOf: ReturnType<typeof attributor>,
): Promise<{ postings: readonly Posting[]; unattributedCount: number }> {
  const postings = new Map<string, { book: BookKey; amounts: Map<TagSet, MicroUnits> }>();
  let unattributedCount = 0;
  for (const { subject, dimension, at, tagSet, quantity } of events) {
    const account = await accountOf(subject, dimension, at);
    if (subscriptionOf(account) === undefined) unattributedCount += 1;
    const name = JSON.stringify([account, dimension]);
    const posting = postings.get(name) ?? {
      book: { account, dimension },
      amounts: new Map<TagSet, MicroUnits>(),
    };
    posting.amounts.set(tagSet, add(posting.amounts.get(tagSet) ?? zeroUnits, quantity));
    postings.set(name, posting);
  }
  return { postings: [...postings.values()].map((posting) => ({ ...posting, hour })), unattributedCount };
}

async function carryOut({ folds, books }: FoldPorts, state: FoldState, plan: FoldPlan): Promise<FoldState> {
  for (let start = 0; start < plan.postings.length; start += postingsAtOnce) {
    const together = plan.postings.slice(start, start + postingsAtOnce);
    await Promise.all(together.map((posting) => bookOnce(books, posting, plan.id)));
  }
  const closed = await folds.close(state);
  if (closed === undefined) throw new FoldContentionError(state);
  return closed;
}

async function bookOnce(books: FoldPorts["books"], posting: Posting, planId: string): Promise<void> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const after = post(await books.load(posting.book), posting.hour, posting.amounts);
    if ((await books.post(after, posting, planId)) !== "conflict") return;
  }
  throw new Error(
    `A book of dimension ${posting.book.dimension} changed ${maxTries} times while it was posted to. The next run goes on.`,
  );
}
