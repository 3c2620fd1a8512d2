/** A UTC instant in whole milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly __brand: "Instant" };

export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** The latest instant ECMAScript can name; anything later is not a time. */
const latestMs = 8.64e15;

/** @throws RangeError when `epochMs` is no whole number of milliseconds that a calendar can show. */
export function instant(epochMs: number): Instant {
  if (!Number.isInteger(epochMs) || Math.abs(epochMs) > latestMs)
    throw new RangeError(`not an instant: ${epochMs} ms`);
  return epochMs as Instant;
}

const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Reads RFC 3339 (a zone is required; digits beyond the millisecond are cut off). `undefined` when it is none, or names a day
 * or an hour that does not exist: JavaScript alone would move 30 February into March, and so into another month's bill.
 */
export function parseInstant(text: string): Instant | undefined {
  const [, year, month, day] = rfc3339.exec(text) ?? [];
  if (day === undefined || Number(day) > daysIn(Number(year), Number(month))) return undefined;
  // eslint-disable-next-line no-restricted-globals -- Date.parse of a text that names its zone is a pure function.
  const epochMs = Date.parse(text.toUpperCase().replace(" ", "T"));
  return Number.isNaN(epochMs) ? undefined : instant(epochMs);
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const daysIn = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

/** RFC 3339 in UTC with milliseconds, e.g. `2026-08-20T14:23:11.013Z`; sorts as the instants do (years 0 to 9999). */
export function formatInstant(at: Instant): string {
  // eslint-disable-next-line no-restricted-globals -- a Date made from a number reads no clock.
  return new Date(at).toISOString();
}

/** Stands for all time to come: the last instant of which the text still sorts as the instants do, and stores sort texts. */
export const someday = instant(253_402_300_799_999);

export const laterBy = (at: Instant, ms: number): Instant => instant(at + ms);
