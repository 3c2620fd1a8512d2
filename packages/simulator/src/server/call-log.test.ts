import { expect, it } from "vitest";
import { CallLog } from "./call-log.ts";

const call = (operation: string) => ({
  arrivedAtMs: 1,
  simulatedAt: "2026-08-20T14:00:00.000Z",
  operation,
  outcome: "ok",
});

it("keeps at least the latest ten thousand calls, with their numbers, and not twice as many", () => {
  const log = new CallLog();
  for (let made = 0; made < 25_000; made += 1) log.add(call("BatchMeterUsage"));
  const numbers = log.since(0).map(({ number }) => number);
  expect(numbers.slice(-10_000)[0]).toBe(15_001);
  expect(numbers.at(-1)).toBe(25_000);
  expect(numbers.length).toBeLessThan(20_000);
});

it("tells the calls after a number, and those of one operation", () => {
  const log = new CallLog();
  for (const operation of ["A", "B", "A"]) log.add(call(operation));
  expect(log.since(1).map(({ number }) => number)).toEqual([2, 3]);
  expect(log.since(0, "A").map(({ number }) => number)).toEqual([1, 3]);
});
