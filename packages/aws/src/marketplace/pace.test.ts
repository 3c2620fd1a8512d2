import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { evenPace, meteringCallsPerSecond, meteringPace, pace } from "./pace.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("never are more calls made in any second than were allowed, and all are made", async () => {
  const arrivals = fc.array(fc.nat({ max: 3_000 }), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 10 }), arrivals, async (limit, delays) => {
      const madeAt: number[] = [];
      const call = pace(limit, () => Promise.resolve(madeAt.push(Date.now())));
      const sorted = delays.toSorted((a, b) => a - b);
      const calls: Promise<number>[] = [];
      let passed = 0;
      for (const delay of sorted) {
        await vi.advanceTimersByTimeAsync(delay - passed);
        passed = delay;
        calls.push(call());
      }
      await vi.advanceTimersByTimeAsync(120_000);
      await Promise.all(calls);
      expect(madeAt).toHaveLength(delays.length);
      for (const start of madeAt)
        expect(madeAt.filter((at) => at >= start && at < start + 1_000).length).toBeLessThanOrEqual(limit);
    }),
  );
});

test("evenly paced calls keep their distance, however they arrive", async () => {
  const waits = fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 10 }), waits, async (rate, delays) => {
      const madeAt: number[] = [];
      const call = evenPace(rate, () => Promise.resolve(madeAt.push(Date.now())));
      const calls: Promise<number>[] = [];
      for (const delay of delays) {
        calls.push(call());
        await vi.advanceTimersByTimeAsync(delay);
      }
      await vi.advanceTimersByTimeAsync(delays.length * 1_000);
      await Promise.all(calls);
      expect(madeAt).toHaveLength(delays.length);
      for (const distance of distancesOf(madeAt)) expect(distance).toBeGreaterThanOrEqual(1_000 / rate);
    }),
  );
});

test("AWS's quota holds where calls arrive, although the way there takes one 30 ms less than another", async () => {
  const sentAt: number[] = [];
  const call = evenPace(meteringPace, () => Promise.resolve(sentAt.push(Date.now())));
  const calls = Array.from({ length: 200 }, () => call());
  await vi.advanceTimersByTimeAsync(60_000);
  await Promise.all(calls);
  const beyondQuota = sentAt.slice(meteringCallsPerSecond);
  for (const [index, at] of beyondQuota.entries())
    expect(at - 30 - (sentAt[index] ?? 0)).toBeGreaterThanOrEqual(1_000);
  expect(beyondQuota).not.toHaveLength(0);
});

test("evenly paced calls that became due while the process stood still keep their distance", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const timers: { readonly dueAt: number; readonly run: () => void }[] = [];
  vi.stubGlobal("setTimeout", (run: () => void, ms: number) => timers.push({ dueAt: Date.now() + ms, run }));
  const madeAt: number[] = [];
  const call = evenPace(50, () => Promise.resolve(madeAt.push(Date.now())));
  const calls = Array.from({ length: 5 }, () => call());
  expect(timers).toHaveLength(4);
  vi.setSystemTime(Date.now() + 100);
  while (timers.length > 0) {
    timers.sort((a, b) => a.dueAt - b.dueAt);
    const next = timers.shift();
    vi.setSystemTime(Math.max(Date.now(), next?.dueAt ?? 0));
    next?.run();
  }
  vi.unstubAllGlobals();
  await Promise.all(calls);
  expect(madeAt).toHaveLength(5);
  for (const distance of distancesOf(madeAt)) expect(distance).toBeGreaterThanOrEqual(20);
});

const distancesOf = (instants: readonly number[]): readonly number[] =>
  instants.slice(1).map((at, index) => at - (instants[index] ?? 0));
