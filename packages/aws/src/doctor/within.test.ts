import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { boundedBy } from "./within.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What has become of a link that never answers, after so long. */
async function after(ms: number, within: ReturnType<typeof boundedBy>): Promise<string> {
  let state = "waiting";
  void within(() => new Promise(() => undefined)).catch(() => (state = "given up"));
  await vi.advanceTimersByTimeAsync(ms);
  return state;
}

test("a link is given ten seconds, and no more", async () => {
  expect(await after(9_999, boundedBy(60_000))).toBe("waiting");
  expect(await after(10_000, boundedBy(60_000))).toBe("given up");
});

test("all links together are given their time, and what is left then none", async () => {
  const within = boundedBy(15_000);
  await after(12_000, within);
  expect(await after(2_999, within)).toBe("waiting");
  expect(await after(1, within)).toBe("given up");
});

test("what no time is left for is not begun", async () => {
  const within = boundedBy(1_000);
  await vi.advanceTimersByTimeAsync(1_000);
  let begun = 0;
  const work = () => Promise.resolve((begun += 1));
  await expect(within(work)).rejects.toThrow(/not looked at: the links before it took all the time/);
  expect(begun).toBe(0);
});

test("what a link gives or throws is told as it is", async () => {
  const within = boundedBy(1);
  await expect(within(() => Promise.resolve("at once"))).resolves.toBe("at once");
  await expect(within(() => Promise.reject(new Error("refused")))).rejects.toThrow("refused");
});
