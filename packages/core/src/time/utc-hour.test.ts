import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, hour } from "../memory/example.ts";
import { instant } from "./instant.ts";
import {
  formatHour,
  hourEnd,
  hourOf,
  hoursLater,
  hourStart,
  monthStart,
  nextMonthStart,
  parseHour,
} from "./utc-hour.ts";

const anyInstant = fc
  .integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9999, 10, 30) })
  .map((epochMs) => instant(epochMs));

describe("a UTC hour", () => {
  test("holds each instant from its start to just before its end, and no other", () => {
    fc.assert(
      fc.property(anyInstant, (moment) => {
        const of = hourOf(moment);
        expect(hourStart(of) <= moment && moment < hourEnd(of)).toBe(true);
        expect(hourOf(hourStart(of))).toBe(of);
        expect(hourOf(hourEnd(of))).toBe(hoursLater(of, 1));
        expect(parseHour(formatHour(of))).toBe(of);
      }),
    );
  });

  test("before 1970 begins before the instant as well", () => {
    expect(formatHour(hourOf(at("1969-12-31T23:59:59.999Z")))).toBe("1969-12-31T23");
  });

  test.each(["2026-08-20T24", "2026-02-30T00", "2026-08-20", "2026-08-20T1", "2026-08-20T14:00", ""])(
    "%j is no hour",
    (text) => {
      expect(parseHour(text)).toBeUndefined();
    },
  );

  test("belongs to exactly one month, which begins on the first at 00", () => {
    fc.assert(
      fc.property(anyInstant, (moment) => {
        const of = hourOf(moment);
        expect(monthStart(of) <= of && of < nextMonthStart(of)).toBe(true);
        expect(formatHour(monthStart(of))).toBe(`${formatHour(of).slice(0, 7)}-01T00`);
        expect(formatHour(nextMonthStart(of)).slice(7)).toBe("-01T00");
        expect(monthStart(hoursLater(nextMonthStart(of), -1))).toBe(monthStart(of));
      }),
    );
  });

  test.each([
    ["2026-01-31T23", "2026-02-01T00"],
    ["2026-02-28T23", "2026-03-01T00"],
    ["2028-02-29T23", "2028-03-01T00"],
    ["2026-12-31T23", "2027-01-01T00"],
    ["2026-04-01T00", "2026-05-01T00"],
  ])("the month after %s begins at %s", (of, next) => {
    expect(formatHour(nextMonthStart(hour(of)))).toBe(next);
  });
});
