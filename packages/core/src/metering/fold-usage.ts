import type { Configuration } from "../configuration/configuration.ts";
import type { Quarantine } from "../quarantine/quarantine.ts";
import type { Clock } from "../time/clock.ts";
import { formatHour } from "../time/utc-hour.ts";
import { type Segment, SegmentDamagedError, unpackSegment } from "../usage/segment.ts";
import { type HourShard, neighboursOf } from "../usage/shard.ts";
import { usageIdentity } from "../usage/identity.ts";
import type { DirtyMark, UsageLog } from "../usage/usage-log.ts";
import { attributor, type SubscriptionReader } from "./attribute.ts";
import { carryOut, type CarryPorts } from "./carry-out.ts";
import { planFold, type Unpacked } from "./plan-fold.ts";
import type { FoldHead, FoldState, MetEvents } from "./store.ts";

export interface FoldPorts extends CarryPorts {
  readonly usageLog: Pick<UsageLog, "unfolded" | "removeMark">;
  readonly subscriptions: SubscriptionReader;
  readonly quarantine: Pick<Quarantine, "put">;
  readonly clock: Clock;
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

/** Events whose copies are looked up at once, so held in memory, and how often in a run. */
const maxEventsPerPass = 200_000;
const maxPasses = 100;
/** Plans made for the same segments while the hours around change. */
const maxTries = 10;
/** Amounts, of a subject, dimension and tag set each, after which a plan ends, so that it is carried out well within a run. */
const maxAmountsPerPlan = 20_000;

export interface Folded {
  /** Events that were counted, or wait to be. */
  readonly eventCount: number;
  /** Copies of events that were met before, here or in the hours around. */
  readonly repeatCount: number;
  /** How many of the counted fit no subscription, or several, and wait under their subject. */
  readonly waitingCount: number;
  /** Copies that say something else than the one that counts; they are in the quarantine. */
  readonly contradictingCount: number;
  /** Segments that cannot be read, in sentences. They stay in the log, uncounted. */
  readonly damaged: readonly string[];
}

/**
 * Counts what is new in a marked hour-shard into the books, each event once, then removes the mark unless it was set again.
 * A copy of an event that a fold of the hours around has met, whatever its own time, adds nothing. A segment that cannot be
 * read is left where it is and holds up no other. May be repeated, interrupted anywhere and run by several at once: every
 * plan is booked exactly once, and was decided on with the hours around as they still are.
 * @throws FoldContentionError when another folder is faster
 */
export async function foldUsage(
  ports: FoldPorts,
  configuration: Configuration,
  mark: DirtyMark,
): Promise<Folded> {
  let folded: Folded = { eventCount: 0, repeatCount: 0, waitingCount: 0, contradictingCount: 0, damaged: [] };
  const attribute = attributor(ports.subscriptions, configuration);
  const damaged = new Map<string, string>();
  let state = await finish(ports, await ports.folds.load(mark));
  for (let passes = 0; passes < maxPasses; passes += 1) {
    const readAt = await ports.clock.now();
    const passedOver = new Set([...state.foldedSegmentIds, ...damaged.keys()]);
    const { segments, complete } = await ports.usageLog.unfolded(mark, passedOver, maxEventsPerPass);
    const unpacked = segments.flatMap((segment) => unpackInto(damaged, segment));
    let seen = await lookAround(ports, configuration, state, unpacked);
    const parts = [...partsOf(unpacked)];
    for (const part of parts) {
      const coversUntil = complete && part === parts.at(-1) ? readAt : undefined;
      for (let tries = 1; ; tries += 1) {
        const decided = await planFold(attribute, state, part, seen.met, { now: readAt, coversUntil });
        if (decided.contradicting !== undefined) await ports.quarantine.put([decided.contradicting]);
        const opened = await ports.folds.open(state, decided.plan, decided.fresh, seen.around);
        if (opened !== undefined) {
          state = await finish(ports, opened);
          for (const [identity, check] of decided.fresh) seen.met.here.set(identity, check);
          folded = add(folded, decided.folded);
          break;
        }
        // The hours around are folded too, and went on meanwhile; what they have met by now is looked up anew.
        const { version } = await ports.folds.head(mark);
        if (version !== state.version || tries === maxTries) throw new FoldContentionError(mark);
        seen = await lookAround(ports, configuration, state, unpacked);
      }
    }
    if (!complete) continue;
    await ports.usageLog.removeMark(mark);
    return { ...folded, damaged: [...damaged.values()] };
  }
  throw new FoldContentionError(mark);
}

/** Books what was decided on, by us or by somebody who did not get to it. */
async function finish(ports: FoldPorts, state: FoldState): Promise<FoldState> {
  if (state.open === undefined) return state;
  await carryOut(ports, state.open);
  const closed = await ports.folds.close(state);
  if (closed === undefined) throw new FoldContentionError(state);
  return closed;
}

const add = (a: Folded, b: Omit<Folded, "damaged">): Folded => ({
  eventCount: a.eventCount + b.eventCount,
  repeatCount: a.repeatCount + b.repeatCount,
  waitingCount: a.waitingCount + b.waitingCount,
  contradictingCount: a.contradictingCount + b.contradictingCount,
  damaged: a.damaged,
});

/** Nothing when the segment cannot be read; then `damaged` says why. */
function unpackInto(damaged: Map<string, string>, segment: Segment): readonly Unpacked[] {
  try {
    const events = unpackSegment(segment).map((event) => [usageIdentity(event), event] as const);
    return [{ id: segment.id, events }];
  } catch (error) {
    if (!(error instanceof SegmentDamagedError)) throw error;
    damaged.set(segment.id, error.message);
    return [];
  }
}

/** Which of the events were met, in this hour-shard and in those around, and as of when. */
async function lookAround(
  { folds }: FoldPorts,
  { settings }: Configuration,
  state: FoldState,
  segments: readonly Unpacked[],
): Promise<{ around: readonly FoldHead[]; met: { here: Map<string, number>; elsewhere: MetEvents } }> {
  const places = neighboursOf(state, settings.shards, settings.dedupeHours);
  const around = await Promise.all(places.map((place) => folds.head(place)));
  const identities = new Set(segments.flatMap(({ events }) => events.map(([identity]) => identity)));
  const elsewhere = new Map<string, number>();
  // One after the other, so that the identities of one hour are held at a time.
  for (const head of around) {
    if (head.planIds.length === 0) continue;
    for (const [identity, check] of await folds.metAmong(head, identities)) elsewhere.set(identity, check);
  }
  const here = state.planIds.length === 0 ? [] : await folds.metAmong(state, identities);
  return { around, met: { here: new Map(here), elsewhere } };
}

/** The segments in parts that each make one plan: few, since each posts anew to the books that it touches. */
function* partsOf(segments: readonly Unpacked[]): Generator<readonly Unpacked[]> {
  let part: Unpacked[] = [];
  const amounts = new Set<string>();
  for (const segment of segments) {
    part.push(segment);
    for (const [, { subject, dimension, tagSet }] of segment.events)
      amounts.add(`${subject}\n${dimension}\n${tagSet}`);
    if (amounts.size < maxAmountsPerPlan) continue;
    yield part;
    part = [];
    amounts.clear();
  }
  if (part.length > 0) yield part;
}
