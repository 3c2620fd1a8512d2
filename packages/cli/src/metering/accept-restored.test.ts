import { analyticsCode, at, exampleConfiguration, hour } from "@tollhouse/core/memory/example";
import { memoryRunCounter } from "@tollhouse/core/memory/run-counter";
import { beginRun } from "@tollhouse/core/metering/restore";
import { describe, expect, test } from "vitest";
import { exampleMeter, shownAt } from "../example-source.ts";
import { acceptRestored } from "./accept-restored.ts";
import { showMetering } from "./show.ts";

/** Books of three runs ago. */
async function restored() {
  const { source, ports } = exampleMeter();
  const [runs, runWitness] = [memoryRunCounter(), memoryRunCounter()];
  await runs.raise({ count: 4, at: at("2026-08-20T08:30:00Z") });
  await runWitness.raise({ count: 7, at: at("2026-08-20T14:00:00Z") });
  const clock = ports.clock;
  return { ...source, directory: ports.directory, runs, runWitness, clock };
}

const startingAt = (startAt: string) => ({
  ...exampleConfiguration,
  products: exampleConfiguration.products.map((product) => ({ ...product, startAt: hour(startAt) })),
});

describe("a Metering table that was restored", () => {
  test("is told of above all products, and is wrong", async () => {
    const answer = await showMetering(await restored(), undefined);
    expect(answer.isWrong).toBe(true);
    expect(answer.data.restored).toContain("a backup from 2026-08-20 08:30:00Z");
    const text = shownAt(80, answer);
    expect(text.replaceAll("\n", " ")).toMatch(/^The Metering table is a backup/);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test("is accepted only when no product could be billed twice for what was sent since", async () => {
    const source = await restored();
    for (const configuration of [exampleConfiguration, startingAt("2026-08-20T14")])
      await expect(acceptRestored({ ...source, configuration })).rejects.toMatchObject({
        code: "refused",
        message: expect.stringContaining('startAt: "2026-08-20T15"') as string,
      });
    await expect(beginRun(source)).rejects.toThrow("a backup");
    const safe = { ...source, configuration: startingAt("2026-08-20T15") };
    expect((await acceptRestored(safe)).data.changed).toBe(true);
    await beginRun(source);
    expect((await acceptRestored(safe)).data.changed).toBe(false);
    expect((await showMetering(source, analyticsCode)).data.restored).toBeUndefined();
  });
});
