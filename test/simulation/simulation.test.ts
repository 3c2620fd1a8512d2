import { describe, expect, test } from "vitest";
import { Random } from "./random.ts";
import { readSteps, writeSteps } from "./shrink.ts";
import { allSteps, type Outcome, simulate } from "./simulate.ts";

const steps = allSteps(400);
/** Fresh seeds are tried as long as this, fixed ones always. */
const freshMs = 15_000;

describe("the whole system under faults, where nothing is lost, doubled or changed", () => {
  const outcomes: Outcome[] = [];
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])("seed %i", async (seed) => {
    const outcome = await simulate(seed, steps);
    outcomes.push(outcome);
    expect(outcome.violations).toEqual([]);
  });

  test("in these runs enough happens: usage is billed, moved and refused, calls fail in every way, workers die", () => {
    const count = (name: string) => outcomes.reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0);
    for (const name of ["books.post", "books.seal", "aws.submit", "waiting.settle", "quarantine.put"])
      expect(count(name), name).toBeGreaterThan(50);
    const trace = outcomes.flatMap((outcome) => outcome.trace).join("\n");
    for (const what of [
      " dies",
      "fails-after",
      "fails-late",
      "fails-midway",
      "lags",
      "shards:",
      "effect late",
    ])
      expect(trace).toContain(what);
  });

  test("seeds that nobody has tried before", async () => {
    const until = Date.now() + freshMs;
    let seed = Math.floor(until / 1_000) % 1_000_000_000;
    for (; Date.now() < until; seed += 1) {
      const { violations } = await simulate(seed, steps);
      expect(violations, `npm run sim -- --seed ${seed} shows how`).toEqual([]);
    }
  });
});

describe("a seed", () => {
  test("gives the same trace every time", async () => {
    const [once, again] = [await simulate(77, steps), await simulate(77, steps)];
    expect(again.trace).toEqual(once.trace);
    expect(again.counts).toEqual(once.counts);
  });

  test("gives another trace than its neighbour", async () => {
    expect((await simulate(77, steps)).trace).not.toEqual((await simulate(78, steps)).trace);
  });

  test("draws the same numbers on every machine", () => {
    const random = new Random(1, 2);
    expect([random.bits(), random.bits(), random.below(10)]).toMatchInlineSnapshot(`
      [
        1616199923,
        4206536778,
        5,
      ]
    `);
  });
});

test.each([
  ["3", [3]],
  ["3,17-20", [3, 17, 18, 19, 20]],
  ["0-2,4", [0, 1, 2, 4]],
] as const)("the steps %s are read as written", (text, read) => {
  expect(readSteps(text)).toEqual(read);
  expect(writeSteps(read)).toBe(text);
});

test.each(["", "a", "1-", "1,,2", "-3"])("%j says no steps", (text) => {
  expect(readSteps(text)).toBeUndefined();
});
