import type { Configuration } from "../configuration/configuration.ts";
import { reasonOf } from "../error/reason.ts";
import { type Instant, laterBy, minuteMs } from "../time/instant.ts";
import { finalDeadline, type SubscriptionId } from "../lifecycle/subscription.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { formatHour, hourOf, hoursLater, type UtcHour } from "../time/utc-hour.ts";
import { type HourShard, maxShardCount } from "../usage/shard.ts";
import type { UsageLog } from "../usage/usage-log.ts";
import { finalBarrier } from "./final-hour.ts";
import { hastenRecords } from "./hasten.ts";
import { addSubmitted, noneSubmitted, type Submitted } from "./outcome.ts";
import { type Sealed, sealHours, type SealPorts } from "./seal-hours.ts";
import { lastSettledHour, settledAt } from "./settle.ts";
import type { BookKey } from "./book.ts";
import type { FoldStore, Progress } from "./store.ts";
import { earliestOpenHour } from "./usage-record.ts";
import { beginRun, countRun, RestoredError, type RunPorts } from "./restore.ts";
import { submitRecords } from "./submit.ts";
import type { SubmitPorts } from "./submission.ts";
import { type Looked, nothingLooked, sweepWaiting, type WaitingPorts } from "./waiting.ts";
import { sealZeros, type ZeroPorts } from "./zero-records.ts";

/** Asks for hour-shards to be folded, each by itself and several at once. A request that is lost is made again by the next run. */
export interface FoldRequests {
  request(places: readonly HourShard[]): Promise<void>;
}

export type MeterPorts = SealPorts &
  SubmitPorts &
  WaitingPorts &
  ZeroPorts &
  RunPorts & {
    readonly usageLog: Pick<UsageLog, "marks">;
    readonly folds: Pick<FoldStore, "head">;
    readonly progress: Progress;
    readonly foldRequests: FoldRequests;
    /** Of the lifecycle: what is due when a final window is over. */
    readonly outbox: Pick<Outbox, "undone">;
    /** @throws when the configured shards are not those of the log: then marks would be overlooked */
    readonly keepShards: () => Promise<void>;
  };

export interface MeterReport {
  /** Hour-shards with usage that is not counted yet. */
  readonly requestedFolds: number;
  readonly sealedRecords: number;
  /** Records without units. */
  readonly zeroRecords: number;
  /** Records that would have been made, of products in a dry run. */
  readonly rehearsedRecords: number;
  readonly submitted: Submitted;
  readonly looked: Looked;
  /** Books that hold whole units and could not be sealed, with the reason. */
  readonly skipped: readonly { readonly key: BookKey; readonly reason: string }[];
  /** Units that nobody will be billed for, by book and why. */
  readonly writtenOff: Sealed["writtenOff"];
  /** What else could not be done, in sentences; the next run tries again. */
  readonly problems: readonly string[];
  /** Something failed that was to be done for subscriptions that were named: the schedule does not know them, so they must be named again. */
  readonly isToComeAgain: boolean;
  /** Whether the books were kept at all; otherwise nothing that came in was folded or sealed, as the problems say. */
  readonly isComplete: boolean;
}

export interface MeterRequest {
  /** Left out when a fold has just been done: asking for the others again would only crowd their queue. */
  readonly asksForFolds?: boolean;
  /** Subscriptions that end, or of which something else has changed that AWS may answer differently to now. */
  readonly changed?: readonly SubscriptionId[];
  /** The part of the run's time that is left, from 1 down to 0: submitting stops, and says that there is more. */
  readonly timeLeft?: () => number;
}

/** Of a run's time, records that were due before may take so much, and all submitting leaves so much. */
const shareOfDue = 0.7;
const shareLeft = 0.15;

/**
 * One run of the meter: submits what is pending, asks for what has settled to be folded, seals the hours before the oldest of
 * those, submits the new records. Each step may fail without stopping what does not depend on it, and the whole may be
 * repeated at any time, also several times at once. With books that were restored from a backup nothing is done.
 */
export async function runMeter(
  ports: MeterPorts,
  configuration: Configuration,
  request: MeterRequest = {},
): Promise<MeterReport> {
  const { changed = [], timeLeft = () => 1 } = request;
  const problems: string[] = [];
  const restored = await beginRun(ports, configuration).catch((error: unknown) => {
    // Whatever else it is, the run has failed: messages come back, and people are told.
    if (error instanceof RestoredError) return error;
    throw error;
  });
  if (restored instanceof RestoredError) return notRun(restored.message, changed.length > 0);
  if (restored !== undefined) problems.push(restored);
  const attempt = async <Value>(what: Promise<Value>, otherwise: Value): Promise<Value> =>
    what.catch((error: unknown) => {
      problems.push(reasonOf(error));
      return otherwise;
    });
  for (const id of changed) await attempt(hastenRecords(ports, configuration, id), undefined);
  // What is due goes first: nothing that fails after it must make it late.
  const due = await attempt(
    submitRecords(ports, configuration, () => timeLeft() > shareOfDue),
    noneSubmitted,
  );
  const books = await attempt(keepBooks(ports, configuration, request), nothingBooked);
  const more = await attempt(
    submitRecords(ports, configuration, () => timeLeft() > shareLeft),
    noneSubmitted,
  );
  const submitted = { ...addSubmitted(due, more), isMore: more.isMore };
  const { hasFailed, ...kept } = books;
  const isComplete = books !== nothingBooked;
  const isToComeAgain = changed.length > 0 && (hasFailed || problems.length > 0);
  const looked = await attempt(sweepWaiting(ports, configuration), nothingLooked);
  await attempt(countRun(ports), undefined);
  const all = [...problems, ...kept.problems, ...looked.problems];
  return { ...kept, submitted, looked, problems: all, isToComeAgain, isComplete };
}

/** Nothing was done. */
function notRun(reason: string, isToComeAgain: boolean): MeterReport {
  const nothing = { ...nothingKept, submitted: noneSubmitted, looked: nothingLooked };
  return { ...nothing, problems: [reason], isToComeAgain, isComplete: false };
}

type Booked = Omit<MeterReport, "submitted" | "looked" | "isToComeAgain" | "isComplete"> & {
  /** Whether something could not be asked for. */
  readonly hasFailed: boolean;
};
const nothingKept: Omit<Booked, "hasFailed"> = {
  ...{ requestedFolds: 0, sealedRecords: 0, zeroRecords: 0, rehearsedRecords: 0 },
  skipped: [],
  writtenOff: [],
  problems: [],
};
const nothingBooked: Booked = { ...nothingKept, hasFailed: true };

/** Asks for what has settled to be folded, and seals the hours that are. */
async function keepBooks(
  ports: MeterPorts,
  configuration: Configuration,
  { asksForFolds = true, changed = [], timeLeft = () => 1 }: MeterRequest,
): Promise<Booked> {
  await ports.keepShards();
  const { settings } = configuration;
  const now = await ports.clock.now();
  const settled = lastSettledHour(now, settings);
  const marked = await markedPlaces(ports, configuration, settled);
  const requests = new RequestedFolds(ports.foldRequests);
  const leaving = new Set([...changed, ...(asksForFolds ? await endings(ports, now) : [])]);
  if (asksForFolds) await requests.request(marked);
  const { through, problems } = await foldedThrough(ports, configuration, marked, settled, now);
  const current = async () =>
    (await markedPlaces(ports, configuration, hourOf(now))).filter(({ hour }) => hour > through);
  // Of a grant that ends nothing may wait for its hour to settle, nor for other books to be sealed.
  if (asksForFolds && leaving.size > 0) await requests.request(await current());
  const isFinal = finalBarrier(settings, now, async () =>
    Promise.all((await current()).map((place) => ports.folds.head(place))),
  );
  const hasTime = () => timeLeft() > shareLeft;
  const sealed = await sealHours(ports, configuration, { through, isFinal, now }, [...leaving], hasTime);
  if (asksForFolds && leaving.size === 0 && sealed.isAnyEnding) await requests.request(await current());
  const zeros = await sealZeros(ports, configuration, through, now, hasTime).catch(requests.failed);
  const unfinished = sealed.isCutShort
    ? ["time ran out before all books were sealed; the next run goes on"]
    : [];
  return booked(sealed, zeros, requests, [...problems, ...unfinished]);
}

/** Subscriptions looked up that are in their final hour. */
const mostEndings = 1_000;

/**
 * Who is in the final hour now, should a request about it have been lost: an entry of the outbox waits for the end of each window.
 */
async function endings({ outbox }: MeterPorts, now: Instant): Promise<readonly SubscriptionId[]> {
  const due = await outbox.undone(finalDeadline(now), mostEndings);
  return due.flatMap(({ task }) => (task.kind === "elapse-window" ? [task.subscriptionId] : []));
}

const booked = (
  { sealed, rehearsed, skipped, writtenOff }: Sealed,
  zeroRecords: number,
  requests: RequestedFolds,
  problems: readonly string[],
): Booked => ({
  requestedFolds: requests.count,
  sealedRecords: sealed.length,
  zeroRecords,
  rehearsedRecords: rehearsed.length,
  problems: [...requests.failures, ...problems],
  skipped,
  writtenOff,
  hasFailed: requests.failures.length > 0,
});

/** What was asked for; that it could not be stops nothing else. */
class RequestedFolds {
  count = 0;
  readonly failures: string[] = [];
  private readonly requests: FoldRequests;
  constructor(requests: FoldRequests) {
    this.requests = requests;
  }

  async request(places: readonly HourShard[]): Promise<void> {
    if (places.length === 0) return;
    this.count += places.length;
    await this.requests.request(places).catch(this.failed);
  }

  readonly failed = (error: unknown): number => {
    this.failures.push(reasonOf(error));
    return 0;
  };
}

/** Every settled hour-shard that is marked, oldest first. What is stored and not marked when the hour has settled is late. */
async function markedPlaces(
  { usageLog }: MeterPorts,
  { settings }: Configuration,
  settled: UtcHour,
): Promise<readonly HourShard[]> {
  const shards = Array.from({ length: maxShardCount(settings.shards) }, (_, shard) => shard);
  const marks = await Promise.all(shards.map((shard) => usageLog.marks(shard, settled)));
  return marks.flat().toSorted((a, b) => a.hour - b.hour);
}

/** How long after it has settled an hour may be unfolded before people should know: its fold fails again and again. */
const patienceMinutes = 60;

/**
 * The last hour through which everything that came in before the hours settled is in the books. Once it was, it is for good:
 * usage that comes later holds up nothing, however much of it there is, and goes into a later record. Nor do hours so old that AWS
 * takes no record of them.
 */
async function foldedThrough(
  { folds, progress }: MeterPorts,
  { settings }: Configuration,
  marked: readonly HourShard[],
  settled: UtcHour,
  now: Instant,
): Promise<{ through: UtcHour; problems: readonly string[] }> {
  const known = await progress.load();
  const closed = hoursLater(earliestOpenHour(now, settings), -1);
  const begin = known === undefined || known < closed ? closed : known;
  for (const { hour, shard } of marked.filter((place) => place.hour > begin)) {
    const { coveredUntil } = await folds.head({ hour, shard });
    if (coveredUntil !== undefined && coveredUntil >= settledAt(hour, settings)) continue;
    const isStuck = now > laterBy(settledAt(hour, settings), patienceMinutes * minuteMs);
    const problem = `no hour from ${formatHour(hour)} on is sealed: its shard ${shard} is not folded. See the fold function's log`;
    return {
      through: await reach(progress, known, hoursLater(hour, -1)),
      problems: isStuck ? [problem] : [],
    };
  }
  return { through: await reach(progress, known, settled), problems: [] };
}

async function reach(progress: Progress, known: UtcHour | undefined, through: UtcHour): Promise<UtcHour> {
  if (known !== undefined && known >= through) return known;
  await progress.advance(through);
  return through;
}
