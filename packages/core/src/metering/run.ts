import type { Configuration } from "../configuration/configuration.ts";
import type { Clock } from "../time/clock.ts";
import { hoursLater, type UtcHour } from "../time/utc-hour.ts";
import { type HourShard, maxShardCount } from "../usage/shard.ts";
import type { UsageLog } from "../usage/usage-log.ts";
import { lastSettledHour, sealHours, type SealPorts, settledAt } from "./seal-hours.ts";
import type { FoldStore } from "./store.ts";
import { addSubmitted, type Submitted, type SubmitPorts, submitRecords } from "./submit.ts";
import { type Looked, nothingLooked, sweepWaiting, type WaitingPorts } from "./waiting.ts";

/** Asks for hour-shards to be folded, each by itself and several at once. A request that is lost is made again by the next run. */
export interface FoldRequests {
  request(places: readonly HourShard[]): Promise<void>;
}

export type MeterPorts = SealPorts &
  SubmitPorts &
  WaitingPorts & {
    readonly usageLog: Pick<UsageLog, "marks">;
    readonly folds: Pick<FoldStore, "head">;
    readonly foldRequests: FoldRequests;
    /** @throws when the configured shards are not those of the log: then marks would be overlooked */
    readonly keepShards: () => Promise<void>;
    readonly clock: Clock;
  };

export interface MeterReport {
  /** Hour-shards with usage that is not counted yet. */
  readonly requestedFolds: number;
  readonly sealedRecords: number;
  readonly submitted: Submitted;
  readonly looked: Looked;
  /** What could not be done, in sentences; the next run tries again. */
  readonly problems: readonly string[];
}

/**
 * One run of the meter: submits what is pending, asks for what has settled to be folded, seals the hours before the oldest of
 * those, submits the new records. Each step may fail without stopping what does not depend on it, and the whole may be
 * repeated at any time, also several times at once.
 * @param asksForFolds left out when a fold has just been done: asking for the others again would only crowd their queue
 */
export async function runMeter(
  ports: MeterPorts,
  configuration: Configuration,
  { asksForFolds = true }: { readonly asksForFolds?: boolean } = {},
): Promise<MeterReport> {
  const problems: string[] = [];
  const attempt = async <Value>(what: Promise<Value>, otherwise: Value): Promise<Value> =>
    what.catch((error: unknown) => {
      problems.push(reasonOf(error));
      return otherwise;
    });
  // What is due goes first: nothing that fails after it must make it late.
  const due = await submitRecords(ports, configuration);
  const books = await attempt(keepBooks(ports, configuration, asksForFolds), nothingBooked);
  const submitted = addSubmitted(due, await submitRecords(ports, configuration));
  const looked = await attempt(sweepWaiting(ports, configuration), nothingLooked);
  return { ...books, submitted, looked, problems: [...problems, ...books.problems] };
}

type Booked = Pick<MeterReport, "requestedFolds" | "sealedRecords" | "problems">;
const nothingBooked: Booked = { requestedFolds: 0, sealedRecords: 0, problems: [] };

/** Asks for what has settled to be folded, and seals the hours that are. */
async function keepBooks(
  ports: MeterPorts,
  configuration: Configuration,
  asksForFolds: boolean,
): Promise<Booked> {
  await ports.keepShards();
  const now = await ports.clock.now();
  const settled = lastSettledHour(now, configuration.settings);
  const marked = await markedPlaces(ports, configuration, settled);
  const requested = asksForFolds ? marked : [];
  const failure = await ports.foldRequests.request(requested).then(
    () => [],
    (error: unknown) => [reasonOf(error)],
  );
  const through = await foldedThrough(ports, configuration, marked, settled);
  const { sealed, skipped } = await sealHours(ports, configuration, through, now);
  return {
    requestedFolds: requested.length,
    sealedRecords: sealed.length,
    problems: [
      ...failure,
      ...skipped.map(({ key, reason }) => `${key.subscriptionId}, ${key.dimension}: ${reason}`),
    ],
  };
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Every settled hour-shard that is marked, oldest first. Read after the hour has settled, so none of its usage is overlooked. */
async function markedPlaces(
  { usageLog }: MeterPorts,
  { settings }: Configuration,
  settled: UtcHour,
): Promise<readonly HourShard[]> {
  const shards = Array.from({ length: maxShardCount(settings.shards) }, (_, shard) => shard);
  const marks = await Promise.all(shards.map((shard) => usageLog.marks(shard, settled)));
  return marks.flat().toSorted((a, b) => a.hour - b.hour);
}

/**
 * The last hour through which everything that came in before the hours settled is in the books. Usage that came later holds up
 * nothing, however much of it there is: it goes into a later record.
 */
async function foldedThrough(
  { folds }: MeterPorts,
  { settings }: Configuration,
  marked: readonly HourShard[],
  settled: UtcHour,
): Promise<UtcHour> {
  for (const { hour, shard } of marked) {
    const { coveredUntil } = await folds.head({ hour, shard });
    if (coveredUntil === undefined || coveredUntil < settledAt(hour, settings)) return hoursLater(hour, -1);
  }
  return settled;
}
