import { describe, expect, test } from "vitest";
import { analyticsCode, at, exampleConfiguration, hour } from "../memory/example.ts";
import { activeWorld } from "../memory/seal-world.ts";

const analytics = (change: object) => ({
  ...exampleConfiguration,
  products: exampleConfiguration.products.map((product) =>
    product.code === analyticsCode ? { ...product, ...change } : product,
  ),
});
const now = at("2026-08-20T12:00:00Z");
const nothing = { records: [], writtenOff: [] };

describe("nothing of a product is sealed", () => {
  test("while it is paused; then everything is, and nothing was lost", async () => {
    const { count, seal, ports } = await activeWorld();
    await ports.switches.pause(analyticsCode, "prices change", now);
    await count("2026-08-20T11", 3n);
    expect(await seal("2026-08-20T11", "2026-08-20T12:20:00Z")).toEqual({
      ...nothing,
      skipped: [expect.stringContaining("is paused (prices change)") as string],
    });
    await ports.switches.resume(analyticsCode);
    expect((await seal("2026-08-21T14", "2026-08-21T15:20:00Z")).records).toEqual([["2026-08-20T17", 3n]]);
  });

  test("while AWS takes nothing of it", async () => {
    const { count, seal, ports } = await activeWorld();
    await ports.switches.hold(analyticsCode, "the role is lost", now);
    await count("2026-08-20T11", 3n);
    expect(await seal("2026-08-20T11", "2026-08-20T12:20:00Z")).toEqual({
      ...nothing,
      skipped: [expect.stringContaining("the role is lost") as string],
    });
  });
});

describe("a dry run", () => {
  const rehearsal = () => activeWorld(analytics({ metering: "dry-run" }));

  test("says what it would seal, and seals nothing, however often", async () => {
    const { count, sealWith, ports, held } = await rehearsal();
    await count("2026-08-20T11", 3n);
    for (const time of ["2026-08-20T12:20:00Z", "2026-08-20T13:20:00Z"]) {
      const { sealed, rehearsed } = await sealWith(ports, "2026-08-20T11", time);
      expect(sealed).toEqual([]);
      expect(rehearsed.map(({ entry }) => entry.quantity)).toEqual([3n]);
    }
    expect(await held("2026-08-20T11")).toBe(3_000_000n);
    expect(await ports.records.pending(analyticsCode, at("2026-09-01T00:00:00Z"), 10)).toEqual([]);
  });

  test("is not billed when the product goes live: that takes an hour to begin with, behind all that was rehearsed", async () => {
    const world = await rehearsal();
    await world.count("2026-08-20T11", 3n);
    await world.seal("2026-08-20T11", "2026-08-20T12:20:00Z");
    const goLive = async (change: object) => {
      const live = await activeWorld(analytics(change));
      await live.count("2026-08-20T11", 3n);
      await live.count("2026-08-20T13", 4n);
      await live.ports.switches.rehearse(analyticsCode, hour("2026-08-20T11"));
      return live.seal("2026-08-20T13", "2026-08-20T14:20:00Z");
    };
    expect((await world.ports.switches.load(analyticsCode)).rehearsedThrough).toBe(hour("2026-08-20T11"));
    for (const change of [{}, { startAt: hour("2026-08-20T11") }])
      expect(await goLive(change)).toEqual({
        ...nothing,
        skipped: [expect.stringContaining("set its startAt to a later hour") as string],
      });
    expect(await goLive({ startAt: hour("2026-08-20T12") })).toEqual({
      records: [["2026-08-20T13", 4n]],
      skipped: [],
      writtenOff: [["before-start", 3_000_000n]],
    });
  });
});
