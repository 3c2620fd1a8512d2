import { describe, expect, test } from "vitest";
import type { Configuration, Product } from "../configuration/configuration.ts";
import { memoryBookHistory } from "../memory/book-history.ts";
import { analyticsCode, at, example, exampleConfiguration, hour, licenseId } from "../memory/example.ts";
import { usage } from "../memory/meter.ts";
import { activeWorld, sealedKey } from "../memory/seal-world.ts";
import type { UsageRecord } from "../metering/usage-record.ts";
import { runMeter } from "../metering/run.ts";
import { laterBy } from "../time/instant.ts";
import { unitsAtRisk } from "./at-risk.ts";
import { findConflicts } from "./conflicts.ts";
import { rehearse } from "./rehearsal.ts";

const configured = (change: Partial<Product>, settings = {}): Configuration => ({
  ...exampleConfiguration,
  settings: { ...exampleConfiguration.settings, ...settings },
  products: exampleConfiguration.products.map((product) =>
    product.code === analyticsCode ? { ...product, ...change } : product,
  ),
});

/** A license that is active since noon of 19 August, of which the books are complete through an hour. */
async function world(configuration = exampleConfiguration, through = "2026-08-20T14") {
  const meter = await activeWorld(configuration);
  await meter.ports.progress.advance(hour(through));
  const history = memoryBookHistory(meter.folds, meter.metering);
  const books = () => structuredClone(meter.metering.contents);
  const risk = async (now = "2026-08-20T15:30:00Z", limit = 50, product?: string) => {
    const before = books();
    const asked = { now: at(now), soonUntil: laterBy(at(now), 3_600_000), limit, product };
    const report = await unitsAtRisk(meter.ports, configuration, asked);
    expect(books()).toEqual(before);
    return report;
  };
  return { ...meter, history, risk, configuration };
}

const short = ({ risks }: Awaited<ReturnType<typeof unitsAtRisk>>) =>
  risks.map(({ name, units, reason, deadlineAt }) => [name, units / 1_000_000n, reason, deadlineAt] as const);
const book = `${licenseId}/gb_stored`;

describe("at risk", () => {
  test("is what the next run would seal, until AWS takes it no more, and what has not settled", async () => {
    const { count, risk } = await world();
    await count("2026-08-20T14", 3n);
    await count("2026-08-20T15", 5n);
    const report = await risk();
    expect(short(report)).toEqual([
      [`${book}/2026-08-20T14`, 3n, "the next run of the meter seals them", at("2026-08-21T14:00:00Z")],
      [book, 5n, "their hour has not settled yet", undefined],
    ]);
    expect(report).toMatchObject({ soon: 0, more: 0, isMore: false, all: { units: 8_000_000n, records: 0 } });
    expect(report.byProduct.get(analyticsCode)).toMatchObject({
      units: 8_000_000n,
      nearestAt: at("2026-08-21T14:00:00Z"),
    });
  });

  test("is soon when a grant that ended takes nothing more within the time asked for", async () => {
    const { count, risk, record } = await world();
    await count("2026-08-20T15", 5n);
    await record(example.licenseDeprovisioned("f-2", "2026-08-20T15:20:00Z"));
    const report = await risk("2026-08-20T15:30:00Z");
    expect(short(report)).toEqual([[book, 5n, "their hour has not settled yet", at("2026-08-20T16:20:00Z")]]);
    expect(report.soon).toBe(1);
  });

  test.each<[string, Partial<Product>, RegExp]>([
    ["paused", {}, /Example Analytics is paused \(a price is wrong\)/],
    [
      "waiting for its contract",
      {
        dimensions: [
          { key: "seats", kind: "entitled" },
          { key: "gb_stored", kind: "metered", includedIn: "seats" },
        ],
      },
      /what its contract includes from 2026-08-20T13 on is not known yet/,
    ],
  ])("are all units of a product that is %s", async (_, change, reason) => {
    const { count, risk, ports } = await world(configured(change));
    if (/paused/.test(reason.source))
      await ports.switches.pause(analyticsCode, "a price is wrong", at("2026-08-20T12:00:00Z"));
    await count("2026-08-20T13", 2n);
    const report = await risk();
    expect(short(report)).toEqual([[book, 2n, expect.stringMatching(reason) as string, undefined]]);
    expect([...report.byReason.keys()].join()).not.toMatch(/2026/);
  });

  test("is lost with the next run where late usage is written off and the hour has its record", async () => {
    const { count, risk, seal } = await world(configured({}, { lateUsage: "write-off" }));
    await count("2026-08-20T14", 5n);
    await seal("2026-08-20T14", "2026-08-20T15:15:00Z");
    await count("2026-08-20T14", 1n);
    const report = await risk("2026-08-20T15:30:00Z");
    expect(short(report)[0]).toEqual([
      ...[book, 1n, expect.stringContaining("writes them off") as string, at("2026-08-20T15:30:00Z")],
    ]);
    expect(report.soon).toBe(1);
  });

  test("are pending records by deadline, with the last answer; none of 0 units, and none of a dry run", async () => {
    const { count, risk, seal, ports } = await world();
    await count("2026-08-20T13", 2n);
    await count("2026-08-20T14", 3n);
    await seal("2026-08-20T14", "2026-08-20T15:15:00Z");
    const pending = await ports.records.pending(analyticsCode, at("2026-08-22T00:00:00Z"), 10);
    const [first] = pending;
    if (first === undefined) throw new Error("nothing was sealed");
    const key = { subscriptionId: first.subscriptionId, dimension: "events_ingested" };
    await ports.books.sealZero({ ...first, ...key, entry: { ...first.entry, quantity: 0n } });
    await ports.records.countAttempt(first);
    const retryAt = at("2026-08-20T16:15:00Z");
    await ports.records.postpone(
      first,
      { refusal: "CustomerNotSubscribed", refusedAs: "not-subscribed", retryAt },
      at("2026-08-20T15:15:00Z"),
      "none",
    );
    const report = await risk();
    expect(short(report)).toEqual([
      [`${book}/2026-08-20T13`, 2n, "CustomerNotSubscribed", at("2026-08-21T13:00:00Z")],
      [`${book}/2026-08-20T14`, 3n, "not sent yet", at("2026-08-21T14:00:00Z")],
    ]);
    expect(report.risks[0]).toMatchObject({ kind: "record", attempts: 0, retryAt });
    expect(report.all.records).toBe(2);
    expect(await risk("2026-08-20T15:30:00Z", 1)).toMatchObject({ more: 1, risks: [{ units: 2_000_000n }] });
    expect((await risk("2026-08-21T12:30:00Z")).soon).toBe(1);
    const asked = { now: at("2026-08-20T15:30:00Z"), soonUntil: at("2026-08-20T15:30:00Z"), limit: 9 };
    expect((await unitsAtRisk(ports, configured({ metering: "dry-run" }), asked)).risks).toEqual([]);
    await ports.switches.pause(analyticsCode, "a price is wrong", at("2026-08-20T12:00:00Z"));
    expect((await risk()).risks.map(({ reason }) => reason).join()).toMatch(/paused.*paused/);
    const rehearsing = await world(configured({ metering: "dry-run" }));
    await rehearsing.count("2026-08-20T14", 3n);
    expect((await rehearsing.risk()).risks).toEqual([]);
  });

  test("of usage in no grant lasts as long as a record of its hour could be taken", async () => {
    const { count, risk } = await world(exampleConfiguration, "2026-08-20T03");
    await count("2026-08-19T10", 2n);
    const report = await risk("2026-08-20T05:00:00Z");
    expect(short(report)).toEqual([
      [book, 2n, "2 units were used in no grant, as far as is known", at("2026-08-20T10:00:00Z")],
    ]);
    expect([...report.byReason.keys()]).toEqual(["units were used in no grant, as far as is known"]);
  });

  test("is usage that waits, unless one product is asked for", async () => {
    const { risk, ingest, setNow, ports, configuration } = await world();
    setNow(at("2026-08-20T15:15:00Z"));
    await ingest([usage("e-1", "2026-08-20T14:05:00Z", "4.5", { subject: "tenant-42" })]);
    await runMeter(ports, configuration);
    const report = await risk();
    expect(report.risks).toMatchObject([
      { kind: "waiting", name: "tenant-42", units: 4_500_000n, deadlineAt: at("2026-09-24T15:15:00Z") },
    ]);
    expect(report.risks[0]?.reason).toContain("subject-unknown");
    expect((await risk("2026-08-20T15:30:00Z", 50, analyticsCode)).risks).toEqual([]);
  });
});

describe("conflicts", () => {
  test("are found while their usage is kept, the latest first, none of 0 units", async () => {
    const { count, seal, ports, history, configuration } = await world();
    await count("2026-08-20T13", 2n);
    await count("2026-08-20T14", 3n);
    await seal("2026-08-20T14", "2026-08-20T15:15:00Z");
    for (const record of await ports.records.pending(analyticsCode, at("2026-08-22T00:00:00Z"), 10)) {
      await ports.records.countAttempt(record);
      await ports.records.conclude(record, {
        state: "conflict",
        at: laterBy(at("2026-08-20T15:00:00Z"), Number(record.entry.quantity)),
      });
    }
    for (const record of await ports.records.recordsOf({ ...sealedKey }, 1)) {
      const zero = {
        ...record,
        dimension: "events_ingested",
        outcome: { state: "conflict", at: record.deadlineAt },
      };
      await ports.books.sealZero({ ...zero, entry: { ...record.entry, quantity: 0n } } as UsageRecord);
    }
    const find = (now: string, limit = 10) =>
      findConflicts({ ...ports, history }, configuration, { now: at(now), limit });
    expect(await find("2026-08-20T16:00:00Z")).toMatchObject({
      ...{ count: 2, units: 5n },
      conflicts: [{ name: `${book}/2026-08-20T14`, units: 3n }, { name: `${book}/2026-08-20T13` }],
    });
    expect((await find("2026-08-20T16:00:00Z", 1)).conflicts).toHaveLength(1);
    expect(await find("2026-10-06T00:00:00Z")).toMatchObject({ count: 0, conflicts: [] });
  });
});

describe("a rehearsal", () => {
  test("is what a run would seal if nothing held it up, and writes nothing", async () => {
    const { count, countMicro, ports, configuration, metering } = await world(
      configured({ metering: "dry-run", startAt: hour("2026-08-20T10") }),
    );
    await ports.switches.pause(analyticsCode, "wait", at("2026-08-20T12:00:00Z"));
    await count("2026-08-20T09", 7n);
    await countMicro("2026-08-20T13", 2_500_000n);
    await countMicro("2026-08-20T14", 3_500_000n);
    const before = structuredClone(metering.contents);
    const asked = { now: at("2026-08-20T15:30:00Z"), limit: 1 };
    const rehearsal = await rehearse(ports, configuration, asked);
    expect(rehearsal).toMatchObject({
      ...{ through: hour("2026-08-20T14"), moreRecords: 1, stays: [], moreStays: 0 },
      records: [{ hour: hour("2026-08-20T13"), entry: { quantity: 2n } }],
      byDimension: [{ productCode: analyticsCode, dimension: "gb_stored", records: 2, units: 6n }],
    });
    expect([...rehearsal.writtenOff]).toEqual([["before-start", 7_000_000n]]);
    expect(metering.contents).toEqual(before);
    expect((await rehearse(ports, configuration, { ...asked, product: "another" })).byDimension).toEqual([]);
    expect((await ports.switches.load(analyticsCode)).rehearsedThrough).toBeUndefined();
  });
});
