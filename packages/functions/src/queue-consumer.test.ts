import { makeLogger } from "@tollhouse/aws/logging/logger";
import type { Measured } from "@tollhouse/aws/metric/measure";
import { at } from "@tollhouse/core/memory/example";
import { memoryQuarantine } from "@tollhouse/core/memory/quarantine";
import { fixedClock } from "@tollhouse/core/time/clock";
import type { Context, SQSEvent } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { batchedWaker } from "./batched-waker.ts";
import { queueConsumer, type Verdict } from "./queue-consumer.ts";

const now = at("2026-08-20T12:00:00Z");

function world(
  consume: (body: string, wake: () => Promise<void>) => Promise<void>,
  { wakes = true, verdict = { done: {} } }: { readonly wakes?: boolean; readonly verdict?: Verdict } = {},
) {
  const measured: Measured[] = [];
  const quarantine = memoryQuarantine();
  let woken = 0;
  const waker = batchedWaker({
    wake: () => (wakes ? Promise.resolve(void (woken += 1)) : Promise.reject(new Error("no queue"))),
  });
  const handler = queueConsumer(
    {
      logger: makeLogger(),
      measure: (each) => void measured.push(each),
      clock: fixedClock(now),
      quarantine,
      waker,
    },
    "intake",
    async (body) => {
      await consume(body, () => waker.wake());
      return verdict;
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
  return { receive, measured, woken: () => woken };
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
    const { receive } = world((_, wake) => wake(), { wakes: false });
    expect(await receive("change-1")).toEqual([]);
  });
});

describe("a message", () => {
  const nothing = () => Promise.resolve();

  test("is measured as its verdict says", async () => {
    const { receive, measured } = world(nothing, { verdict: { done: {}, counts: { FactsStored: 1 } } });
    await receive("m-1", "m-2");
    expect(measured).toEqual([{ FactsStored: 1 }, { FactsStored: 1 }]);
  });

  test("that nobody can use counts as quarantined, and one that failed as nothing", async () => {
    const useless = world(nothing, { verdict: { refused: "it says nothing" } });
    await useless.receive("m-1");
    expect(useless.measured).toEqual([{ Quarantined: 1 }]);
    const failing = world(() => Promise.reject(new Error("store failed")));
    await failing.receive("m-1");
    expect(failing.measured).toEqual([]);
  });
});
