import { describe, expect, test } from "vitest";
import type { Configuration } from "../configuration/configuration.ts";
import { sealedKey } from "../memory/seal-world.ts";
import { memoryMeter, usage } from "../memory/meter.ts";
import { analyticsCode, at, example, exampleConfiguration, hour } from "../memory/example.ts";
import { memoryRunCounter } from "../memory/run-counter.ts";
import { beginRun, billableTwice, findRestored, type RunCount, type RunCounter } from "./restore.ts";
import { runMeter } from "./run.ts";

const now = at("2026-08-20T15:20:00Z");
const clock = { now: () => Promise.resolve(now) };

/** Counters that have seen so many runs. */
async function after(count: number): Promise<RunCounter> {
  const runs = memoryRunCounter();
  if (count > 0) await runs.raise({ count, at: at("2026-08-20T14:00:00Z") });
  return runs;
}

describe("books", () => {
  test("are taken for restored exactly when another table saw more runs than they did", async () => {
    for (const [ours, witnessed, isRestored] of [
      [0, 0, false],
      [7, 7, false],
      [8, 7, false],
      [6, 7, true],
      [0, 1, true],
    ] as const) {
      const ports = { runs: await after(ours), runWitness: await after(witnessed) };
      expect((await findRestored(ports)) !== undefined, `${ours} of ${witnessed}`).toBe(isRestored);
    }
  });

  test("are never ahead in the other table, wherever a run dies, and however many begin at once", async () => {
    const [runs, runWitness] = [await after(3), await after(3)];
    const raise = () => Promise.reject(new Error("the function is killed"));
    for (const dying of [{ runs: { ...runs, raise } }, { runWitness: { ...runWitness, raise } }]) {
      await expect(beginRun({ runs, runWitness, clock, ...dying }, exampleConfiguration)).rejects.toThrow(
        "killed",
      );
      expect(await findRestored({ runs, runWitness })).toBeUndefined();
    }
    await Promise.all(
      Array.from({ length: 4 }, () => beginRun({ runs, runWitness, clock }, exampleConfiguration)),
    );
    expect(await findRestored({ runs, runWitness })).toBeUndefined();
    expect(await runWitness.load()).toEqual(await runs.load());
  });

  test("that were restored are neither sealed nor sent, and whoever was named is named again", async () => {
    const meter = memoryMeter();
    await meter.record(example.licenseUpdated("f-1", "2026-08-19T12:00:00Z"));
    meter.setNow(at("2026-08-20T10:30:00Z"));
    await meter.ingest([usage("e-1", "2026-08-20T10:20:00Z", "5")]);
    meter.setNow(at("2026-08-20T11:20:00Z"));
    await meter.ports.runWitness.raise({ count: 9, at: at("2026-08-20T11:10:00Z") });
    const { problems, sealedRecords, isComplete, isToComeAgain } = await runMeter(
      meter.ports,
      exampleConfiguration,
      { changed: [sealedKey.subscriptionId] },
    );
    expect({ sealedRecords, isComplete, isToComeAgain }).toEqual({
      ...{ sealedRecords: 0, isComplete: false, isToComeAgain: true },
    });
    expect(problems.join()).toContain('Set startAt: "2026-08-20T12" or later');
    expect(meter.sent).toEqual([]);
  });

  test("are metered again from the products' startAt on, and nothing of before is sent", async () => {
    const meter = memoryMeter(startingAt("2026-08-20T12"));
    await meter.record(example.licenseUpdated("f-1", "2026-08-19T12:00:00Z"));
    await meter.ports.runWitness.raise({ count: 9, at: at("2026-08-20T11:10:00Z") });
    meter.setNow(at("2026-08-20T12:30:00Z"));
    await meter.ingest([
      usage("e-1", "2026-08-20T10:20:00Z", "5"),
      usage("e-2", "2026-08-20T12:20:00Z", "7"),
    ]);
    meter.setNow(at("2026-08-20T13:20:00Z"));
    const first = await runMeter(meter.ports, startingAt("2026-08-20T12"));
    expect(first.problems.join()).toContain("written off as before-start");
    const second = await runMeter(meter.ports, startingAt("2026-08-20T12"));
    expect(second.problems).toEqual([]);
    expect(meter.sent.flat().map(({ entry }) => entry.quantity)).toEqual([7n]);
  });

  test("that are a backup from within a run are noticed as well", async () => {
    const meter = memoryMeter();
    meter.setNow(at("2026-08-20T11:20:00Z"));
    let within: RunCount | undefined;
    const look = async () => void (within = await meter.ports.runs.load());
    await runMeter({ ...meter.ports, keepShards: look }, exampleConfiguration);
    const runs = memoryRunCounter();
    if (within !== undefined) await runs.raise(within);
    expect(await findRestored({ runs, runWitness: meter.ports.runWitness })).toBeDefined();
  });

  test("that cannot be compared fail the run, so that people are told and messages come back", async () => {
    const meter = memoryMeter();
    const runWitness = { ...memoryRunCounter(), load: () => Promise.reject(new Error("throttled")) };
    await expect(runMeter({ ...meter.ports, runWitness }, exampleConfiguration)).rejects.toThrow("throttled");
  });

  test("may be metered again from the first hour of which nothing can have been sent", () => {
    const restored = { ours: undefined, witnessed: { count: 9, at: at("2026-08-20T11:10:00Z") } };
    const codes = ({ products }: Pick<Configuration, "products">) =>
      billableTwice(products, restored).map(({ code }) => code);
    expect(codes(exampleConfiguration)).toContain(analyticsCode);
    expect(codes(startingAt("2026-08-20T11"))).toContain(analyticsCode);
    expect(codes(startingAt("2026-08-20T12"))).toEqual([]);
    // A run that began a minute before the hour may seal a last hour that began under it.
    const late = { ...restored, witnessed: { count: 9, at: at("2026-08-20T11:59:00Z") } };
    expect(billableTwice(startingAt("2026-08-20T12").products, late)).not.toEqual([]);
  });
});

const startingAt = (startAt: string): Configuration => ({
  ...exampleConfiguration,
  products: exampleConfiguration.products.map((product) => ({ ...product, startAt: hour(startAt) })),
});
