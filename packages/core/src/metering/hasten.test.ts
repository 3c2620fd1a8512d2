import { expect, test } from "vitest";
import { analyticsCode, at, example, exampleConfiguration } from "../memory/example.ts";
import { activeWorld, sealedKey as key } from "../memory/seal-world.ts";
import { formatHour } from "../time/utc-hour.ts";
import { hastenRecords } from "./hasten.ts";

const someday = at("2026-09-30T00:00:00Z");

async function world() {
  const meter = await activeWorld();
  const pending = async (by = someday) =>
    (await meter.ports.records.pending(analyticsCode, by, 100)).map((record) => formatHour(record.hour));
  const refuse = async (now: string) => {
    for (const record of await meter.ports.records.pending(analyticsCode, someday, 100)) {
      await meter.ports.records.countAttempt(record);
      const why = {
        refusal: "CustomerNotSubscribed",
        refusedAs: "not-subscribed",
        retryAt: someday,
      } as const;
      await meter.ports.records.postpone(record, why, at(now), "none");
    }
  };
  return { ...meter, pending, refuse };
}

test("records of a buyer who leaves go before those of others that are due earlier", async () => {
  const { count, seal, record, pending, ports } = await world();
  const stays = { ...key, subscriptionId: "l-77777777777777777777" as typeof key.subscriptionId };
  const licenseArn = `arn:aws:license-manager::294406891311:license:${stays.subscriptionId}`;
  await record(example.licenseUpdated("f-7", "2026-08-19T12:00:00Z", { licenseArn, agreementId: "agmt-7" }));
  await count("2026-08-20T10", 1n, stays);
  await count("2026-08-20T11", 1n);
  await seal("2026-08-20T11", "2026-08-20T12:20:00Z");
  expect(await pending()).toEqual(["2026-08-20T10", "2026-08-20T11"]);
  await record(example.agreementEnded("f-2", "2026-08-20T12:30:00Z"));
  await hastenRecords(ports, exampleConfiguration, key.subscriptionId);
  expect(await pending()).toEqual(["2026-08-20T11", "2026-08-20T10"]);
});

test("what AWS refused is sent again when the subscription has changed, and what has an outcome is left alone", async () => {
  const { count, seal, refuse, pending, ports } = await world();
  await count("2026-08-20T10", 1n);
  await count("2026-08-20T11", 1n);
  await seal("2026-08-20T11", "2026-08-20T12:20:00Z");
  const [first] = await ports.records.pending(analyticsCode, someday, 1);
  await refuse("2026-08-20T12:21:00Z");
  if (first !== undefined)
    await ports.records.conclude(
      { ...first, attempts: 0 },
      { state: "expired", at: at("2026-08-20T12:22:00Z") },
    );
  expect(await pending(at("2026-08-20T12:30:00Z"))).toEqual([]);
  await hastenRecords(ports, exampleConfiguration, key.subscriptionId);
  expect(await pending(at("2026-08-20T12:30:00Z"))).toEqual(["2026-08-20T11"]);
});

test("records of a buyer who has come back get their whole window again", async () => {
  const { count, seal, record, ports, refuse } = await world();
  await record(example.agreementEnded("f-2", "2026-08-20T11:40:00Z"));
  await count("2026-08-20T10", 1n);
  await seal("2026-08-20T10", "2026-08-20T12:00:00Z");
  await refuse("2026-08-20T12:05:00Z");
  await record(example.licenseUpdated("f-3", "2026-08-20T12:10:00Z", { agreementId: "agmt-2" }));
  await hastenRecords(ports, exampleConfiguration, key.subscriptionId);
  const [prolonged] = await ports.records.pending(analyticsCode, at("2026-08-20T12:20:00Z"), 1);
  expect(prolonged?.deadlineAt).toBe(at("2026-08-21T10:00:00Z"));
});
