import fc from "fast-check";
import { expect, test } from "vitest";
import type { Configuration } from "../configuration/configuration.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { at, example, exampleConfiguration, hour, licenseId } from "../memory/example.ts";
import { watched } from "../memory/fold-world.ts";
import { memoryMeter, usage } from "../memory/meter.ts";
import { formatQuantity, microUnits } from "../quantity/micro-units.ts";
import { formatInstant, hourMs, instant } from "../time/instant.ts";
import { hoursLater, type UtcHour } from "../time/utc-hour.ts";
import { ingestUsage } from "../usage/ingest.ts";
import { maxShardCount } from "../usage/shard.ts";
import { type FoldPorts, foldUsage } from "./fold-usage.ts";
import { attributeWaiting } from "./waiting.ts";

/**
 * What is counted in the end is a function of which events there are, and of nothing else: not of batches, order, repeats,
 * shards, how many fold at once, where they crash, or whether the work was done in one go.
 */
const base = hour("2026-08-20T14");
const late = "l-99999999999999999999";
const subjects = [licenseId, "tenant-42", late];
const dimensions = ["gb_stored", "events_ingested"];

const event = fc.record({
  subject: fc.constantFrom(...subjects),
  dimension: fc.constantFrom(...dimensions),
  team: fc.constantFrom(undefined, "a", "b"),
  micro: fc.bigInt({ min: -5_000_000n, max: 9_000_000_000_000_000_000n }),
  minute: fc.nat(59),
  hour: fc.nat(2),
});

/** A copy of one of the events, which may claim another hour, in a batch. */
const delivery = fc.record({ of: fc.nat(), hoursOff: fc.integer({ min: -2, max: 2 }), batch: fc.nat(6) });

const shards = fc.constantFrom<Configuration["settings"]["shards"]>(
  [{ fromHour: 0 as UtcHour, count: 1 }],
  [{ fromHour: 0 as UtcHour, count: 4 }],
  [
    { fromHour: 0 as UtcHour, count: 2 },
    { fromHour: base, count: 4 },
    { fromHour: hoursLater(base, 1), count: 8 },
  ],
);

type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never;

function cloudEvent(one: Event, index: number, hoursOff: number): object {
  const time = formatInstant(instant((base + one.hour + hoursOff) * hourMs + one.minute * 60_000));
  const quantity = formatQuantity(microUnits(one.micro));
  const tags = one.team === undefined ? {} : { tags: { team: one.team } };
  return usage(`e-${index}`, time, quantity, {
    subject: one.subject,
    data: { dimension: one.dimension, quantity, ...tags },
  });
}

const holder = (subject: string): string => (subject === late ? late : licenseId);

function expected(events: readonly Event[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { subject, dimension, team, micro } of events) {
    const name = [holder(subject), dimension, team === undefined ? "[]" : `[["team","${team}"]]`].join(" ");
    sums.set(name, (sums.get(name) ?? 0n) + micro);
  }
  return new Map([...sums].filter(([, sum]) => sum !== 0n));
}

test("totals depend on the events alone", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 12 }),
      fc.array(delivery, { maxLength: 40 }),
      shards,
      fc.record({
        folders: fc.integer({ min: 1, max: 3 }),
        crashes: fc.array(fc.nat(120), { maxLength: 4 }),
      }),
      fc.nat(6),
      async (events, deliveries, counts, { folders, crashes }, activeAfter) => {
        const configuration = {
          ...exampleConfiguration,
          settings: { ...exampleConfiguration.settings, shards: counts },
        };
        const meter = memoryMeter();
        meter.setNow(at("2026-08-20T23:00:00Z"));
        await meter.record(example.licenseUpdated("f-1", "2026-08-20T00:00:00Z"));
        const named = { licenseArn: licenseId, reference: "tenant-42" };
        const { ports } = meter;
        const first = events.map((_, of) => ({ of, hoursOff: 0, batch: of % 7 }));
        const all = [...first, ...deliveries];
        for (let batch = 0; batch <= 6; batch += 1) {
          const bodies = all
            .filter((one) => one.batch === batch)
            .map(({ of, hoursOff }) => {
              const index = of % events.length;
              const one = events[index];
              return one === undefined ? {} : cloudEvent(one, index, hoursOff);
            });
          const messages = [{ id: `m-${batch}`, body: JSON.stringify(bodies) }];
          await ingestUsage(
            { ...ports, quarantine: meter.quarantine },
            configuration.settings,
            `b-${batch}`,
            messages,
          );
          if (batch === activeAfter) {
            await meter.record(example.registered("f-2", "2026-08-20T00:01:00Z", named));
            await meter.record(example.licenseUpdated("f-3", "2026-08-20T00:00:00Z", { licenseArn: late }));
          }
          await foldAtOnce(ports, configuration, folders, crashes[batch]);
        }
        await foldAtOnce(ports, configuration, 1, undefined);
        for (const id of [licenseId, late])
          await attributeWaiting(ports, configuration, id as SubscriptionId);
        const counted = new Map<string, bigint>();
        for (const { key, balance } of meter.metering.contents.books.values()) {
          for (const amounts of balance.values())
            for (const [tagSet, amount] of amounts) {
              const name = [key.subscriptionId, key.dimension, tagSet].join(" ");
              counted.set(name, (counted.get(name) ?? 0n) + amount);
            }
        }
        expect(new Map([...counted].filter(([, sum]) => sum !== 0n))).toEqual(expected(events));
        expect(await ports.waiting.due(at("2030-01-01T00:00:00Z"), 10)).toEqual([]);
      },
    ),
    { numRuns: 150 },
  );
});

/** Folds everything that is marked, by several folders that may meet, one of which may die at some step. */
async function foldAtOnce(
  ports: FoldPorts & ReturnType<typeof memoryMeter>["ports"],
  configuration: Configuration,
  folders: number,
  crashAt: number | undefined,
): Promise<void> {
  const dying = watched(ports, async (call, go) => {
    if (crashAt !== undefined && call >= crashAt) throw new Error("crashed");
    return go();
  });
  const fold = async (to: FoldPorts) => {
    const all = Array.from({ length: maxShardCount(configuration.settings.shards) }, (_, shard) => shard);
    for (const shard of all)
      for (const mark of await ports.usageLog.marks(shard, hoursLater(base, 10)))
        await foldUsage(to, configuration, mark).catch(() => undefined);
  };
  await Promise.all(Array.from({ length: folders }, (_, index) => fold(index === 0 ? dying : ports)));
}
