import { formatInstant, hourMs, type Instant, instant, parseInstant } from "./instant.ts";

/** A clock hour in UTC, counted from 1970-01-01T00. A type of its own, so that an hour is never taken for an instant. */
export type UtcHour = number & { readonly __brand: "UtcHour" };

export const hourOf = (at: Instant): UtcHour => Math.floor(at / hourMs) as UtcHour;
export const hourStart = (hour: UtcHour): Instant => instant(hour * hourMs);
/** The first instant that is no longer in the hour. */
export const hourEnd = (hour: UtcHour): Instant => instant((hour + 1) * hourMs);
export const hoursLater = (hour: UtcHour, count: number): UtcHour => (hour + count) as UtcHour;

/** `2026-08-20T14`, which sorts as the hours do. */
export const formatHour = (hour: UtcHour): string => formatInstant(hourStart(hour)).slice(0, 13);

/** Reads `2026-08-20T14`. `undefined` when the text is no hour. */
export function parseHour(text: string): UtcHour | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d$/.test(text)) return undefined;
  const at = parseInstant(`${text}:00:00Z`);
  return at === undefined ? undefined : hourOf(at);
}

/** The first hour of the UTC month that `hour` lies in. */
export function monthStart(hour: UtcHour): UtcHour {
  const first = parseHour(`${formatHour(hour).slice(0, 7)}-01T00`);
  if (first === undefined) throw new RangeError(`no month begins before hour ${hour}`);
  return first;
}

/** The first hour of the UTC month after the one that `hour` lies in. */
export const nextMonthStart = (hour: UtcHour): UtcHour => monthStart(hoursLater(monthStart(hour), 31 * 24));
