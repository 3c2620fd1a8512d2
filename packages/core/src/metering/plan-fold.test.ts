import { describe, expect, test } from "vitest";
import { example, exampleConfiguration, hour, licenseId } from "../memory/example.ts";
import { time, used, world } from "../memory/fold-world.ts";
import { usage } from "../memory/meter.ts";
import { ingestUsage } from "../usage/ingest.ts";
import { shardOf } from "../usage/shard.ts";
import { foldUsage } from "./fold-usage.ts";

describe("a plan", () => {
  test("of thousands of tag sets fits the item that each posting is", async () => {
    const users = Array.from({ length: 9_000 }, (_, index) =>
      usage(`e-${index}`, time, "1", {
        data: { dimension: "gb_stored", quantity: "1", tags: { user: `somebody-with-a-long-name-${index}` } },
      }),
    );
    const batches = Array.from({ length: 9 }, (_, index) => users.slice(index * 1_000, (index + 1) * 1_000));
    const { fold, counted, ports } = await world(...batches);
    const sizes: number[] = [];
    const post = ports.books.post.bind(ports.books);
    ports.books.post = (after, posting, planId) => {
      sizes.push(posting.amounts.size);
      return post(after, posting, planId);
    };
    await fold();
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2_501);
    expect(await counted()).toBe(9_000_000_000n);
  });

  test("books every posting, however many subjects it has", async () => {
    const subjects = Array.from({ length: 60 }, (_, index) => `l-${String(index).padStart(20, "0")}`);
    const one = await world();
    for (const [index, subject] of subjects.entries())
      await one.record(example.licenseUpdated(`s-${index}`, "2026-08-20T12:00:00Z", { licenseArn: subject }));
    const shards = [{ fromHour: hour("1970-01-01T00"), count: 1 }];
    const single = { ...exampleConfiguration, settings: { ...exampleConfiguration.settings, shards } };
    const bodies = subjects.map((subject, index) => usage(`e-${index}`, time, "1", { subject }));
    const ingestPorts = { ...one.ports, quarantine: one.quarantine };
    await ingestUsage(ingestPorts, single.settings, "b-all", [{ id: "m", body: JSON.stringify(bodies) }]);
    const mark = await one.ports.usageLog.mark({ hour: used, shard: 0 });
    if (mark === undefined) throw new Error("no mark");
    expect(await foldUsage(one.ports, single, mark)).toMatchObject({ eventCount: 60, waitingCount: 0 });
    for (const subject of subjects) expect(await one.counted(subject)).toBe(1_000_000n);
  });

  test("is made anew when the hours around change meanwhile, and counts once", async () => {
    const one = await world([usage("e-1", time, "5")], [usage("e-1", "2026-08-20T13:30:00Z", "5")]);
    const before = await one.ports.usageLog.mark({
      hour: hour("2026-08-20T13"),
      shard: shardOf(licenseId, 4),
    });
    if (before === undefined) throw new Error("no mark");
    let hasFolded = false;
    const open = one.ports.folds.open.bind(one.ports.folds);
    one.ports.folds.open = async (...given) => {
      if (!hasFolded) {
        hasFolded = true;
        await foldUsage(one.ports, exampleConfiguration, before);
      }
      return open(...given);
    };
    const mark = await one.ports.usageLog.mark({ hour: used, shard: shardOf(licenseId, 4) });
    if (mark === undefined) throw new Error("no mark");
    expect(await foldUsage(one.ports, exampleConfiguration, mark)).toMatchObject({
      eventCount: 0,
      repeatCount: 1,
    });
    expect(await one.counted()).toBe(5_000_000n);
  });
});
