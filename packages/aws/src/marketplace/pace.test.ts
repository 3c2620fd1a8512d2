import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pace } from "./pace.ts";

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
