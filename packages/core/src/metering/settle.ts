import type { Settings } from "../configuration/configuration.ts";
import { hourMs, type Instant, instant, laterBy, minuteMs } from "../time/instant.ts";
import {
  hourEnd,
  hourOf,
  hoursLater,
  hourStart,
  monthStart,
  nextMonthStart,
  type UtcHour,
} from "../time/utc-hour.ts";

/**
 * From then on an hour's usage has arrived, but for what is late. A month's last hour stays open longer, since what comes after it
 * is billed a month later; and no hour of a month settles later than it, whatever the delay, so that a month's usage is billed in
 * its month (BatchMeterUsage reference, 2026: the month before is closed at 06:00 UTC on the first).
 */
export function settledAt(hour: UtcHour, settings: Settings): Instant {
  const month = nextMonthStart(hour);
  const own = laterBy(hourEnd(hour), settings.settleDelayMinutes * minuteMs);
  const last = monthSettledAt(month, settings);
  return hoursLater(hour, 1) === month ? last : instant(Math.min(own, last));
}

/** What an hour is given for late usage where nothing else is said. */
const usualSettleMinutes = 10;

/** From when on people may ask where an hour's usage stays: its end, or that much later as it settles later than hours usually do. */
export const dueSince = (hour: UtcHour, settings: Settings): Instant =>
  laterBy(settledAt(hour, settings), -usualSettleMinutes * minuteMs);

/** When the month before `month` has settled: an hour is left to make its records, and one to have them taken. */
function monthSettledAt(month: UtcHour, settings: Settings): Instant {
  const start = hourStart(month);
  const own = start + settings.settleDelayMinutes * minuteMs;
  const wished = start + settings.monthEndSettleHour * hourMs;
  const shuts = start + Math.min(settings.monthEndCutoffHour, settings.windowHours - 1) * hourMs;
  return instant(Math.max(Math.min(wished, shuts - 2 * hourMs), Math.min(own, start + shortestMs)));
}

/** However narrow the windows are, so long is waited for a month's last hour, or as long as for any other. */
const shortestMs = 10 * minuteMs;

/** The latest hour that has settled, as have all before it. */
export function lastSettledHour(now: Instant, settings: Settings): UtcHour {
  const month = monthStart(hourOf(now));
  const byDelay = hoursLater(hourOf(laterBy(now, -settings.settleDelayMinutes * minuteMs)), -1);
  if (now < monthSettledAt(month, settings)) return Math.min(byDelay, hoursLater(month, -2)) as UtcHour;
  return Math.max(byDelay, hoursLater(month, -1)) as UtcHour;
}
