import type { Settings } from "../configuration/configuration.ts";
import { dueSince, settledAt } from "../metering/settle.ts";
import { hourMs, type Instant, laterBy, minuteMs } from "../time/instant.ts";
import type { Ending, Sight } from "./sight.ts";

/** What waits, as numbers that a graph can show. Where nothing waits a number says so; none is ever left out. */
export interface Gauges {
  /** Of the oldest usage that AWS could have accepted and has not, counted or not, from the end of its hour. */
  readonly oldestUsageHours: number;
  /** Until nobody is billed for something; a day where that is further off, or never. */
  readonly nearestDeadlineMinutes: number;
  readonly recordsPending: number;
  readonly booksUnsealed: number;
  readonly finalHoursUnfinished: number;
  readonly oldestUnattributedHours: number;
  /** How late the oldest hour is that sealing waits for, since its end. */
  readonly foldLagMinutes: number;
  readonly hourShardsUnfolded: number;
  readonly productsPaused: number;
  readonly productsHeld: number;
  /** Whether something was not looked at, so that the other numbers may be too good. */
  readonly isIncomplete: boolean;
}

const dayMinutes = 24 * 60;

/** Ages of what lies ahead are none. */
const age = (since: Instant | undefined, now: Instant, unitMs: number): number =>
  since === undefined ? 0 : rounded(Math.max(now - since, 0) / unitMs);

const rounded = (value: number): number => Math.round(value * 100) / 100;

export function gaugesOf(sight: Sight, settings: Settings, now: Instant): Gauges {
  const { risk, switches } = sight;
  const toDeadline = risk.all.nearestAt === undefined ? dayMinutes : (risk.all.nearestAt - now) / minuteMs;
  return {
    oldestUsageHours: Math.max(
      age(risk.lateSince, now, hourMs),
      age(foldsDueSince(sight, settings), now, hourMs),
    ),
    nearestDeadlineMinutes: rounded(Math.min(Math.max(toDeadline, 0), dayMinutes)),
    recordsPending: risk.all.records,
    booksUnsealed: risk.lateBooks,
    finalHoursUnfinished: unfinishedEndings(sight, settings, now).length,
    oldestUnattributedHours: age(risk.waitingSince, now, hourMs),
    foldLagMinutes: age(foldsDueSince(sight, settings), now, minuteMs),
    hourShardsUnfolded: sight.unfoldedCount,
    productsPaused: switches.filter(({ paused }) => paused !== undefined).length,
    productsHeld: switches.filter(({ held }) => held !== undefined).length,
    isIncomplete: sight.unseen.length > 0,
  };
}

/** After the end of a grant its last hour is done by then; AWS takes it for as long again. */
const finalHourMinutes = 30;
/** Sealing and submitting take so long once the last usage has had its time to arrive. */
const afterSettledMinutes = 10;

/** Grants whose final hour should be done by now and is not. */
export function unfinishedEndings(
  { endings }: Sight,
  { finalSettleMinutes }: Settings,
  now: Instant,
): readonly Ending[] {
  const patienceMinutes = Math.max(finalHourMinutes, finalSettleMinutes + afterSettledMinutes);
  return endings.filter(({ cutAt, isDone }) => !isDone && now >= laterBy(cutAt, patienceMinutes * minuteMs));
}

/** An hour is waited for until all that came in before it settled is counted; what is marked for later usage is not. */
function foldsDueSince({ unfolded }: Sight, settings: Settings): Instant | undefined {
  const open = unfolded.filter(
    ({ hour, coveredUntil }) => coveredUntil === undefined || coveredUntil < settledAt(hour, settings),
  );
  return open.map(({ hour }) => dueSince(hour, settings)).toSorted((a, b) => a - b)[0];
}
