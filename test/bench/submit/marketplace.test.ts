import { expect, test } from "vitest";
import { mostWithin } from "./marketplace.ts";

test.each([
  [[], 0],
  [[5], 1],
  [[0, 999], 2],
  [[0, 1_000], 1],
  [[0, 600, 1_200, 1_500], 3],
])("of calls at %j at most %i come within a second", (times, most) => {
  expect(mostWithin(times, 1_000)).toBe(most);
});
