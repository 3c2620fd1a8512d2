import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, exampleConfiguration, hour, licenseId } from "../memory/example.ts";
import { beforeCall, world } from "../memory/fold-world.ts";
import { usage } from "../memory/meter.ts";
import { shardOf } from "../usage/shard.ts";
import { FoldContentionError, foldUsage } from "./fold-usage.ts";

describe("a copy of an event in another hour", () => {
  const hours = [
    "2026-08-20T12",
    "2026-08-20T13",
    "2026-08-20T14",
    "2026-08-20T15",
    "2026-08-20T16",
    "2026-08-20T17",
    "2026-08-20T18",
  ];
  const through = hour("2026-08-21T12");
  /** Folds every marked hour-shard, in the given order of hours. */
  const foldAll = async ({ ports }: Awaited<ReturnType<typeof world>>, turn = 0) => {
    const shards = [0, 1, 2, 3];
    const marks = (await Promise.all(shards.map((shard) => ports.usageLog.marks(shard, through)))).flat();
    const sorted = marks
      .map((_, index) => marks[(index + turn) % marks.length])
      .filter((mark) => mark !== undefined);
    for (const mark of sorted) await foldUsage(ports, exampleConfiguration, mark);
  };
  const inHour = (text: string, id = "e-1", quantity = "5") => usage(id, `${text}:30:00Z`, quantity);
  const late = async () => {
    const meter = await world();
    meter.setNow(at("2026-08-20T20:00:00Z"));
    return meter;
  };

  test("counts once, whichever of them is folded first, and however long after", async () => {
    for (const turn of [0, 1, 2, 3, 4, 5, 6]) {
      const meter = await late();
      await meter.ingest(hours.map((each) => inHour(each)));
      await foldAll(meter, turn);
      expect(await meter.counted(), `turn ${turn}`).toBe(5_000_000n);
    }
    const apart = await late();
    for (const each of hours.toReversed()) {
      await apart.ingest([inHour(each)]);
      await foldAll(apart);
    }
    expect(await apart.counted()).toBe(5_000_000n);
  });

  test("counts once up to six hours away, and is taken for another event beyond that", async () => {
    const near = await late();
    await near.ingest([inHour("2026-08-20T12"), inHour("2026-08-20T18")]);
    await foldAll(near);
    expect(await near.counted()).toBe(5_000_000n);
    const far = await late();
    await far.ingest([inHour("2026-08-20T12"), inHour("2026-08-20T19")]);
    await foldAll(far);
    expect(await far.counted()).toBe(10_000_000n);
  });

  test("counts once when two folders take the two hours at once, at any step of each other", async () => {
    for (let n = 1; ; n += 1) {
      const meter = await late();
      await meter.ingest([
        inHour("2026-08-20T13"),
        inHour("2026-08-20T14"),
        inHour("2026-08-20T14", "e-2", "1"),
      ]);
      const marks = await meter.ports.usageLog.marks(shardOf(licenseId, 4), through);
      const [first, second] = marks;
      if (first === undefined || second === undefined) throw new Error("no marks");
      const interrupted = beforeCall(meter.ports, n, () =>
        foldUsage(meter.ports, exampleConfiguration, second),
      );
      await foldUsage(interrupted.ports, exampleConfiguration, first).catch((error: unknown) => {
        expect(error).toBeInstanceOf(FoldContentionError);
      });
      await foldAll(meter);
      expect(await meter.counted(), `step ${n}`).toBe(6_000_000n);
      if (!interrupted.seen.reached) break;
    }
  });

  test("gives the same total however copies within six hours are spread over hours, batches, folds and shard counts", async () => {
    const copy = fc.record({ id: fc.nat(5), hour: fc.nat(6), batch: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(fc.array(copy, { maxLength: 25 }), fc.nat(7), async (copies, turn) => {
        const meter = await late();
        for (const batch of [0, 1, 2, 3]) {
          const events = copies.filter((each) => each.batch === batch);
          await meter.ingest(
            events.map(({ id, hour: index }) => inHour(hours[index] ?? "", `e-${id}`, String(id))),
          );
          if ((turn + batch) % 2 === 0) await foldAll(meter, turn);
        }
        await foldAll(meter, turn);
        const once = [...new Set(copies.map(({ id }) => id))].reduce((sum, id) => sum + id, 0);
        expect(await meter.counted()).toBe(BigInt(once) * 1_000_000n);
      }),
      { numRuns: 150 },
    );
  });
});
