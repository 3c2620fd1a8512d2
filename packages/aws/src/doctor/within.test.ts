import { expect, test } from "vitest";
import { boundedBy } from "./within.ts";

const never = new Promise<string>(() => undefined);

test("a link that does not answer before all time is over is given up, and others are not held up", async () => {
  const within = boundedBy(0);
  await expect(within(never)).rejects.toThrow("There was no answer in time.");
  await expect(within(Promise.resolve("at once"))).resolves.toBe("at once");
});

test("what a link throws is told as it is", async () => {
  await expect(boundedBy(1_000)(Promise.reject(new Error("refused")))).rejects.toThrow("refused");
});
