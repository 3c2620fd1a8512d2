import { createHash } from "node:crypto";
import type { QuarantineEntry } from "../quarantine/quarantine.ts";
import { add, type MicroUnits, total, zeroUnits } from "../quantity/micro-units.ts";
import type { Instant } from "../time/instant.ts";
import { formatHour } from "../time/utc-hour.ts";
import { contentCheck, contentOf, usageIdentity } from "../usage/identity.ts";
import type { HourShard } from "../usage/shard.ts";
import { cloudEventOf, type TagSet, type UsageEvent } from "../usage/usage-event.ts";
import type { Attributor } from "./attribute.ts";
import { boundedAmounts } from "./balance.ts";
import { type BookKey, bookName } from "./book.ts";
import type { BookPosting, FoldPlan, FoldState, FoldTally, MetEvents, Posting } from "./store.ts";
import { waitingUsage } from "./waiting.ts";

/** A segment's events, each with the name by which its copies are known. */
export interface Unpacked {
  readonly id: string;
  readonly events: readonly (readonly [identity: string, event: UsageEvent])[];
}

interface Decided {
  readonly plan: FoldPlan;
  /** Events that this hour-shard meets for the first time. */
  readonly fresh: MetEvents;
  /** Copies that say something else than the one that counts. */
  readonly contradicting: QuarantineEntry | undefined;
  readonly folded: {
    readonly eventCount: number;
    readonly repeatCount: number;
    readonly waitingCount: number;
    readonly contradictingCount: number;
  };
}

/**
 * Decides what new segments add. Repeats, within them or of what was met before, here or elsewhere, add nothing. Of copies
 * that differ the one counted first stays, and of those met at once the one that sorts first.
 */
export async function planFold(
  attribute: Attributor,
  { hour, shard, version }: Pick<FoldState, "hour" | "shard" | "version">,
  segments: readonly Unpacked[],
  met: { readonly here: MetEvents; readonly elsewhere: MetEvents },
  { now, coversUntil }: { readonly now: Instant; readonly coversUntil: Instant | undefined },
): Promise<Decided> {
  const sifted = sift(segments, met);
  const segmentIds = segments.map(({ id }) => id);
  const { postings, waits } = await postingsOf(attribute, { hour, shard }, sifted.counted);
  const waiting = waits.map(({ event, reason }) => [usageIdentity(event), reason]);
  const named = [formatHour(hour), shard, version, now, segmentIds, postings.map(postingText), waiting];
  const all = createHash("sha256");
  for (const [identity, check] of sifted.fresh) all.update(identity, "latin1").update(String(check));
  const id = all.update(JSON.stringify(named)).digest("hex").slice(0, 32);
  const both: readonly Posting[] = [
    ...postings,
    ...waitingUsage({ hour, shard }, id, waits, now).map((kept) => ({ waiting: kept })),
  ];
  return {
    plan: { hour, shard, id, segmentIds, postings: both, tally: tallied(sifted, both), coversUntil },
    fresh: sifted.fresh,
    contradicting: quarantined(id, sifted.contradicting, now),
    folded: {
      eventCount: sifted.counted.length,
      repeatCount: sifted.tally.repeatCount,
      waitingCount: waits.length,
      contradictingCount: sifted.contradicting.length,
    },
  };
}

interface Sifted {
  readonly counted: readonly UsageEvent[];
  readonly fresh: MetEvents;
  readonly contradicting: readonly UsageEvent[];
  readonly tally: FoldTally;
}

function sift(
  segments: readonly Unpacked[],
  { here, elsewhere }: { readonly here: MetEvents; readonly elsewhere: MetEvents },
): Sifted {
  const first = new Map<string, UsageEvent>();
  const contradicting: UsageEvent[] = [];
  let units: bigint = 0n;
  let eventCount = 0;
  for (const { events } of segments) {
    for (const [identity, event] of events) {
      eventCount += 1;
      units += event.quantity;
      const check = here.get(identity);
      const earlier = first.get(identity);
      if (check !== undefined) {
        if (check !== contentCheck(event)) contradicting.push(event);
      } else if (earlier === undefined) first.set(identity, event);
      else if (contentOf(event) !== contentOf(earlier)) {
        const [kept, other] = contentOf(event) < contentOf(earlier) ? [event, earlier] : [earlier, event];
        first.set(identity, kept);
        contradicting.push(other);
      }
    }
  }
  const fresh = new Map<string, number>();
  const counted: UsageEvent[] = [];
  for (const [identity, event] of first) {
    const check = elsewhere.get(identity);
    // What was counted elsewhere was met here too: a further copy of it is near this one.
    fresh.set(identity, check ?? contentCheck(event));
    if (check === undefined) counted.push(event);
    else if (check !== contentCheck(event)) contradicting.push(event);
  }
  const countedUnits = total(counted.map(({ quantity }) => quantity));
  return {
    counted,
    fresh,
    contradicting,
    tally: {
      eventCount,
      units: units as MicroUnits,
      repeatCount: eventCount - counted.length,
      repeatedUnits: (units - countedUnits) as MicroUnits,
    },
  };
}

/** @throws Error when units appeared or vanished between the segments and the postings; such a plan is never stored */
function tallied({ tally }: Sifted, postings: readonly Posting[]): FoldTally {
  const posted = total(
    postings.map((posting) =>
      "waiting" in posting ? posting.waiting.units : total(posting.amounts.values()),
    ),
  );
  if (add(posted, tally.repeatedUnits) === tally.units) return tally;
  throw new Error(`A fold would book ${posted} of ${tally.units}, ${tally.repeatedUnits} of them repeats.`);
}

type Waits = Parameters<typeof waitingUsage>[2];

async function postingsOf(
  attribute: Attributor,
  { hour }: HourShard,
  events: readonly UsageEvent[],
): Promise<{ postings: readonly BookPosting[]; waits: Waits }> {
  const postings = new Map<string, { book: BookKey; amounts: Map<TagSet, MicroUnits> }>();
  const waits: Waits[number][] = [];
  const attributionOf = await attribute(events);
  for (const event of events) {
    const found = attributionOf(event);
    if ("waits" in found) {
      waits.push({ event, reason: found.waits });
      continue;
    }
    const book = { subscriptionId: found.subscriptionId, dimension: event.dimension };
    const name = bookName(book);
    const posting = postings.get(name) ?? { book, amounts: new Map<TagSet, MicroUnits>() };
    posting.amounts.set(event.tagSet, add(posting.amounts.get(event.tagSet) ?? zeroUnits, event.quantity));
    postings.set(name, posting);
  }
  const bounded = [...postings.values()].map(({ book, amounts }) => ({
    book,
    hour,
    amounts: boundedAmounts(amounts),
  }));
  return { postings: bounded, waits };
}

/** Two folders may decide on the same segments differently; each plan is named by all that it says. */
const postingText = ({ book, amounts }: BookPosting) => [
  bookName(book),
  [...amounts].map(([tagSet, amount]) => [tagSet, amount.toString()]),
];

/** Copies of one plan that contradict are one entry, to be read and, where they are right, sent again under ids of their own. */
function quarantined(
  planId: string,
  events: readonly UsageEvent[],
  now: Instant,
): QuarantineEntry | undefined {
  const [first] = events;
  if (first === undefined) return undefined;
  const others = events.length === 1 ? "" : ` and ${events.length - 1} more`;
  return {
    id: `usage:contradicting-${planId}`,
    quarantinedAt: now,
    door: "usage",
    reason:
      `event ${JSON.stringify(first.id)} of ${JSON.stringify(first.source)}${others}: sent more than once with different content. ` +
      "What was counted first stays; send a correction as an event of its own",
    body: JSON.stringify(events.map(cloudEventOf)),
  };
}
