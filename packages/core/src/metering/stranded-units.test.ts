import { describe, expect, test } from "vitest";
import { customerKey, type SubscriptionId } from "../lifecycle/subscription.ts";
import {
  at,
  customerIdentifier,
  example,
  exampleConfiguration,
  hour,
  licenseId,
  mailerCode,
} from "../memory/example.ts";
import { memoryMeter } from "../memory/meter.ts";
import { microUnits } from "../quantity/micro-units.ts";
import { formatHour } from "../time/utc-hour.ts";
import { untagged } from "../usage/usage-event.ts";
import { type BookKey, post } from "./book.ts";
import { sealHours, type SealPorts } from "./seal-hours.ts";

const key: BookKey = { subscriptionId: licenseId as string as SubscriptionId, dimension: "gb_stored" };
const mailKey: BookKey = {
  subscriptionId: customerKey(mailerCode, customerIdentifier).id,
  dimension: "emails_sent",
};

/** Books of one key, without any grant yet. */
function worldOf(book: BookKey) {
  const meter = memoryMeter();
  let plans = 0;
  const countMicro = async (of: string, micro: bigint) => {
    const amounts = new Map([[untagged, microUnits(micro)]]);
    const posting = { book, hour: hour(of), amounts };
    const after = post(await meter.ports.books.load(book), posting.hour, amounts);
    expect(await meter.ports.books.post(after, posting, `p-${(plans += 1)}`)).toBe("posted");
  };
  const count = (of: string, units: bigint) => countMicro(of, units * 1_000_000n);
  const sealWith = (ports: SealPorts, through: string, now: string) =>
    sealHours(ports, exampleConfiguration, hour(through), at(now));
  const seal = async (through: string, now: string) => {
    const { sealed, skipped } = await sealWith(meter.ports, through, now);
    return { records: sealed.map((record) => [formatHour(record.hour), record.entry.quantity]), skipped };
  };
  return { ...meter, count, countMicro, seal, sealWith };
}

/** A license that is active since noon of the 19th. */
async function world() {
  const meter = worldOf(key);
  await meter.record(example.licenseUpdated("f-1", "2026-08-19T12:00:00Z"));
  return meter;
}

/** A buyer who left at 16:00 on the 19th and came back on the 20th. */
async function resubscribed() {
  const meter = worldOf(mailKey);
  await meter.record(example.subscribeSucceeded("f-1", "2026-08-19T12:00:00Z"));
  await meter.record(example.unsubscribePending("f-2", "2026-08-19T16:00:00Z"));
  await meter.record(example.unsubscribeSucceeded("f-3", "2026-08-19T16:30:00Z"));
  await meter.record(example.subscribeSucceeded("f-4", "2026-08-20T10:00:00Z"));
  return meter;
}

describe("units that no hour is left for", () => {
  const noHourFor = (what: string) => [
    { key, reason: expect.stringMatching(new RegExp(`^${what} no hour left`)) as string },
  ];

  test("because they were used after the cut are named, exactly, while the others are billed", async () => {
    const { count, seal, record } = await world();
    await record(example.agreementEnded("f-2", "2026-08-20T12:00:00Z"));
    await count("2026-08-20T11", 2n);
    await count("2026-08-20T12", 9n);
    await count("2026-08-20T13", 3n);
    const { records, skipped } = await seal("2026-08-20T13", "2026-08-20T12:40:00Z");
    expect(records).toEqual([["2026-08-20T11", 2n]]);
    expect(skipped).toEqual(noHourFor("12 units have"));
  });

  test("because they were used before the grant began are named", async () => {
    const { count, seal } = await world();
    await count("2026-08-19T11", 4n);
    await count("2026-08-19T12", 1n);
    const { records, skipped } = await seal("2026-08-19T12", "2026-08-19T13:20:00Z");
    expect(records).toEqual([["2026-08-19T12", 1n]]);
    expect(skipped).toEqual(noHourFor("4 units have"));
  });

  test("because a grant that ended has a record in its last hour are named", async () => {
    const { count, seal, record } = await world();
    await record(example.agreementEnded("f-2", "2026-08-20T12:00:00Z"));
    await count("2026-08-20T11", 2n);
    expect((await seal("2026-08-20T11", "2026-08-20T12:20:00Z")).skipped).toEqual([]);
    await count("2026-08-20T11", 1n);
    expect(await seal("2026-08-20T11", "2026-08-20T12:30:00Z")).toEqual({
      records: [],
      skipped: noHourFor("1 unit has"),
    });
    expect((await seal("2026-08-20T10", "2026-08-20T12:40:00Z")).skipped, "read again from before").toEqual(
      noHourFor("1 unit has"),
    );
  });

  test("because the windows of a grant that ended have shut are named", async () => {
    const { count, seal, record } = await world();
    await record(example.agreementEnded("f-2", "2026-08-20T12:00:00Z"));
    await count("2026-08-20T10", 5n);
    expect(await seal("2026-08-21T12", "2026-08-21T13:20:00Z")).toEqual({
      records: [],
      skipped: noHourFor("5 units have"),
    });
  });

  test("because they are of an earlier grant are named beside the records of the grant that goes on", async () => {
    const { count, seal } = await resubscribed();
    await count("2026-08-19T15", 6n);
    await count("2026-08-19T20", 1n);
    await count("2026-08-21T11", 2n);
    const { records, skipped } = await seal("2026-08-21T11", "2026-08-21T12:20:00Z");
    expect(records).toEqual([["2026-08-21T11", 2n]]);
    expect(skipped).toEqual([
      { key: mailKey, reason: expect.stringMatching(/^7 units have no hour left/) as string },
    ]);
  });

  test("because one record cannot hold them all are named", async () => {
    const { count, seal, record } = await world();
    await record(example.agreementEnded("f-2", "2026-08-20T12:00:00Z"));
    await count("2026-08-20T11", 2_147_483_647n + 2_147_483_650n);
    const { records, skipped } = await seal("2026-08-20T11", "2026-08-20T12:20:00Z");
    expect(records).toEqual([["2026-08-20T11", 2_147_483_647n]]);
    expect(skipped).toEqual(noHourFor("2147483650 units have"));
  });
});

describe("units whose hour is still to come", () => {
  test.each([
    ["has not ended", "2026-08-20T14", "2026-08-20T12"],
    ["has not settled", "2026-08-20T13", "2026-08-20T12"],
    ["is not folded everywhere", "2026-08-20T11", "2026-08-20T10"],
  ])("because it %s are nobody's concern, whether the grant goes on or ends", async (_, used, through) => {
    const { count, seal, record } = await world();
    await count(used, 9n);
    const nothing = { records: [], skipped: [] };
    expect(await seal(through, "2026-08-20T14:05:00Z")).toEqual(nothing);
    await record(example.agreementEnded("f-2", "2026-08-20T15:00:00Z"));
    expect(await seal(through, "2026-08-20T14:05:00Z")).toEqual(nothing);
  });

  test("because a record was made of their own are nobody's concern while the grant goes on", async () => {
    const { count, seal } = await world();
    await count("2026-08-20T12", 2n);
    await seal("2026-08-20T12", "2026-08-20T13:20:00Z");
    await count("2026-08-20T12", 3n);
    expect(await seal("2026-08-20T12", "2026-08-20T13:30:00Z")).toEqual({ records: [], skipped: [] });
  });

  test("because their window has shut are nobody's concern while the grant goes on", async () => {
    const { count, seal } = await world();
    await count("2026-08-19T13", 4n);
    expect(await seal("2026-08-21T08", "2026-08-22T15:20:00Z")).toEqual({ records: [], skipped: [] });
  });

  test("are not taken for lost when another run makes their record meanwhile", async () => {
    const { count, ports, sealWith, record } = await world();
    await record(example.agreementEnded("f-2", "2026-08-20T12:00:00Z"));
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
    const { skipped } = await sealWith(overtaken, "2026-08-20T11", "2026-08-20T12:20:00Z");
    expect(skipped).toEqual([{ key, reason: expect.stringContaining("next run") as string }]);
  });
});

describe("a fraction that a grant left", () => {
  test("is no unit: with another of the next grant it makes none that could be missed", async () => {
    const { countMicro, seal } = await resubscribed();
    await countMicro("2026-08-19T15", 600_000n);
    await countMicro("2026-08-21T11", 500_000n);
    expect(await seal("2026-08-21T11", "2026-08-21T12:20:00Z")).toEqual({ records: [], skipped: [] });
  });
});
