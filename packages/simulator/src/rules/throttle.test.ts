import fc from "fast-check";
import { expect, it } from "vitest";
import { admit, type Bucket } from "./throttle.ts";

/** How many of the calls at these instants are admitted. */
function admitted(instants: readonly number[], perSecond: number): number {
  let bucket: Bucket | undefined;
  let count = 0;
  for (const nowMs of instants) {
    const outcome = admit(bucket, perSecond, nowMs);
    ({ bucket } = outcome);
    if (outcome.admitted) count += 1;
  }
  return count;
}

it("a second's calls are admitted at once, and then no more until time passes", () => {
  const burst = (nowMs: number, calls: number) => Array.from({ length: calls }, () => nowMs);
  expect(admitted(burst(0, 30), 20)).toBe(20);
  expect(admitted([...burst(0, 30), ...burst(50, 5)], 20)).toBe(21);
  expect(admitted([...burst(0, 30), ...burst(1_000, 30)], 20)).toBe(40);
  expect(admitted([...burst(0, 30), ...burst(3_600_000, 30)], 20)).toBe(40);
});

it("never more than the burst and the rate allow", () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 20 }), (pauses, perSecond) => {
      let nowMs = 0;
      const instants = pauses.map((pause) => (nowMs += pause));
      expect(admitted(instants, perSecond)).toBeLessThanOrEqual(perSecond + (nowMs * perSecond) / 1_000);
    }),
  );
});

it("who stays below the rate is never refused", () => {
  const instants = Array.from({ length: 100 }, (_, index) => index * 200);
  expect(admitted(instants, 5)).toBe(100);
});
