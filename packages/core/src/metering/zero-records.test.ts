import { describe, expect, test } from "vitest";
import { analyticsCode, at, example, exampleConfiguration, hour } from "../memory/example.ts";
import { activeWorld, sealedKey as key } from "../memory/seal-world.ts";
import { laterBy } from "../time/instant.ts";
import { formatHour, hoursLater } from "../time/utc-hour.ts";
import { sealZeros } from "./zero-records.ts";

const zeroing = {
  ...exampleConfiguration,
  settings: { ...exampleConfiguration.settings, zeroRecords: true },
};
/** The hour of 10 to 11 on the 20th has two hours of its window left from 08:00 on the 21st. */
const hourTen = hour("2026-08-20T10");
const twoHoursLeft = at("2026-08-21T08:00:00Z");

async function world(configuration = zeroing) {
  const meter = await activeWorld(configuration);
  // All earlier hours had their turn.
  await meter.ports.zeroProgress.advance(hoursLater(hourTen, -1));
  const zeros = async (now = twoHoursLeft, through = hour("2026-08-21T06")) => {
    await sealZeros(meter.ports, configuration, through, now);
    const pending = await meter.ports.records.pendingZeros(analyticsCode, at("2026-08-30T00:00:00Z"), 100);
    return pending.map(({ dimension, hour: of, entry }) => [dimension, formatHour(of), entry.quantity]);
  };
  return { ...meter, zeros };
}

describe("an hour without usage", () => {
  test("gets a record of 0 for each metered dimension when two hours of its window are left, and not before", async () => {
    const { zeros } = await world();
    expect(await zeros(laterBy(twoHoursLeft, -1))).toEqual([]);
    const made = [
      ["events_ingested", "2026-08-20T10", 0n],
      ["gb_stored", "2026-08-20T10", 0n],
    ];
    expect(await zeros()).toEqual(made);
    expect(await zeros(), "again").toEqual(made);
  });

  test("gets none when the setting does not ask for it", async () => {
    const { zeros } = await world(exampleConfiguration);
    expect(await zeros()).toEqual([]);
  });

  test("gets none where a record of units is, or units wait to become one", async () => {
    const { zeros, count, seal } = await world();
    await count("2026-08-20T10", 3n);
    await seal("2026-08-20T10", "2026-08-20T11:20:00Z");
    await count("2026-08-20T09", 4n, { ...key, dimension: "events_ingested" });
    expect(await zeros()).toEqual([]);
  });

  test("gets none outside of every grant, before startAt, in a dry run, or while the product is paused", async () => {
    const later = await world();
    await later.record(example.agreementEnded("f-2", "2026-08-20T09:00:00Z"));
    expect(await later.zeros()).toEqual([]);
    const changed = (change: object) => ({
      ...zeroing,
      products: zeroing.products.map((product) => ({ ...product, ...change })),
    });
    expect(await (await world(changed({ startAt: hoursLater(hourTen, 1) }))).zeros()).toEqual([]);
    expect(await (await world(changed({ metering: "dry-run" }))).zeros()).toEqual([]);
    const paused = await world();
    await paused.ports.switches.pause(analyticsCode, "prices change", twoHoursLeft);
    expect(await paused.zeros()).toEqual([]);
  });

  test("gets none when its grant has ended, and AWS takes nothing more of it", async () => {
    const { zeros, record } = await world();
    await record(example.agreementEnded("f-2", "2026-08-20T10:30:00Z"));
    expect(await zeros()).toEqual([]);
  });

  test("carries what corrections outweigh, so that it is not late behind the record of 0", async () => {
    const writingOff = { ...zeroing, settings: { ...zeroing.settings, lateUsage: "write-off" as const } };
    const { zeros, count, seal, book } = await world(writingOff);
    await count("2026-08-20T09", -2n);
    await count("2026-08-20T10", 1n);
    expect(await zeros()).toContainEqual(["gb_stored", "2026-08-20T10", 0n]);
    await count("2026-08-20T11", 5n);
    expect(await seal("2026-08-21T06", "2026-08-21T08:10:00Z")).toMatchObject({
      records: [["2026-08-20T11", 4n]],
      writtenOff: [],
    });
    expect((await book()).balance.size).toBe(0);
  });

  test("carries nothing from before startAt into hours that are sent", async () => {
    const from = { startAt: hourTen };
    const configuration = {
      ...zeroing,
      products: zeroing.products.map((product) => ({ ...product, ...from })),
      settings: { ...zeroing.settings, lateUsage: "write-off" as const },
    };
    const { zeros, countMicro, seal } = await world(configuration);
    await countMicro("2026-08-20T08", 600_000n);
    await zeros();
    await countMicro("2026-08-20T11", 500_000n);
    expect((await seal("2026-08-21T06", "2026-08-21T08:10:00Z")).records).toEqual([]);
  });

  test("that late usage reaches first keeps it, and usage that comes after the record of 0 goes into the next hour", async () => {
    const { zeros, count, seal } = await world();
    await zeros();
    await count("2026-08-20T10", 5n);
    expect((await seal("2026-08-21T06", "2026-08-21T08:10:00Z")).records).toEqual([["2026-08-20T11", 5n]]);
  });
});
