import { describe, expect, test } from "vitest";
import { customerKey } from "../lifecycle/subscription.ts";
import { customerIdentifier, example, exampleConfiguration, hour, mailerCode } from "../memory/example.ts";
import { activeWorld, sealWorld, sealedKey as key } from "../memory/seal-world.ts";
import type { BookKey } from "./book.ts";
import type { SealPorts } from "./seal-hours.ts";

const mailKey: BookKey = {
  subscriptionId: customerKey(mailerCode, customerIdentifier).id,
  dimension: "emails_sent",
};

/** A buyer who left at 16:00 on the 19th and came back on the 20th. */
async function resubscribed() {
  const world = sealWorld(mailKey);
  await world.record(example.subscribeSucceeded("f-1", "2026-08-19T12:00:00Z"));
  await world.record(example.unsubscribePending("f-2", "2026-08-19T16:00:00Z"));
  await world.record(example.unsubscribeSucceeded("f-3", "2026-08-19T16:30:00Z"));
  await world.record(example.subscribeSucceeded("f-4", "2026-08-20T10:00:00Z"));
  return world;
}

const end = example.agreementEnded("f-2", "2026-08-20T12:00:00Z");
const elapsed = example.windowElapsed("f-3", "2026-08-20T13:00:00Z");

describe("when a grant has ended and AWS takes nothing more of it", () => {
  test("whole units are named at once, and written off with the fraction when the window of their hours has shut", async () => {
    const { countMicro, seal, record, book } = await activeWorld();
    await countMicro("2026-08-20T11", 2_700_000n);
    await record(end);
    await record(elapsed);
    expect(await seal("2026-08-20T12", "2026-08-20T13:30:00Z")).toEqual({
      records: [],
      skipped: ["2 units have no hour left in which AWS would take usage of this grant"],
      writtenOff: [],
    });
    expect(await seal("2026-08-21T10", "2026-08-21T11:00:00Z")).toEqual({
      records: [],
      skipped: [],
      writtenOff: [
        ["no-hour-left", 2_000_000n],
        ["fraction", 700_000n],
      ],
    });
    expect((await book()).balance.size).toBe(0);
  });

  test("nothing is given up before that: the news that the buyer has come back may be late", async () => {
    const { count, seal, record } = await activeWorld();
    await count("2026-08-20T11", 2n);
    await record(end);
    await record(elapsed);
    await seal("2026-08-20T12", "2026-08-20T13:30:00Z");
    await record(example.licenseUpdated("f-4", "2026-08-20T12:50:00Z", { agreementId: "agmt-2" }));
    expect((await seal("2026-08-20T12", "2026-08-20T13:40:00Z")).records).toEqual([["2026-08-20T11", 2n]]);
  });

  test("what the buyer is owed is an account of its own", async () => {
    const { countMicro, seal, record, book } = await activeWorld();
    await countMicro("2026-08-20T11", -1_500_000n);
    await record(end);
    await record(elapsed);
    const { writtenOff } = await seal("2026-08-21T10", "2026-08-21T11:00:00Z", [key.subscriptionId]);
    expect(writtenOff).toEqual([["owed-to-buyer", -1_500_000n]]);
    expect((await book()).counted).toBe(-1_500_000n);
  });

  test("what comes to be counted after that is written off as well, be it less than a unit", async () => {
    const { countMicro, seal, record } = await activeWorld();
    await record(end);
    await record(elapsed);
    await countMicro("2026-08-20T11", 1_000_000n);
    await seal("2026-08-20T12", "2026-08-20T13:30:00Z");
    await countMicro("2026-08-20T11", 300_000n);
    expect((await seal("2026-08-21T10", "2026-08-21T11:00:00Z")).writtenOff).toHaveLength(2);
    await countMicro("2026-08-20T11", 200_000n);
    expect((await seal("2026-08-21T10", "2026-08-21T11:10:00Z")).writtenOff).toEqual([
      ["fraction", 200_000n],
    ]);
    expect((await seal("2026-08-21T10", "2026-08-21T11:20:00Z")).writtenOff).toEqual([]);
  });

  test("nothing is written off while the window is open, however late it is", async () => {
    const { count, seal, record, held } = await activeWorld();
    await record(end);
    await count("2026-08-20T11", 5n);
    expect(await seal("2026-08-20T10", "2026-08-20T12:55:00Z")).toEqual({
      records: [],
      skipped: [],
      writtenOff: [],
    });
    expect(await held("2026-08-20T11")).toBe(5_000_000n);
  });

  test("an earlier grant is written off beside the records of the one that goes on, and takes nothing of it", async () => {
    const { count, countMicro, seal } = await resubscribed();
    await count("2026-08-19T15", 6n);
    await countMicro("2026-08-19T15", 600_000n);
    await count("2026-08-21T11", 2n);
    await countMicro("2026-08-21T11", 500_000n);
    const { records, writtenOff } = await seal("2026-08-21T11", "2026-08-21T12:20:00Z");
    expect(records).toEqual([["2026-08-21T11", 2n]]);
    expect(writtenOff).toEqual([
      ["no-hour-left", 6_000_000n],
      ["fraction", 600_000n],
    ]);
  });
});

describe("usage in no grant", () => {
  test("waits, and is named, as long as it may come to lie in one; then it is written off", async () => {
    const { count, seal, record, held } = await activeWorld();
    await record(end);
    await count("2026-08-20T14", 12n);
    const soon = await seal("2026-08-20T11", "2026-08-20T12:40:00Z");
    expect(soon).toEqual({
      records: [],
      skipped: ["12 units were used in no grant, as far as is known"],
      writtenOff: [],
    });
    expect(await held("2026-08-20T14")).toBe(12_000_000n);
    await record(elapsed);
    const later = await seal("2026-08-21T14", "2026-08-21T15:20:00Z");
    expect(later).toEqual({ records: [], skipped: [], writtenOff: [["outside-grant", 12_000_000n]] });
  });

  test("before the first grant is none of it", async () => {
    const { count, seal } = await activeWorld();
    await count("2026-08-19T11", 4n);
    await count("2026-08-19T12", 1n);
    const soon = await seal("2026-08-19T12", "2026-08-19T13:20:00Z");
    expect(soon.records).toEqual([["2026-08-19T12", 1n]]);
    expect(soon.skipped).toHaveLength(1);
    const later = await seal("2026-08-20T12", "2026-08-20T13:20:00Z");
    expect(later).toEqual({ records: [], skipped: [], writtenOff: [["outside-grant", 4_000_000n]] });
  });
});

describe("units whose hour is still to come", () => {
  const nothing = { records: [], skipped: [], writtenOff: [] };

  test.each([
    ["has not ended", "2026-08-20T14", "2026-08-20T12"],
    ["has not settled", "2026-08-20T13", "2026-08-20T12"],
    ["is not folded everywhere", "2026-08-20T11", "2026-08-20T10"],
  ])("because it %s are nobody's concern, whether the grant goes on or ends", async (_, used, through) => {
    const { count, seal, record } = await activeWorld();
    await count(used, 9n);
    expect(await seal(through, "2026-08-20T14:05:00Z")).toEqual(nothing);
    await record(example.agreementEnded("f-2", "2026-08-20T15:00:00Z"));
    expect(await seal(through, "2026-08-20T14:05:00Z")).toEqual(nothing);
  });

  test("because a record was made of their own are nobody's concern while the grant goes on", async () => {
    const { count, seal } = await activeWorld();
    await count("2026-08-20T12", 2n);
    await seal("2026-08-20T12", "2026-08-20T13:20:00Z");
    await count("2026-08-20T12", 3n);
    expect(await seal("2026-08-20T12", "2026-08-20T13:30:00Z")).toEqual(nothing);
  });

  test("because their window has shut are nobody's concern while the grant goes on", async () => {
    const { count, seal } = await activeWorld();
    await count("2026-08-19T13", 4n);
    expect(await seal("2026-08-21T08", "2026-08-22T15:20:00Z")).toEqual(nothing);
  });

  test("are not taken for lost when another run makes their record meanwhile", async () => {
    const { count, ports, sealWith, record } = await activeWorld();
    await record(end);
    await count("2026-08-20T11", 3n);
    const overtaken: SealPorts = {
      ...ports,
      books: {
        ...ports.books,
        load: async (book) => {
          const read = await ports.books.load(book);
          await sealWith(ports, "2026-08-20T11", "2026-08-20T12:20:00Z");
          return read;
        },
      },
    };
    const { skipped, writtenOff } = await sealWith(overtaken, "2026-08-20T11", "2026-08-20T12:20:00Z");
    expect(skipped).toEqual([{ key, reason: expect.stringContaining("next run") as string }]);
    expect(writtenOff).toEqual([]);
  });
});

describe("the hour from which Tollhouse meters a product", () => {
  const from = (startAt: string) => ({
    ...exampleConfiguration,
    products: exampleConfiguration.products.map((product) => ({ ...product, startAt: hour(startAt) })),
  });

  test("is the first of which anything is sent, and what was used before is written off, whenever it comes", async () => {
    const { count, countMicro, seal } = await activeWorld(from("2026-08-20T11"));
    await countMicro("2026-08-20T10", 4_200_000n);
    await count("2026-08-20T11", 3n);
    expect(await seal("2026-08-20T11", "2026-08-20T12:20:00Z")).toEqual({
      records: [["2026-08-20T11", 3n]],
      skipped: [],
      writtenOff: [["before-start", 4_200_000n]],
    });
    await count("2026-08-20T09", 7n);
    expect((await seal("2026-08-20T12", "2026-08-20T13:20:00Z")).writtenOff).toEqual([
      ["before-start", 7_000_000n],
    ]);
  });
});

test("with lateUsage write-off, what comes after its hour's record is billed to nobody, and fractions stay", async () => {
  const { settings } = exampleConfiguration;
  const { count, countMicro, seal } = await activeWorld({
    ...exampleConfiguration,
    settings: { ...settings, lateUsage: "write-off" },
  });
  await countMicro("2026-08-20T11", 2_300_000n);
  await seal("2026-08-20T11", "2026-08-20T12:20:00Z");
  await countMicro("2026-08-20T12", 700_000n);
  expect((await seal("2026-08-20T12", "2026-08-20T13:20:00Z")).records).toEqual([["2026-08-20T12", 1n]]);
  await count("2026-08-20T11", 5n);
  expect(await seal("2026-08-20T13", "2026-08-20T14:20:00Z")).toEqual({
    records: [],
    skipped: [],
    writtenOff: [["late", 5_000_000n]],
  });
});

describe("with lateUsage write-off", () => {
  const { settings } = exampleConfiguration;
  const strict = () =>
    activeWorld({ ...exampleConfiguration, settings: { ...settings, lateUsage: "write-off" } });

  test("what one record cannot hold is not late: the next ones take it", async () => {
    const { count, seal } = await strict();
    await count("2026-08-20T11", 5_000_000_000n);
    expect((await seal("2026-08-20T13", "2026-08-20T14:20:00Z")).records).toEqual([
      ["2026-08-20T11", 2_147_483_647n],
      ["2026-08-20T12", 2_147_483_647n],
      ["2026-08-20T13", 705_032_706n],
    ]);
  });

  test("usage that came in time and could not be sealed for a day is not late", async () => {
    const { count, seal, ports } = await strict();
    await ports.switches.pause("c0456exampleanalytics0000", "prices change", 0 as never);
    await count("2026-08-20T11", 3n);
    await seal("2026-08-20T11", "2026-08-20T12:20:00Z");
    await ports.switches.resume("c0456exampleanalytics0000");
    expect(await seal("2026-08-21T14", "2026-08-21T15:20:00Z")).toEqual({
      records: [["2026-08-20T17", 3n]],
      skipped: [],
      writtenOff: [],
    });
  });

  test("what a record had no whole unit of is not late when late usage comes beside it", async () => {
    const { countMicro, seal } = await strict();
    await countMicro("2026-08-20T11", 1_900_000n);
    await seal("2026-08-20T11", "2026-08-20T12:20:00Z");
    await countMicro("2026-08-20T11", 2_000_000n);
    await countMicro("2026-08-20T12", 100_000n);
    expect(await seal("2026-08-20T12", "2026-08-20T13:20:00Z")).toEqual({
      records: [["2026-08-20T12", 1n]],
      skipped: [],
      writtenOff: [["late", 2_000_000n]],
    });
  });

  test("usage of an hour whose record is days old is late too", async () => {
    const { count, seal } = await strict();
    await count("2026-08-20T11", 3n);
    await seal("2026-08-20T11", "2026-08-20T12:20:00Z");
    await count("2026-08-20T11", 4n);
    expect((await seal("2026-08-24T11", "2026-08-24T12:20:00Z")).writtenOff).toEqual([["late", 4_000_000n]]);
  });
});
