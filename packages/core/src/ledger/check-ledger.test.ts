import { describe, expect, test } from "vitest";
import { at, example, exampleConfiguration, hour, licenseId } from "../memory/example.ts";
import { memoryLedger } from "../memory/ledger.ts";
import { memoryMeter, usage } from "../memory/meter.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { foldUsage } from "../metering/fold-usage.ts";
import { runMeter } from "../metering/run.ts";
import { microUnits, type MicroUnits } from "../quantity/micro-units.ts";
import { untagged } from "../usage/usage-event.ts";
import { checkLedger } from "./check-ledger.ts";

const key = { subscriptionId: licenseId as string as SubscriptionId, dimension: "gb_stored" };

/** 4.5 units of a license, half of one a repeat, 3 of somebody unknown; folded and billed at a quarter past three. */
async function world() {
  const meter = memoryMeter();
  meter.setNow(at("2026-08-20T15:15:00Z"));
  await meter.record(example.licenseUpdated("f-1", "2026-08-20T12:00:00Z"));
  await meter.ingest([
    usage("e-1", "2026-08-20T14:05:00Z", "4"),
    usage("e-2", "2026-08-20T14:06:00Z", "0.5"),
    usage("e-3", "2026-08-20T14:06:00Z", "3", { subject: "tenant-42" }),
  ]);
  await meter.ingest([usage("e-2", "2026-08-20T14:07:00Z", "0.5")]);
  const run = () => runMeter(meter.ports, exampleConfiguration);
  const { metering, folds, usageLog } = meter;
  const reader = memoryLedger(usageLog, folds, metering);
  const check = async (now = "2026-08-20T16:00:00Z") => checkLedger(reader, at(now));
  return { ...meter, run, reader, check };
}

const micro = (units: number): MicroUnits => microUnits(BigInt(units * 1_000_000));

describe("the ledger", () => {
  test("says where every unit is, before and after each step", async () => {
    const { run, check, setNow, ingest } = await world();
    const before = await check();
    expect(before).toMatchObject({ unfolded: micro(8), accepted: micro(8), differences: [] });
    await run();
    expect(await check()).toMatchObject({
      ...{ accepted: micro(7.5), repeated: micro(0.5), unfolded: 0n, inFlight: 0n },
      ...{ waiting: micro(3), balance: micro(0.5) },
      records: { pending: 0n, accepted: micro(4), conflict: 0n, expired: 0n },
      differences: [],
    });
    await ingest([usage("e-4", "2026-08-20T15:05:00Z", "1.25")]);
    expect(await check()).toMatchObject({ unfolded: micro(1.25), accepted: micro(8.75), differences: [] });
    setNow(at("2026-09-25T16:00:00Z"));
    await run();
    const after = await check("2026-09-25T16:00:00Z");
    expect(after.differences).toEqual([]);
    expect(after).toMatchObject({ waiting: 0n, unbillable: { "subject-unknown": micro(3) } });
  });

  test("counts records in conflict while they can be explained", async () => {
    const { run, check, metering } = await world();
    await run();
    expect((await check()).conflictCount).toBe(0);
    const { records } = metering.contents;
    for (const [name, record] of records)
      records.set(name, { ...record, outcome: { state: "conflict", at: record.deadlineAt } });
    expect((await check()).conflictCount).toBe(1);
    expect((await check("2026-10-06T00:00:00Z")).conflictCount).toBe(0);
  });

  test("counts what a fold decided on and has not booked as in flight", async () => {
    const { ports, check } = await world();
    const dying = { ...ports.books, post: () => Promise.reject(new Error("crashed")) };
    for (const shard of [0, 1, 2, 3]) {
      const mark = await ports.usageLog.mark({ hour: hour("2026-08-20T14"), shard });
      if (mark !== undefined)
        await foldUsage({ ...ports, books: dying }, exampleConfiguration, mark).catch(() => undefined);
    }
    expect(await check()).toMatchObject({ inFlight: micro(4.5), waiting: micro(3), differences: [] });
  });

  test.each<[string, RegExp, (of: Awaited<ReturnType<typeof world>>) => void]>([
    [
      "a book has more than was counted",
      /gb_stored: 4.5 counted, 1.5 in the balance, 4 in records, 0 covered and 0 unbillable/,
      ({ metering }) => {
        const balance = new Map([[hour("2026-08-20T14"), new Map([[untagged, micro(1.5)]])]]);
        for (const [name, book] of metering.contents.books)
          metering.contents.books.set(name, { ...book, balance });
      },
    ],
    [
      "a book counted twice",
      /all hours: folds have counted 4.5 units fewer than are booked/,
      ({ metering }) => {
        for (const [name, book] of metering.contents.books)
          metering.contents.books.set(name, { ...book, counted: micro(9) });
      },
    ],
    [
      "a record is gone",
      /the book says 4 in records and the records 0/,
      ({ metering }) => metering.contents.records.clear(),
    ],
    [
      "usage that waits is gone",
      /all hours: folds have counted 3 units more than are booked/,
      ({ metering }) => metering.contents.waiting.clear(),
    ],
    ["a book is gone", /there is no book for it/, ({ metering }) => metering.contents.books.clear()],
  ])("tells that %s", async (_, sentence, harm) => {
    const one = await world();
    await one.run();
    harm(one);
    expect((await one.check()).differences.join("\n")).toMatch(sentence);
  });

  test("tells of segments that nobody will fold, that are gone, or that cannot be read", async () => {
    const one = await world();
    const { segments, marks } = one.usageLog.contents();
    for (const mark of marks) await one.usageLog.removeMark(mark);
    const { differences: unmarked } = await one.check();
    expect(unmarked.join()).toMatch(/shard \d: \d segments are not folded and no mark says so/);
    await one.usageLog.putMarks(marks);
    await one.run();
    const damaged = segments.map((segment) => ({ ...segment, bytes: segment.bytes.slice(0, -1) }));
    await one.usageLog.putSegments(damaged.slice(0, 1));
    const { differences } = await one.check();
    expect(differences.join("\n")).toMatch(/does not match its checksum.*events are not counted/s);
    const held = one.usageLog.contents();
    const without = memoryLedger(
      { contents: () => ({ ...held, segments: held.segments.slice(1) }) },
      one.folds,
      one.metering,
    );
    const gone = await checkLedger(without, at("2026-08-20T16:00:00Z"));
    expect(gone.differences.join("\n")).toMatch(/1 of \d folded segments are gone/);
    const expired = await checkLedger(without, at("2026-11-29T00:00:00Z"));
    expect(expired.differences).toEqual([]);
    const unfolded = { contents: () => ({ ...held, segments: [], marks }) };
    const lost = memoryLedger(unfolded, one.folds, one.metering);
    const { differences: expiredUnfolded } = await checkLedger(lost, at("2026-11-29T00:00:00Z"));
    expect(expiredUnfolded.join()).toMatch(/marked as not folded, and its usage has expired uncounted/);
    expect((await one.ports.books.load(key)).counted).toBe(micro(4.5));
  });
});
