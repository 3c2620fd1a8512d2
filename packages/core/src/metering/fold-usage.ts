import { createHash } from "node:crypto";
import type { Configuration } from "../configuration/configuration.ts";
import { add, type MicroUnits, zeroUnits } from "../quantity/micro-units.ts";
import { formatHour } from "../time/utc-hour.ts";
import { type Segment, unpackSegment } from "../usage/segment.ts";
import { type UsageEvent, usageIdentity, type TagSet } from "../usage/usage-event.ts";
import type { HourShard } from "../usage/shard.ts";
import type { DirtyMark, UsageLog } from "../usage/usage-log.ts";
import { attributor, type SubscriptionReader } from "./attribute.ts";
import { type BookKey, post } from "./book.ts";
import type { BookStore, FoldPlan, FoldState, FoldStore, Posting } from "./store.ts";

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

/** Events that one plan counts at most; together with `maxPlans` it bounds memory and time of a run. */
const maxEventsPerPlan = 100_000;
const maxPlans = 1_000;
const maxTries = 10;

/**
 * Counts what is new in a marked hour-shard into the books, each event once, then removes the mark unless it was set again.
 * May be repeated, interrupted anywhere and run by several at once: every plan is booked exactly once.
 * @throws FoldContentionError when another folder is faster, SegmentDamagedError when the log was tampered with
 */
export async function foldUsage(
  ports: FoldPorts,
  configuration: Configuration,
  mark: DirtyMark,
): Promise<{ eventCount: number }> {
  let eventCount = 0;
  let state = await ports.folds.load(mark);
  for (let plans = 0; plans < maxPlans; plans += 1) {
    if (state.open !== undefined) state = await carryOut(ports, state, state.open);
    const segments = await ports.usageLog.unfolded(mark, state.foldedSegmentIds, maxEventsPerPlan);
    if (segments.length === 0) {
      await ports.usageLog.removeMark(mark);
      return { eventCount };
    }
    const planned = await planFold(ports, configuration, state, segments);
    const opened = await ports.folds.open(state, planned.plan, planned.identities);
    if (opened === undefined) throw new FoldContentionError(mark);
    state = opened;
    eventCount += planned.identities.length;
  }
  throw new FoldContentionError(mark);
}

/** Decides what the new segments add. Repeats, within them or of what was counted before, add nothing. */
async function planFold(
  { folds, subscriptions }: FoldPorts,
  configuration: Configuration,
  state: FoldState,
  segments: readonly Segment[],
): Promise<{ plan: FoldPlan; identities: readonly string[] }> {
  const counted = await folds.countedIdentities(state);
  const fresh = new Map<string, UsageEvent>();
  for (const event of segments.flatMap(unpackSegment)) {
    const identity = usageIdentity(event);
    const earlier = fresh.get(identity);
    if (!counted.has(identity) && (earlier === undefined || content(event) < content(earlier)))
      fresh.set(identity, event);
  }
  const { hour, shard, version } = state;
  const segmentIds = segments.map(({ id }) => id);
  const id = createHash("sha256")
    .update(JSON.stringify([formatHour(hour), shard, version, segmentIds]))
    .digest("hex")
    .slice(0, 32);
  const postings = await postingsOf(fresh.values(), state, attributor(subscriptions, configuration));
  return { plan: { hour, shard, id, segmentIds, postings }, identities: [...fresh.keys()] };
}

/** When copies of one event differ, the one that sorts first counts, so that the order of segments does not matter. */
const content = ({ at, dimension, quantity, tagSet }: UsageEvent): string =>
  JSON.stringify([at, dimension, quantity.toString(), tagSet]);

async function postingsOf(
  events: Iterable<UsageEvent>,
  { hour }: HourShard,
  accountOf: ReturnType<typeof attributor>,
): Promise<readonly Posting[]> {
  const postings = new Map<string, { book: BookKey; amounts: Map<TagSet, MicroUnits> }>();
  for (const { subject, dimension, at, tagSet, quantity } of events) {
    const account = await accountOf(subject, dimension, at);
    const name = JSON.stringify([account, dimension]);
    const posting = postings.get(name) ?? {
      book: { account, dimension },
      amounts: new Map<TagSet, MicroUnits>(),
    };
    posting.amounts.set(tagSet, add(posting.amounts.get(tagSet) ?? zeroUnits, quantity));
    postings.set(name, posting);
  }
  return [...postings.values()].map((posting) => ({ ...posting, hour }));
}

async function carryOut({ folds, books }: FoldPorts, state: FoldState, plan: FoldPlan): Promise<FoldState> {
  for (const posting of plan.postings) await bookOnce(books, posting, plan.id);
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
    `The book of ${posting.book.account}, ${posting.book.dimension} changed ${maxTries} times while it was posted to. The next run goes on.`,
  );
}
