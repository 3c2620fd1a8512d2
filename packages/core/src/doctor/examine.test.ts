import { describe, expect, test } from "vitest";
import { type Check, examine, UnreadableError } from "./examine.ts";
import { isSound, pass, skipped, warn } from "./finding.ts";

const check = (id: string, look: Check["look"]): Check => ({
  id,
  group: "queues",
  tried: `${id} holds`,
  look,
});
const bounds = { checksAtOnce: 2, within: <Result>(work: () => Promise<Result>) => work() };

describe("looking at every link", () => {
  test("one that cannot be looked at says why, and hides no other", async () => {
    const findings = await examine(
      [
        check("sound", () => Promise.resolve(pass("yes"))),
        check("thrown at once", () => {
          throw new Error("no such thing");
        }),
        check("told why", () => Promise.reject(new UnreadableError("It may not.", "Let it."))),
        check("after them", () => Promise.resolve(warn("full", "empty it"))),
      ],
      bounds,
    );
    expect(findings.map(({ id, status, detail }) => [id, status, detail])).toEqual([
      ["sound", "pass", "yes"],
      ["thrown at once", "unknown", "no such thing"],
      ["told why", "unknown", "It may not."],
      ["after them", "warn", "full"],
    ]);
    expect(findings[2]).toMatchObject({ remedy: "Let it.", group: "queues", tried: "told why holds" });
  });

  test("keeps the order of the checks, whichever answers first, and so many at once", async () => {
    let running = 0;
    let most = 0;
    const slower = (turns: number) => async () => {
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      running -= 1;
      return pass("");
    };
    const names = ["a", "b", "c", "d", "e"];
    const findings = await examine(
      names.map((name, index) => check(name, slower(20 - 4 * index))),
      bounds,
    );
    expect(findings.map(({ id }) => id)).toEqual(names);
    expect(most).toBe(2);
  });

  test("a link that there is no time for is not looked at, and says so", async () => {
    const within = <Result>(): Promise<Result> => Promise.reject(new UnreadableError("late", "again"));
    let looks = 0;
    const look = () => {
      looks += 1;
      return Promise.resolve(pass(""));
    };
    const [finding] = await examine([check("slow", look)], {
      checksAtOnce: 1,
      within,
    });
    expect(finding).toMatchObject({ status: "unknown", detail: "late", remedy: "again" });
    expect(looks).toBe(0);
  });
});

test("an installation is sound when nothing fails and everything could be tried", () => {
  const of = (...statuses: ("pass" | "warn" | "fail" | "unknown" | "skipped")[]) =>
    isSound(statuses.map((status) => ({ status })));
  expect(of("pass", "warn", skipped("").status as "skipped")).toBe(true);
  expect(of("pass", "fail")).toBe(false);
  expect(of("pass", "unknown")).toBe(false);
});
