import { expect, test } from "vitest";
import { latencyOf, percentile, spreadOf } from "./statistics.ts";

test("a percentile is the smallest value that so many do not exceed", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0.01, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 50, 99, 100]);
  expect(percentile([7], 0.5)).toBe(7);
  expect(() => percentile([], 0.5)).toThrow(RangeError);
});

test("the order of values makes no difference", () => {
  expect(latencyOf([10, 9, 100])).toEqual({ count: 3, p50Ms: 10, p95Ms: 100, p99Ms: 100 });
  expect(spreadOf([10, 9, 100])).toEqual({ median: 10, least: 9, most: 100 });
});
