import { describe, expect, test } from "vitest";
import { Random } from "./random.ts";
import { readSteps, writeSteps } from "./shrink.ts";
import { allSteps, type Outcome, simulate } from "./simulate.ts";

const steps = allSteps(300);
/** Fresh seeds are tried as long as this, fixed ones always. */
const freshMs = 8_000;

describe("the whole system under faults, where nothing is lost, doubled or changed", () => {
  const outcomes: Outcome[] = [];
  test.each([
    ...[1, 3, 6, 7, 8].map((seed) => [seed, "of no particular story"] as const),
    [20, "units written off do not use up what a contract includes"],
    [34, "the lease is not kept while calls are on their way"],
    [95, "a held product is tried with one record"],
    [121, "requests about a buyer who leaves fail one after the other"],
    [179, "no hour before startAt is used for what is left"],
    [218, "a correction that a contract covers nothing of keeps its tag set"],
    [314, "what corrections outweigh is not late behind a record of 0"],
  ] as const)("seed %i: %s", async (seed) => {
    const outcome = await simulate(seed, steps);
    outcomes.push(outcome);
    expect(outcome.violations).toEqual([]);
  });

  test.each([
    ["usage is counted, billed, covered and written off", /^(record: accepted|account: .*)$/, 20],
    ["AWS throttles, refuses, leaves and bars", /^aws (throttles|refuses|leaves|bars|answers)/, 20],
    ["calls fail in every way, workers die, time is up", /^fault: /, 100],
    ["operators and AWS stop and go on", /^trouble: /, 10],
    ["usage waits, messages are quarantined", /^(waiting.settle|quarantine.put)$/, 50],
  ] as const)("in these runs enough happens: %s", (_, kind, least) => {
    const counts = outcomes.flatMap((outcome) => Object.entries(outcome.counts));
    const sum = counts.reduce((all, [what, count]) => all + (kind.test(what) ? count : 0), 0);
    expect(sum).toBeGreaterThan(least);
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
