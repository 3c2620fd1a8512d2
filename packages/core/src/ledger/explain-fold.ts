import { licenseIdOf } from "../lifecycle/license.ts";
import type { BookKey } from "../metering/book.ts";
import type { Attributor } from "../metering/attribute.ts";
import type { FoldPlan, FoldStore, WaitingStore } from "../metering/store.ts";
import { add, type MicroUnits, zeroUnits } from "../quantity/micro-units.ts";
import { contentCheck, usageIdentity } from "../usage/identity.ts";
import { SegmentDamagedError, segmentKey, unpackSegment } from "../usage/segment.ts";
import type { HourShard } from "../usage/shard.ts";
import type { UsageEvent } from "../usage/usage-event.ts";
import type { UsageLog } from "../usage/usage-log.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { EventFate, ExplainedEvent, ExplainedFold } from "./explained.ts";

export interface FoldEvidence {
  readonly usageLog: Pick<UsageLog, "segment">;
  readonly folds: Pick<FoldStore, "head" | "metAmong">;
  readonly waiting: Pick<WaitingStore, "under">;
}

/** Whose events are looked for. */
export interface Sought {
  readonly key: BookKey;
  /** By which usage may mean the book's subscription; a license by its id. */
  readonly names: ReadonlySet<string>;
  readonly attribute: Attributor;
  readonly shards: Configuration["settings"]["shards"];
  /** Events named of one fold. */
  readonly limit: number;
}

interface Candidate {
  readonly event: UsageEvent;
  readonly identity: string;
  readonly segment: string;
  readonly isOurs: boolean;
}

export type Plan = HourShard & Pick<FoldPlan, "id" | "segmentIds" | "postings">;

/** Pieces of waiting usage looked up under one name. */
const piecesPerName = 1_000;

/** Finds the events behind what a fold posted to a book. Memory is bounded by the book's own events in the fold. */
export async function explainFold(
  evidence: FoldEvidence,
  sought: Sought,
  plan: Plan,
  units: MicroUnits,
): Promise<ExplainedFold> {
  const problems: string[] = [];
  const all: Candidate[] = [];
  for (const id of plan.segmentIds) all.push(...(await candidatesIn(evidence, sought, plan, id, problems)));
  const waited = waitedIn(plan, sought);
  const waits = waited.size === 0 ? waited : await stillWaiting(evidence, sought, plan);
  const met = await evidence.folds.metAmong(
    { hour: plan.hour, shard: plan.shard, version: 0, planIds: [plan.id], coveredUntil: undefined },
    new Set(all.map(({ identity }) => identity)),
  );
  const fatesOf = (chosen: readonly Candidate[]) => judged(chosen, { met, waited, waits });
  // Facts that came later may have changed whose an event would be today: then its name says whose it was.
  const ours = fatesOf(all.filter(({ isOurs, identity }) => isOurs || waits.has(identity)));
  const named = ours.length === all.length || sums(ours).counted === units ? ours : fatesOf(all);
  const found = sums(named).counted === units ? named : ours;
  return {
    ...{ planId: plan.id, place: { hour: plan.hour, shard: plan.shard }, units },
    events: found.slice(0, sought.limit),
    moreEvents: Math.max(0, found.length - sought.limit),
    ...{ sums: sums(found), problems },
  };
}

async function candidatesIn(
  { usageLog }: FoldEvidence,
  { key, names, attribute }: Sought,
  { hour, shard }: HourShard,
  id: string,
  problems: string[],
): Promise<readonly Candidate[]> {
  const segment = await usageLog.segment({ hour, shard }, id);
  const name = segmentKey({ hour, shard, id });
  if (segment === undefined) {
    problems.push(`Segment ${name} is gone.`);
    return [];
  }
  try {
    const events = unpackSegment(segment).filter(
      ({ dimension, subject }) => dimension === key.dimension && names.has(nameOf(subject)),
    );
    const attributionOf = await attribute(events);
    return events.map((event) => {
      const found = attributionOf(event);
      const isOurs = "subscriptionId" in found && found.subscriptionId === key.subscriptionId;
      return { event, identity: usageIdentity(event), segment: name, isOurs };
    });
  } catch (error) {
    if (!(error instanceof SegmentDamagedError)) throw error;
    problems.push(error.message);
    return [];
  }
}

const nameOf = (subject: string): string => licenseIdOf(subject) ?? subject;

/** Events that the fold set aside. */
const waitedIn = (plan: Plan, { names }: Sought): ReadonlySet<string> =>
  new Set(
    plan.postings.flatMap((posting) =>
      "waiting" in posting && names.has(posting.waiting.subject)
        ? unpackSegment(posting.waiting.events).map(usageIdentity)
        : [],
    ),
  );

/** Those of them that nobody has counted yet. */
async function stillWaiting(
  { waiting }: FoldEvidence,
  { names }: Sought,
  plan: Plan,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const name of names)
    for (const piece of await waiting.under(name, piecesPerName))
      if (piece.id.startsWith(`${plan.id}-`))
        for (const event of unpackSegment(piece.events)) found.add(usageIdentity(event));
  return found;
}

/**
 * Copies in the order in which they lie; of those that say the same the first counts. A fold notes what the copy says that counts, also
 * when another hour counted it: such a copy has another time.
 */
function judged(
  candidates: readonly Candidate[],
  known: {
    readonly met: ReadonlyMap<string, number>;
    readonly waited: ReadonlySet<string>;
    readonly waits: ReadonlySet<string>;
  },
): readonly ExplainedEvent[] {
  const seen = new Set<string>();
  return candidates.map(({ event, identity, segment }) => {
    const check = known.met.get(identity);
    let fate: EventFate;
    if (check !== undefined && check !== contentCheck(event)) fate = "other-content";
    else if (check === undefined || seen.has(identity)) fate = "repeat";
    else {
      seen.add(identity);
      const isWaiting = known.waits.has(identity);
      fate = !known.waited.has(identity) ? "counted" : isWaiting ? "waits" : "later";
    }
    return { event, segment, fate };
  });
}

function sums(events: readonly ExplainedEvent[]): Record<EventFate, MicroUnits> {
  const all = {
    ...{ counted: zeroUnits, later: zeroUnits, waits: zeroUnits },
    ...{ repeat: zeroUnits, "other-content": zeroUnits },
  };
  for (const { event, fate } of events) all[fate] = add(all[fate], event.quantity);
  return all;
}
