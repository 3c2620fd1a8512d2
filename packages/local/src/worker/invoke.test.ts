import { functions } from "@tollhouse/functions/manifest";
import { expect, test } from "vitest";
import { type Handler, invoke } from "./invoke.ts";

test("a handler is told the time that its function has left on Lambda, and each call its own request id", async () => {
  const limitMs = functions.meter.timeoutSeconds * 1_000;
  const told: Handler = (_event, context) =>
    Promise.resolve([context.awsRequestId, context.getRemainingTimeInMillis()]);
  const calls = (await Promise.all([invoke(told, "meter", {}), invoke(told, "meter", {})])) as [
    string,
    number,
  ][];
  expect(new Set(calls.map(([id]) => id)).size).toBe(2);
  for (const [, leftMs] of calls) {
    expect(leftMs).toBeLessThanOrEqual(limitMs);
    expect(leftMs).toBeGreaterThan(limitMs / 2);
  }
});
