import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatInstant, instant, laterBy, parseInstant } from "./instant.ts";

const firstYear = Date.UTC(1, 0, 1);
const lastYear = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

describe("an instant", () => {
  test("is read back as it was written, for every millisecond of the years 1 to 9999", () => {
    fc.assert(
      fc.property(fc.integer({ min: firstYear, max: lastYear }), (epochMs) => {
        expect(parseInstant(formatInstant(instant(epochMs)))).toBe(epochMs);
      }),
    );
  });

  test("sorts as text as it sorts as a number", () => {
    const epochMs = fc.integer({ min: 0, max: lastYear });
    fc.assert(
      fc.property(epochMs, epochMs, (a, b) => {
        expect(formatInstant(instant(a)) < formatInstant(instant(b))).toBe(a < b);
      }),
    );
  });

  test("means the same in every zone", () => {
    const epochMs = fc.integer({ min: 0, max: Date.UTC(9998, 0, 1) });
    fc.assert(
      fc.property(epochMs, fc.integer({ min: -14 * 60, max: 14 * 60 }), (utc, offsetMinutes) => {
        const two = (value: number) => String(value).padStart(2, "0");
        const size = Math.abs(offsetMinutes);
        const zone = `${offsetMinutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
        const local = formatInstant(laterBy(instant(utc), offsetMinutes * 60_000)).replace("Z", zone);
        fc.pre(!local.startsWith("-"));
        expect(parseInstant(local)).toBe(utc);
      }),
    );
  });

  test.each([
    ["2026-08-20T14:23:11Z", "2026-08-20T14:23:11.000Z"],
    ["2026-08-20t14:23:11z", "2026-08-20T14:23:11.000Z"],
    ["2026-08-20 14:23:11.5+02:00", "2026-08-20T12:23:11.500Z"],
    ["2026-08-20T14:23:11.0139999Z", "2026-08-20T14:23:11.013Z"],
    ["2026-08-20T14:23:11.999999999Z", "2026-08-20T14:23:11.999Z"],
    ["2028-02-29T23:59:59-00:30", "2028-03-01T00:29:59.000Z"],
    ["2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00.000Z"],
  ])("%s is %s", (text, expected) => {
    const at = parseInstant(text);
    expect(at === undefined ? undefined : formatInstant(at)).toBe(expected);
  });

  test.each([
    ["no zone", "2026-08-20T14:23:11"],
    ["no time", "2026-08-20"],
    ["no seconds", "2026-08-20T14:23Z"],
    ["a number", "1755699791"],
    ["ten decimals", "2026-08-20T14:23:11.0123456789Z"],
    ["30 February, which must not become 2 March", "2026-02-30T00:00:00Z"],
    ["29 February of a common year", "2026-02-29T00:00:00Z"],
    ["31 April, the month's end", "2026-04-31T23:59:59Z"],
    ["day 0", "2026-08-00T00:00:00Z"],
    ["month 13", "2026-13-01T00:00:00Z"],
    ["hour 24, which must not become the next day", "2026-08-20T24:00:00Z"],
    ["a leap second, which has no millisecond of its own", "2026-12-31T23:59:60Z"],
    ["an offset of 25 hours", "2026-08-20T14:23:11+25:00"],
    ["a line behind it", "2026-08-20T14:23:11Z\n"],
    ["nothing", ""],
  ])("%s is no instant", (_, text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 0.5, 8.64e15 + 1, -8.64e15 - 1])(
    "%d milliseconds are refused",
    (epochMs) => {
      expect(() => instant(epochMs)).toThrow(RangeError);
    },
  );
});
