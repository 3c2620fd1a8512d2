import { describe, expect, test } from "vitest";
import type { Configuration } from "../configuration/configuration.ts";
import { analyticsCode, at, example, exampleConfiguration, hour } from "../memory/example.ts";
import { usage } from "../memory/meter.ts";
import { activeWorld } from "../memory/seal-world.ts";
import { runMeter } from "../metering/run.ts";
import { gaugesOf, unfinishedEndings } from "./gauge.ts";
import { lookAround } from "./look.ts";

/** A license that is active since noon of 19 August, of which the books are complete through an hour. */
async function world(configuration: Configuration = exampleConfiguration, through = "2026-08-20T14") {
  const meter = await activeWorld(configuration);
  await meter.ports.progress.advance(hour(through));
  const look = async (now: string, hasTime = () => true) => {
    const before = structuredClone(meter.metering.contents);
    const sight = await lookAround(meter.ports, configuration, { now: at(now), hasTime });
    expect(meter.metering.contents).toEqual(before);
    return sight;
  };
  const gauges = async (now: string) => gaugesOf(await look(now), configuration.settings, at(now));
  return { ...meter, look, gauges };
}

const allWell = {
  ...{ oldestUsageHours: 0, nearestDeadlineMinutes: 1_440, recordsPending: 0, booksUnsealed: 0 },
  ...{ finalHoursUnfinished: 0, oldestUnattributedHours: 0, foldLagMinutes: 0, hourShardsUnfolded: 0 },
  ...{ productsPaused: 0, productsHeld: 0, isIncomplete: false },
};

describe("what waits is seen", () => {
  test("nothing of it when all that was used is accepted", async () => {
    const { ingest, setNow, ports, gauges } = await world(exampleConfiguration, "2026-08-20T13");
    setNow(at("2026-08-20T14:30:00Z"));
    await ingest([usage("e-1", "2026-08-20T14:05:00Z", "4")]);
    setNow(at("2026-08-20T15:11:00Z"));
    expect(await gauges("2026-08-20T15:11:00Z")).toMatchObject({ foldLagMinutes: 11, hourShardsUnfolded: 1 });
    await runMeter(ports, exampleConfiguration);
    await runMeter(ports, exampleConfiguration);
    expect(await gauges("2026-08-20T15:15:00Z")).toEqual(allWell);
  });

  test("in balances, from the end of the hour on", async () => {
    const { count, gauges } = await world();
    await count("2026-08-20T14", 3n);
    expect(await gauges("2026-08-20T17:00:00Z")).toEqual({
      ...allWell,
      ...{ oldestUsageHours: 2, booksUnsealed: 1, nearestDeadlineMinutes: 21 * 60 },
    });
  });

  test("not of the hour that goes on, nor of late usage that goes with the next hour", async () => {
    const { count, seal, gauges } = await world();
    await count("2026-08-20T14", 3n);
    await seal("2026-08-20T14", "2026-08-20T15:15:00Z");
    await count("2026-08-20T14", 1n);
    await count("2026-08-20T15", 1n);
    const seen = await gauges("2026-08-20T15:30:00Z");
    expect(seen).toMatchObject({ oldestUsageHours: 0.5, recordsPending: 1, booksUnsealed: 0 });
  });

  test("of a product that is paused or held, with the reason", async () => {
    const { count, ports, look, gauges } = await world();
    await count("2026-08-20T13", 2n);
    await ports.switches.pause(analyticsCode, "a price is wrong", at("2026-08-20T12:00:00Z"));
    await ports.switches.hold(analyticsCode, "the role does not exist", at("2026-08-20T12:30:00Z"));
    expect(await gauges("2026-08-20T15:30:00Z")).toMatchObject({
      ...{ oldestUsageHours: 1.5, booksUnsealed: 1, productsPaused: 1, productsHeld: 1 },
    });
    expect((await look("2026-08-20T15:30:00Z")).switches).toContainEqual(
      expect.objectContaining({
        title: "Example Analytics",
        paused: { reason: "a price is wrong", at: at("2026-08-20T12:00:00Z") },
        held: { reason: "the role does not exist", at: at("2026-08-20T12:30:00Z") },
      }),
    );
  });

  test("of every product, while the books are a backup's", async () => {
    const { ports, look, gauges } = await world();
    await ports.runWitness.raise({ count: 3, at: at("2026-08-20T15:00:00Z") });
    const { productsHeld } = await gauges("2026-08-20T15:30:00Z");
    const { switches } = await look("2026-08-20T15:30:00Z");
    expect(productsHeld).toBe(switches.length);
    for (const { held } of switches) expect(held?.reason).toContain("is a backup");
  });

  test("not as late, of a paused product in the hour that goes on", async () => {
    const { count, ports, gauges } = await world();
    await ports.switches.pause(analyticsCode, "a price is wrong", at("2026-08-20T12:00:00Z"));
    await count("2026-08-20T15", 2n);
    expect(await gauges("2026-08-20T15:30:00Z")).toMatchObject({ booksUnsealed: 0, productsPaused: 1 });
  });

  test("to be folded, without being late, of an hour that sealing has passed", async () => {
    const { ingest, setNow, gauges } = await world();
    setNow(at("2026-08-20T17:00:00Z"));
    await ingest([usage("e-1", "2026-08-20T11:05:00Z", "4")]);
    expect(await gauges("2026-08-20T17:00:00Z")).toMatchObject({ foldLagMinutes: 0, hourShardsUnfolded: 1 });
  });

  test("that fits nobody, from when it was found so", async () => {
    const { ingest, setNow, ports, gauges } = await world();
    setNow(at("2026-08-20T15:15:00Z"));
    await ingest([usage("e-1", "2026-08-20T14:05:00Z", "4", { subject: "tenant-42" })]);
    await runMeter(ports, exampleConfiguration);
    expect(await gauges("2026-08-20T17:15:00Z")).toMatchObject({
      ...{ oldestUnattributedHours: 2, oldestUsageHours: 0 },
    });
  });

  test("what there was no time for is named, and not taken for well", async () => {
    const { count, look } = await world();
    await count("2026-08-20T14", 3n);
    const { unseen, risk } = await look("2026-08-20T17:00:00Z", () => false);
    expect(unseen).toEqual(["more usage waits to be accepted than could be looked at"]);
    expect(risk.lateSince).toBeUndefined();
  });
});

describe("a final hour", () => {
  async function ending(configuration = exampleConfiguration) {
    const found = await world(configuration);
    await found.count("2026-08-20T15", 5n);
    await found.record(example.licenseDeprovisioned("f-2", "2026-08-20T15:20:00Z"));
    return found;
  }
  const unfinished = async (found: Awaited<ReturnType<typeof ending>>, now: string) =>
    unfinishedEndings(await found.look(now), exampleConfiguration.settings, at(now)).length;

  test("whose units are in the books or pending is unfinished, and finished once AWS has taken them", async () => {
    const found = await ending();
    expect(await unfinished(found, "2026-08-20T15:45:00Z")).toBe(0);
    expect(await unfinished(found, "2026-08-20T15:50:00Z")).toBe(1);
    await found.seal("2026-08-20T15", "2026-08-20T15:50:00Z");
    const { ports } = found;
    expect(await ports.records.pending(analyticsCode, at("2026-08-20T17:00:00Z"), 9)).toHaveLength(1);
    expect(await unfinished(found, "2026-08-20T15:51:00Z")).toBe(1);
    found.setNow(at("2026-08-20T15:52:00Z"));
    await runMeter(ports, exampleConfiguration);
    expect(found.sent.flat()).toHaveLength(1);
    expect(await unfinished(found, "2026-08-20T15:52:00Z")).toBe(0);
  });

  test("whose usage is not folded yet is unfinished", async () => {
    const found = await world();
    await found.record(example.licenseDeprovisioned("f-2", "2026-08-20T15:20:00Z"));
    found.setNow(at("2026-08-20T15:21:00Z"));
    expect(await unfinished(found, "2026-08-20T15:55:00Z")).toBe(0);
    await found.ingest([usage("e-1", "2026-08-20T15:05:00Z", "4")]);
    expect(await unfinished(found, "2026-08-20T15:55:00Z")).toBe(1);
  });

  test("of a product in a dry run is never finished, and nobody waits for it", async () => {
    const products = exampleConfiguration.products.map((product) => ({
      ...product,
      metering: "dry-run" as const,
    }));
    const found = await ending({ ...exampleConfiguration, products });
    expect(await unfinished(found, "2026-08-20T15:50:00Z")).toBe(0);
  });

  test("counts once when an earlier end comes to be known", async () => {
    const found = await ending();
    await found.record(example.licenseDeprovisioned("f-3", "2026-08-20T15:10:00Z"));
    const { endings } = await found.look("2026-08-20T15:50:00Z");
    expect(endings.map(({ cutAt }) => cutAt)).toEqual([at("2026-08-20T15:10:00Z")]);
  });
});
