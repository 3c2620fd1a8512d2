import { dayMs, formatInstant, hourMs, type Instant, minuteMs, secondMs } from "@tollhouse/core/time/instant";

/** `2026-08-20 14:23:11Z`; fractions of a second matter to nobody who reads a screen. */
export const absolute = (at: Instant): string => `${formatInstant(at).slice(0, 19).replace("T", " ")}Z`;

const units = [
  { ms: 365 * dayMs, name: "year" },
  { ms: 30 * dayMs, name: "month" },
  { ms: dayMs, name: "day" },
  { ms: hourMs, name: "hour" },
  { ms: minuteMs, name: "min" },
  { ms: secondMs, name: "s" },
] as const;

/** `3 min ago`, `in 2 days`, `now`: whole units, rounded down, so that an age is never made greater. */
export function relative(at: Instant, now: Instant): string {
  const size = Math.abs(at - now);
  const unit = units.find(({ ms }) => size >= ms);
  if (unit === undefined) return "now";
  const count = Math.floor(size / unit.ms);
  const isWord = unit.ms >= hourMs;
  const amount = `${count} ${unit.name}${isWord && count > 1 ? "s" : ""}`;
  return at > now ? `in ${amount}` : `${amount} ago`;
}

export const both = (at: Instant, now: Instant): string => `${absolute(at)} (${relative(at, now)})`;
