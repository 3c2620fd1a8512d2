import { describe, expect, test } from "vitest";
import { memoryBookHistory } from "../memory/book-history.ts";
import { at, example, exampleConfiguration, hour, licenseArn, licenseId } from "../memory/example.ts";
import { memoryMeter, usage } from "../memory/meter.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { runMeter } from "../metering/run.ts";
import type { CallAnswer } from "../metering/submission.ts";
import { microUnits, type MicroUnits } from "../quantity/micro-units.ts";
import { explainRecord } from "./explain.ts";

const key = { subscriptionId: licenseId as string as SubscriptionId, dimension: "gb_stored" };
const micro = (units: number): MicroUnits => microUnits(BigInt(units * 1_000_000));
const active = example.licenseUpdated("f-1", "2026-08-20T12:00:00Z");

function world() {
  const meter = memoryMeter();
  meter.setNow(at("2026-08-20T14:10:00Z"));
  const history = memoryBookHistory(meter.folds, meter.metering);
  const run = async (now: string, ports = meter.ports) => {
    meter.setNow(at(now));
    await runMeter(ports, exampleConfiguration);
  };
  const explain = (
    of: string,
    now = "2026-08-20T18:00:00Z",
    limit = 50,
    configuration = exampleConfiguration,
  ) =>
    explainRecord(
      { ...meter.ports, history },
      configuration,
      { key, hour: hour(of) },
      {
        ...{ now: at(now), limit, shards: exampleConfiguration.settings.shards },
      },
    );
  return { ...meter, run, explain };
}

/** Each event by its id, with what became of it. */
const fates = (explained: Awaited<ReturnType<ReturnType<typeof world>["explain"]>>) =>
  explained?.hours.map(({ folds }) =>
    folds.map(({ events }) => events.map(({ event, fate }) => `${event.id} ${fate}`)),
  );

describe("a usage record", () => {
  test("is explained by the folds that counted it and the events in their segments; copies are told apart", async () => {
    const { record, ingest, run, explain } = world();
    await record(active);
    const arn = { subject: licenseArn.replace("::", ":us-east-1:") };
    await ingest([
      usage("e-1", "2026-08-20T14:05:00Z", "4"),
      usage("e-2", "2026-08-20T14:06:00Z", "0.5"),
      usage("e-2", "2026-08-20T14:06:00Z", "0.5"),
      usage("e-3", "2026-08-20T14:06:00Z", "2", arn),
      usage("e-4", "2026-08-20T14:07:00Z", "7", { subject: "tenant-42" }),
      usage("e-5", "2026-08-20T14:07:00Z", "7", { data: { dimension: "events_ingested", quantity: "7" } }),
    ]);
    await run("2026-08-20T15:15:00Z");
    const explained = await explain("2026-08-20T14");
    expect(explained).toMatchObject({
      ...{ difference: 0n, namesHours: true, subscription: { id: licenseId } },
      record: { entry: { quantity: 6n } },
      hours: [
        {
          ...{ hour: hour("2026-08-20T14"), units: micro(6), isExpired: false },
          ...{ held: micro(0.5), leftOut: 0n, missing: 0n, moves: [] },
        },
      ],
    });
    expect(fates(explained)?.flat(2).toSorted()).toEqual([
      "e-1 counted",
      "e-2 counted",
      "e-2 repeat",
      "e-3 counted",
    ]);
    for (const { units, sums, problems, events, place } of explained?.hours[0]?.folds ?? []) {
      expect(sums.counted).toBe(units);
      expect(problems).toEqual([]);
      expect(events[0]?.segment).toContain(`2026-08-20T14/${place?.shard}/`);
    }
  });

  test("has a fraction that an earlier record left, and leaves out what another hour counted", async () => {
    const { record, ingest, run, explain } = world();
    await record(active);
    await ingest([usage("e-1", "2026-08-20T14:05:00Z", "4.75")]);
    await run("2026-08-20T15:15:00Z");
    await ingest([
      usage("e-1", "2026-08-20T15:05:00Z", "4.75"),
      usage("e-2", "2026-08-20T15:05:00Z", "1.25"),
      usage("e-2", "2026-08-20T15:06:00Z", "9"),
    ]);
    await run("2026-08-20T16:15:00Z");
    const explained = await explain("2026-08-20T15");
    expect(explained).toMatchObject({
      difference: 0n,
      hours: [
        {
          ...{ units: micro(0.75), folds: [{ units: micro(4.75) }], leftOut: 0n, missing: 0n },
          moves: [{ how: "taken", hour: hour("2026-08-20T14"), units: micro(4), outcome: "accepted" }],
        },
        { units: micro(1.25), folds: [{ units: micro(1.25) }], moves: [], leftOut: 0n, missing: 0n },
      ],
    });
    expect(fates(explained)).toEqual([
      [["e-1 counted"]],
      [["e-1 other-content", "e-2 counted", "e-2 other-content"]],
    ]);
  });

  test("knows a repeat in a later fold of the same hour", async () => {
    const { record, ingest, run, explain } = world();
    await record(active);
    await ingest([usage("e-1", "2026-08-20T14:05:00Z", "4")]);
    await run("2026-08-20T15:15:00Z");
    await ingest([usage("e-1", "2026-08-20T14:05:00Z", "4"), usage("e-2", "2026-08-20T14:05:00Z", "2")]);
    await run("2026-08-20T16:15:00Z");
    const explained = await explain("2026-08-20T15");
    expect(fates(explained)).toEqual([[["e-1 counted"], ["e-1 repeat", "e-2 counted"]]]);
    expect(explained?.hours).toMatchObject([{ hour: hour("2026-08-20T14"), units: micro(2), missing: 0n }]);
  });

  test("says which events waited for somebody and were counted later, and which still wait", async () => {
    const { record, ingest, run, explain } = world();
    await ingest([
      usage("e-1", "2026-08-20T14:05:00Z", "4"),
      usage("e-2", "2026-08-20T14:05:00Z", "3", { data: { dimension: "gone", quantity: "3" } }),
    ]);
    await run("2026-08-20T15:15:00Z");
    await record(active);
    await run("2026-08-20T16:15:00Z");
    await run("2026-08-20T16:16:00Z");
    const explained = await explain("2026-08-20T14");
    expect(fates(explained)).toEqual([[["e-1 later"]]]);
    expect(explained?.hours).toMatchObject([
      { units: micro(4), leftOut: 0n, missing: 0n, folds: [{ units: 0n }] },
    ]);
  });

  test("tells apart which of a fold's events still wait", async () => {
    const { record, ingest, run, explain } = world();
    await record(example.licenseUpdated("f-1", "2026-08-20T14:04:00Z"));
    await ingest([usage("e-1", "2026-08-20T14:03:00Z", "4"), usage("e-2", "2026-08-20T14:05:00Z", "3")]);
    await run("2026-08-20T15:15:00Z");
    const explained = await explain("2026-08-20T14");
    expect(fates(explained)?.flat(2).toSorted()).toEqual(["e-1 waits", "e-2 counted"]);
    expect(explained?.hours).toMatchObject([{ units: micro(3), leftOut: 0n, missing: 0n }]);
  });

  test("finds its events by their names when they would be nobody's by what is known now", async () => {
    const { record, ingest, run, explain } = world();
    await record(active);
    await ingest([usage("e-1", "2026-08-20T14:05:00Z", "4")]);
    await run("2026-08-20T15:15:00Z");
    const products = exampleConfiguration.products.map((product) => ({ ...product, dimensions: [] }));
    const explained = await explain("2026-08-20T14", undefined, 50, { ...exampleConfiguration, products });
    expect(fates(explained)).toEqual([[["e-1 counted"]]]);
    expect(explained?.hours[0]?.folds[0]?.sums.counted).toBe(micro(4));
  });

  test("names a fraction that the record of a later hour left there", async () => {
    const { record, ingest, run, explain } = world();
    await record(active);
    await ingest([usage("e-1", "2026-08-20T13:05:00Z", "1")]);
    await run("2026-08-20T14:11:00Z");
    await ingest([usage("e-2", "2026-08-20T13:06:00Z", "4.75")]);
    await run("2026-08-20T15:15:00Z");
    await ingest([usage("e-3", "2026-08-20T15:05:00Z", "0.25")]);
    await run("2026-08-20T16:15:00Z");
    expect(await explain("2026-08-20T14")).toMatchObject({
      difference: 0n,
      hours: [{ units: micro(4.75) }, { hour: hour("2026-08-20T14"), units: micro(-0.75), missing: 0n }],
    });
    expect((await explain("2026-08-20T15"))?.hours[0]).toMatchObject({
      ...{ hour: hour("2026-08-20T14"), units: micro(0.75), folds: [], leftOut: 0n, missing: 0n },
      moves: [{ how: "left", hour: hour("2026-08-20T14"), units: micro(-0.75) }],
    });
  });

  test("says of units that a record gave back where they come from", async () => {
    const { record, ingest, run, explain, ports } = world();
    await record(active);
    await ingest([usage("e-1", "2026-08-20T14:05:00Z", "4")]);
    const refused: CallAnswer = { kind: "unavailable", reason: "the role is gone", effect: "none" };
    const submitter = { submit: () => Promise.resolve(refused) };
    await run("2026-08-20T15:15:00Z", { ...ports, submitter });
    await run("2026-08-21T15:30:00Z");
    await run("2026-08-21T15:31:00Z");
    const [later] = (await ports.records.recordsOf(key, 1)).map((one) => one.hour);
    expect(later).toBeGreaterThan(hour("2026-08-20T14"));
    const explained = await explainAt(explain, later);
    expect(explained?.hours).toMatchObject([
      {
        ...{ hour: hour("2026-08-20T14"), units: micro(4), leftOut: 0n, missing: 0n },
        moves: [
          { how: "taken", units: micro(4), outcome: "returned" },
          { how: "given-back", units: micro(4), outcome: "returned" },
        ],
      },
    ]);
  });

  test("says what was left out, what is missing, and what does not add up", async () => {
    const { record, ingest, run, explain, metering } = world();
    await record(active);
    await ingest([usage("e-1", "2026-08-20T14:05:00Z", "4.5")]);
    await run("2026-08-20T15:15:00Z");
    const { records, books, postings } = metering.contents;
    for (const [name, book] of books) books.set(name, { ...book, balance: new Map() });
    expect((await explain("2026-08-20T14"))?.hours).toMatchObject([{ leftOut: micro(0.5), missing: 0n }]);
    postings.clear();
    expect((await explain("2026-08-20T14"))?.hours).toMatchObject([
      { leftOut: 0n, missing: micro(4), folds: [] },
    ]);
    for (const [name, one] of records) records.set(name, { ...one, entry: { ...one.entry, quantity: 5n } });
    expect((await explain("2026-08-20T14"))?.difference).toBe(micro(-1));
    for (const [name, one] of records) records.set(name, { ...one, taken: [] });
    expect(await explain("2026-08-20T14")).toMatchObject({ difference: 0n, namesHours: false });
  });

  test("names no more events of a fold than were asked for, and adds up all", async () => {
    const { record, ingest, run, explain } = world();
    await record(active);
    await ingest(Array.from({ length: 9 }, (_, index) => usage(`e-${index}`, "2026-08-20T14:05:00Z")));
    await run("2026-08-20T15:15:00Z");
    const [fold] = (await explain("2026-08-20T14", undefined, 2))?.hours[0]?.folds ?? [];
    expect(fold).toMatchObject({ moreEvents: 7, sums: { counted: micro(9) } });
    expect(fold?.events).toHaveLength(2);
  });

  test("says when usage is not kept any more, and which segment is gone before its time", async () => {
    const { record, ingest, run, explain, usageLog } = world();
    await record(active);
    await ingest([usage("e-1", "2026-08-20T14:05:00Z", "4")]);
    await run("2026-08-20T15:15:00Z");
    expect((await explain("2026-08-20T14", "2026-10-04T14:59:59Z"))?.hours).toMatchObject([
      { isExpired: false },
    ]);
    expect((await explain("2026-08-20T14", "2026-10-04T15:00:00Z"))?.hours).toMatchObject([
      { isExpired: true, units: micro(4), folds: [] },
    ]);
    const damaged = usageLog
      .contents()
      .segments.map((segment) => ({ ...segment, bytes: segment.bytes.slice(0, -1) }));
    await usageLog.putSegments(damaged);
    const [fold] = (await explain("2026-08-20T14"))?.hours[0]?.folds ?? [];
    expect(fold).toMatchObject({ units: micro(4), sums: { counted: 0n } });
    expect(fold?.problems.join()).toMatch(/does not match its checksum/);
  });

  test("finds what was counted for a license before that turned out to be the subscription's", async () => {
    const { record, ingest, run, ports, folds, metering } = world();
    await record(active);
    await ingest([usage("e-1", "2026-08-20T14:05:00Z", "4")]);
    await run("2026-08-20T15:15:00Z");
    const owner = { ...key, subscriptionId: "n0123/X01" as SubscriptionId };
    const [sealed] = metering.contents.records.values();
    if (sealed === undefined) throw new Error("nothing was sealed");
    metering.contents.records.set("moved", { ...sealed, ...owner });
    const subscriptions = {
      ...ports.subscriptions,
      loadSubscription: async (id: SubscriptionId) => {
        const found = await ports.subscriptions.loadSubscription(id);
        return { ...found, links: { ...found.links, licenseIds: [key.subscriptionId] } };
      },
    };
    const explained = await explainRecord(
      { ...ports, subscriptions, history: memoryBookHistory(folds, metering) },
      exampleConfiguration,
      { key: owner, hour: hour("2026-08-20T14") },
      { now: at("2026-08-20T18:00:00Z"), limit: 50, shards: exampleConfiguration.settings.shards },
    );
    expect(fates(explained)).toEqual([[["e-1 counted"]]]);
    expect(explained?.hours).toMatchObject([
      { missing: 0n, leftOut: 0n, folds: [{ units: micro(4), movedFrom: key.subscriptionId }] },
    ]);
  });

  test("that there is not is none", async () => {
    expect(await world().explain("2026-08-20T14")).toBeUndefined();
  });
});

const explainAt = (explain: ReturnType<typeof world>["explain"], of: number | undefined) =>
  explain(new Date((of ?? 0) * 3_600_000).toISOString().slice(0, 13), "2026-08-21T16:00:00Z");
