import { expect, it } from "vitest";
import { clockStep, jumps, speeds } from "./clock-change.ts";

const after = (step: string, now: string): string => {
  const { nowMs = NaN } = clockStep(step)?.change({ nowMs: Date.parse(now), rate: 1 }) ?? {};
  return new Date(nowMs).toISOString();
};

it.each([
  ["minutes", "2026-08-20T14:23:11.013Z", "2026-08-20T14:28:11.013Z"],
  ["hour", "2026-08-20T14:23:11Z", "2026-08-20T15:15:00.000Z"],
  ["hour", "2026-12-31T23:59:59.999Z", "2027-01-01T00:15:00.000Z"],
  ["day", "2026-08-20T00:00:00Z", "2026-08-21T00:15:00.000Z"],
  ["month-end", "2026-02-03T10:00:00Z", "2026-02-28T23:50:00.000Z"],
  ["month-end", "2028-02-29T23:50:00Z", "2028-03-31T23:50:00.000Z"],
  ["past-month", "2026-12-31T23:50:00Z", "2027-01-01T06:05:00.000Z"],
])("%s leads from %s to %s", (step, now, then) => {
  expect(after(step, now)).toBe(then);
});

it("only ever leads ahead, from every minute of two years", () => {
  const from = Date.parse("2027-01-01T00:00:00Z");
  for (let nowMs = from; nowMs < from + 2 * 365 * 86_400_000; nowMs += 60_000)
    for (const { change } of Object.values(jumps))
      if ((change({ nowMs, rate: 1 }).nowMs ?? nowMs) <= nowMs) expect.fail(new Date(nowMs).toISOString());
});

it("leaves the time alone where it changes the speed", () => {
  expect(Object.values(speeds).map(({ change }) => change({ nowMs: 5, rate: 7 }))).toEqual([
    { rate: 0 },
    { rate: 1 },
    { rate: 60 },
    { rate: 600 },
  ]);
  expect(clockStep("constructor")).toBeUndefined();
});
