import { describe, expect, test } from "vitest";
import { memoryMeter, usage } from "../memory/meter.ts";
import { analyticsCode, at, example, exampleConfiguration, hour } from "../memory/example.ts";
import { memoryRunCounter } from "../memory/run-counter.ts";
import { beginRun, billableTwice, findRestored, type RunCounter, safeStart } from "./restore.ts";
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
      await expect(beginRun({ runs, runWitness, clock, ...dying })).rejects.toThrow("killed");
      expect(await findRestored({ runs, runWitness })).toBeUndefined();
    }
    await Promise.all(Array.from({ length: 4 }, () => beginRun({ runs, runWitness, clock })));
    expect(await findRestored({ runs, runWitness })).toBeUndefined();
    expect(await runWitness.load()).toEqual(await runs.load());
  });

  test("that were restored are neither sealed nor sent, and usage is still taken", async () => {
    const meter = memoryMeter();
    await meter.record(example.licenseUpdated("f-1", "2026-08-19T12:00:00Z"));
    meter.setNow(at("2026-08-20T10:30:00Z"));
    await meter.ingest([usage("e-1", "2026-08-20T10:20:00Z", "5")]);
    meter.setNow(at("2026-08-20T11:20:00Z"));
    await meter.ports.runWitness.raise({ count: 9, at: at("2026-08-20T11:10:00Z") });
    const { problems, sealedRecords } = await runMeter(meter.ports, exampleConfiguration);
    expect(sealedRecords).toBe(0);
    expect(problems.join()).toContain("nothing is billed twice");
    expect(meter.sent).toEqual([]);
    await meter.ports.runs.raise({ count: 9, at: at("2026-08-20T11:10:00Z") });
    await runMeter(meter.ports, exampleConfiguration);
    await runMeter(meter.ports, exampleConfiguration);
    expect(meter.sent.flat().map(({ entry }) => entry.quantity)).toEqual([5n]);
  });

  test("may be metered again from the first hour of which nothing can have been sent", () => {
    const restored = { ours: undefined, witnessed: { count: 9, at: at("2026-08-20T11:10:00Z") } };
    const startingAt = (startAt: string) =>
      exampleConfiguration.products.map((product) => ({ ...product, startAt: hour(startAt) }));
    const codes = (products: typeof exampleConfiguration.products) =>
      billableTwice(products, restored).map(({ code }) => code);
    expect(safeStart(restored)).toBe("2026-08-20T12");
    expect(codes(exampleConfiguration.products)).toContain(analyticsCode);
    expect(codes(startingAt("2026-08-20T11"))).toContain(analyticsCode);
    expect(codes(startingAt("2026-08-20T12"))).toEqual([]);
  });
});
