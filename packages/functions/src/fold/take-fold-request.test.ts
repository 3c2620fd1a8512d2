import { example, exampleConfiguration, hour, licenseId } from "@tollhouse/core/memory/example";
import { time, world } from "@tollhouse/core/memory/fold-world";
import { usage } from "@tollhouse/core/memory/meter";
import { shardOf } from "@tollhouse/core/usage/shard";
import { expect, test } from "vitest";
import { takeFoldRequest } from "./take-fold-request.ts";

const shard = shardOf(licenseId, 4);

function wakes() {
  let count = 0;
  const wake = () => {
    count += 1;
    return Promise.resolve();
  };
  return { waker: { wake }, woken: () => count };
}

test("a request folds its own hour-shard and no other; asked again, it folds nothing", async () => {
  const { ports, counted, marks, ingest } = await world([usage("e-1", time, "1.5")]);
  const { waker, woken } = wakes();
  await ingest([usage("e-2", "2026-08-20T13:00:00Z", "7")]);
  const take = () =>
    takeFoldRequest(
      { ...ports, waker },
      exampleConfiguration,
      JSON.stringify({ hour: "2026-08-20T14", shard }),
    );
  expect(await take()).toMatchObject({ done: { hour: "2026-08-20T14", shard, eventCount: 1 } });
  expect(await counted()).toBe(1_500_000n);
  expect((await marks()).map((mark) => mark.hour)).toEqual([hour("2026-08-20T13")]);
  expect(woken()).toBe(1);
  expect(await take()).toEqual({ done: { hour: "2026-08-20T14", shard } });
  expect(woken()).toBe(1);
  expect(await counted()).toBe(1_500_000n);
});

test.each(["no JSON", "{}", '{"hour":"2026-08-20T25","shard":3}', '{"hour":"2026-08-20T14","shard":-1}'])(
  "a request that says %s is refused",
  async (body) => {
    const { ports } = await world();
    expect(await takeFoldRequest({ ...ports, ...wakes() }, exampleConfiguration, body)).toHaveProperty(
      "refused",
    );
  },
);

test("a request about a subscription counts what waited for it, and wakes the meter to seal that", async () => {
  const subject = "l-99999999999999999999";
  const { ports, counted, record, fold } = await world([usage("e-1", time, "1.5", { subject })]);
  await fold(subject);
  const { waker, woken } = wakes();
  const take = () =>
    takeFoldRequest({ ...ports, waker }, exampleConfiguration, JSON.stringify({ subscriptionId: subject }));
  expect(await take()).toMatchObject({ done: { countedEvents: 0 } });
  expect(woken()).toBe(0);
  await record(example.licenseUpdated("f-2", "2026-08-20T12:00:00Z", { licenseArn: subject }));
  expect(await take()).toMatchObject({ done: { countedEvents: 1 }, counts: { EventsCounted: 1 } });
  expect(woken()).toBe(1);
  expect(await counted(subject)).toBe(1_500_000n);
});

test("a fold is measured by what it counted, what waits, what was met before and what contradicts", async () => {
  const { ports } = await world([
    usage("e-1", time, "1.5"),
    usage("e-1", time, "1.5"),
    usage("e-2", time, "1"),
    usage("e-2", time, "2"),
  ]);
  const request = JSON.stringify({ hour: "2026-08-20T14", shard });
  const verdict = await takeFoldRequest({ ...ports, ...wakes() }, exampleConfiguration, request);
  expect(verdict).toMatchObject({
    counts: {
      ...{ EventsCounted: 2, EventsRepeated: 2, EventsUnattributed: 0 },
      ...{ Quarantined: 1, SegmentsDamaged: 0 },
    },
  });
});
