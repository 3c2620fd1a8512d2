import { makeLogger } from "@tollhouse/aws/logging/logger";
import { at } from "@tollhouse/core/memory/example";
import { memoryQuarantine } from "@tollhouse/core/memory/quarantine";
import { fixedClock } from "@tollhouse/core/time/clock";
import type { Context, SQSEvent } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { batchedWaker } from "./batched-waker.ts";
import { queueConsumer } from "./queue-consumer.ts";

const now = at("2026-08-20T12:00:00Z");

function world(consume: (body: string, wake: () => Promise<void>) => Promise<void>, wakes = true) {
  const quarantine = memoryQuarantine();
  let woken = 0;
  const waker = batchedWaker({
    wake: () => (wakes ? Promise.resolve(void (woken += 1)) : Promise.reject(new Error("no queue"))),
  });
  const handler = queueConsumer(
    { logger: makeLogger(), clock: fixedClock(now), quarantine, waker },
    "intake",
    async (body) => {
      await consume(body, () => waker.wake());
      return { done: {} };
    },
  );
  const receive = async (...bodies: string[]) => {
    const Records = bodies.map((body) => ({
      messageId: body,
      body,
      attributes: { ApproximateReceiveCount: "1" },
    }));
    const { batchItemFailures } = await handler({ Records } as unknown as SQSEvent, {} as Context);
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return { receive, woken: () => woken };
}

describe("a batch", () => {
  test("wakes the relay once, however many of its messages changed something, and not when none did", async () => {
    const { receive, woken } = world((body, wake) =>
      body.startsWith("change") ? wake() : Promise.resolve(),
    );
    expect(await receive("change-1", "same", "change-2")).toEqual([]);
    expect(woken()).toBe(1);
    await receive("same");
    expect(woken()).toBe(1);
  });

  test("of which one message fails gives that one back, and announces what the others changed", async () => {
    const { receive, woken } = world((body, wake) =>
      body === "bad" ? Promise.reject(new Error("store failed")) : wake(),
    );
    expect(await receive("change-1", "bad")).toEqual(["bad"]);
    expect(woken()).toBe(1);
  });

  test("is taken although the relay could not be woken: what it changed is stored", async () => {
    const { receive } = world((_, wake) => wake(), false);
    expect(await receive("change-1")).toEqual([]);
  });
});
