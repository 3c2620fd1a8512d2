import fc from "fast-check";
import { expect, it } from "vitest";
import { dayMs } from "../time.ts";
import { isInWindow } from "./window.ts";

const at = (text: string) => Date.parse(text);

it.each([
  ["now", "2026-08-20T14:00:00Z", "2026-08-20T14:00:00Z", true],
  ["a moment ahead", "2026-08-20T14:00:01Z", "2026-08-20T14:00:00Z", false],
  ["just less than a day", "2026-08-19T14:00:01Z", "2026-08-20T14:00:00Z", true],
  ["a day exactly", "2026-08-19T14:00:00Z", "2026-08-20T14:00:00Z", false],
  ["last month's usage before six on the first", "2026-03-31T23:00:00Z", "2026-04-01T05:59:59Z", true],
  ["last month's usage at six on the first", "2026-03-31T23:00:00Z", "2026-04-01T06:00:00Z", false],
  ["this month's usage at six on the first", "2026-04-01T00:00:00Z", "2026-04-01T06:00:00Z", true],
  ["last year's usage before six on New Year's Day", "2026-12-31T12:00:00Z", "2027-01-01T05:00:00Z", true],
  ["a day-old record within the month's grace", "2026-03-31T04:00:00Z", "2026-04-01T05:00:00Z", false],
])("%s", (_, timestamp, now, accepted) => {
  expect(isInWindow(at(timestamp), at(now))).toBe(accepted);
});

it("within a month, exactly the last 24 hours are taken, whatever the day", () => {
  const midMonth = fc.integer({ min: at("2026-08-02T00:00:00Z"), max: at("2026-08-31T23:59:59Z") });
  fc.assert(
    fc.property(midMonth, fc.integer({ min: -2 * dayMs, max: 2 * dayMs }), (nowMs, ageMs) => {
      fc.pre(new Date(nowMs - ageMs).getUTCMonth() === 7);
      expect(isInWindow(nowMs - ageMs, nowMs)).toBe(ageMs >= 0 && ageMs < dayMs);
    }),
  );
});
