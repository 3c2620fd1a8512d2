import type { Settings } from "../configuration/configuration.ts";
import { dayMs, formatInstant, type Instant, minuteMs } from "../time/instant.ts";
import { hourEnd, hourOf } from "../time/utc-hour.ts";
import { parseUsageEvent, type UsageEvent } from "./usage-event.ts";

/** The one rule by which usage is accepted, whatever door it comes in by: a CloudEvent of usage whose time can be counted. */
export function acceptEvent(
  value: unknown,
  settings: Pick<Settings, "futureToleranceMinutes" | "acceptUsageDays">,
  now: Instant,
): UsageEvent | { readonly refused: string } {
  const event = parseUsageEvent(value);
  if ("refused" in event) return event;
  const aheadMinutes = (event.at - now) / minuteMs;
  if (aheadMinutes > settings.futureToleranceMinutes) {
    return {
      refused: `time ${formatInstant(event.at)} lies ${Math.ceil(aheadMinutes)} minutes ahead of our clock: correct the sender's clock`,
    };
  }
  const latest = hourEnd(hourOf(event.at)) + settings.acceptUsageDays * dayMs;
  if (now > latest)
    return {
      refused: `time ${formatInstant(event.at)} is more than ${settings.acceptUsageDays} days ago, too late to be counted`,
    };
  return event;
}

/** A reason may quote what a stranger sent; it is stored or sent back whole, and read by a person. */
export const shortened = (reason: string, maxLength: number): string =>
  reason.length <= maxLength ? reason : `${reason.slice(0, maxLength).toWellFormed()}…`;
