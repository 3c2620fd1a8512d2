import { describe, expect, test } from "vitest";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { analyticsCode, at, example, hour, licenseArn, licenseId } from "../memory/example.ts";
import { activeWorld, sealedKey as key } from "../memory/seal-world.ts";
import { formatInstant } from "../time/instant.ts";
import { formatHour } from "../time/utc-hour.ts";
import { untagged } from "../usage/usage-event.ts";
import type { BookKey } from "./book.ts";
import type { SealPorts } from "./seal-hours.ts";

const world = () => activeWorld();

describe("sealing", () => {
  test("makes one record for each hour, oldest first, with the hour's own usage", async () => {
    const { count, seal } = await world();
    await count("2026-08-20T12", 3n);
    await count("2026-08-20T10", 1n);
    await count("2026-08-20T11", 2n);
    const { records } = await seal("2026-08-20T12", "2026-08-20T13:20:00Z");
    expect(records).toEqual([
      ["2026-08-20T10", 1n],
      ["2026-08-20T11", 2n],
      ["2026-08-20T12", 3n],
    ]);
  });

  test("goes no further than it is told, and no hour twice", async () => {
    const { count, seal, ports } = await world();
    await count("2026-08-20T11", 2n);
    await count("2026-08-20T12", 3n);
    expect((await seal("2026-08-20T11", "2026-08-20T13:20:00Z")).records).toEqual([["2026-08-20T11", 2n]]);
    expect((await seal("2026-08-20T11", "2026-08-20T13:20:00Z")).records).toEqual([]);
    expect((await ports.books.load(key)).balance.get(hour("2026-08-20T12"))?.get(untagged)).toBe(3_000_000n);
  });

  test("puts late usage into the oldest hour at or after its own that has no record", async () => {
    const { count, seal } = await world();
    await count("2026-08-20T10", 1n);
    await count("2026-08-20T12", 2n);
    await seal("2026-08-20T12", "2026-08-20T13:20:00Z");
    await count("2026-08-20T10", 5n);
    expect((await seal("2026-08-20T13", "2026-08-20T14:20:00Z")).records).toEqual([["2026-08-20T11", 5n]]);
    await count("2026-08-20T12", 7n);
    expect((await seal("2026-08-20T13", "2026-08-20T14:20:00Z")).records).toEqual([["2026-08-20T13", 7n]]);
  });

  test("moves usage whose window has shut, or soon will, into the first hour with time to submit it", async () => {
    const { count, seal } = await world();
    await count("2026-08-19T13", 4n);
    const { records } = await seal("2026-08-20T14", "2026-08-20T15:20:00Z");
    expect(records).toEqual([["2026-08-19T17", 4n]]);
  });

  test("puts nothing of last month into this one while last month is still open, and then does", async () => {
    const { count, seal } = await world();
    await count("2026-08-31T22", 4n);
    expect((await seal("2026-08-31T23", "2026-09-01T04:59:00Z")).records).toEqual([["2026-08-31T22", 4n]]);
    await count("2026-08-31T22", 1n);
    expect((await seal("2026-09-01T04", "2026-09-01T05:00:00Z")).records).toEqual([["2026-09-01T00", 1n]]);
  });

  test("begins in the hour of the grant, with a timestamp within it", async () => {
    const { count, ports, sealWith, record } = await world();
    const other = "l-99999999999999999999";
    await record(example.licenseUpdated("f-9", "2026-08-20T10:20:30.5Z", { licenseArn: other }));
    await count("2026-08-20T10", 2n, { subscriptionId: other as SubscriptionId, dimension: "gb_stored" });
    const { sealed } = await sealWith(ports, "2026-08-20T12", "2026-08-20T13:20:00Z");
    expect(sealed.map((one) => formatInstant(one.entry.timestamp))).toEqual(["2026-08-20T10:59:59.000Z"]);
  });

  test("makes no record for an hour before the grant began, nor of what was used before it", async () => {
    const { count, seal } = await world();
    await count("2026-08-19T10", 4n);
    expect((await seal("2026-08-19T11", "2026-08-19T12:20:00Z")).records).toEqual([]);
    await count("2026-08-19T12", 1n);
    expect((await seal("2026-08-19T12", "2026-08-19T13:20:00Z")).records).toEqual([["2026-08-19T12", 1n]]);
  });

  test("ends in the hour of the cut: what is later never gets a record", async () => {
    const { count, seal, record, ports } = await world();
    await record(example.agreementEnded("f-2", "2026-08-20T12:00:00Z"));
    await count("2026-08-20T11", 2n);
    await count("2026-08-20T12", 9n);
    expect((await seal("2026-08-20T13", "2026-08-20T12:40:00Z")).records).toEqual([["2026-08-20T11", 2n]]);
    const [pending] = await ports.records.pending(analyticsCode, at("2026-08-30T00:00:00Z"), 10);
    expect(formatInstant(pending?.deadlineAt ?? at("1970-01-01T00:00:00Z"))).toBe("2026-08-20T13:00:00.000Z");
    expect((await ports.books.load(key)).balance.get(hour("2026-08-20T12"))?.get(untagged)).toBe(9_000_000n);
  });

  test("freezes everything that the record will say", async () => {
    const { count, ports, sealWith } = await world();
    await count("2026-08-20T12", 3n);
    const { sealed } = await sealWith(ports, "2026-08-20T12", "2026-08-20T13:20:00Z");
    expect(sealed).toEqual([
      {
        subscriptionId: licenseId,
        dimension: "gb_stored",
        hour: hour("2026-08-20T12"),
        productCode: analyticsCode,
        entry: {
          region: "us-east-1",
          identity: { by: "license", licenseArn, buyerAccountId: "123456789012" },
          dimension: "gb_stored",
          timestamp: at("2026-08-20T12:00:00Z"),
          quantity: 3n,
          allocations: [{ tagSet: untagged, units: 3n }],
        },
        taken: [{ hour: hour("2026-08-20T12"), units: 3_000_000n }],
        deadlineAt: at("2026-08-21T12:00:00Z"),
        attempts: 0,
        outcome: { state: "pending" },
      },
    ]);
    expect(await ports.records.pending(analyticsCode, at("2026-08-30T00:00:00Z"), 10)).toEqual(sealed);
  });

  test("of a book that somebody changed meanwhile makes no record, and says so", async () => {
    const { count, ports, sealWith } = await world();
    await count("2026-08-20T12", 3n);
    const racing: SealPorts = {
      ...ports,
      books: {
        ...ports.books,
        seal: async (after, record) => {
          await count("2026-08-20T12", 1n);
          return ports.books.seal(after, record);
        },
      },
    };
    const { sealed, skipped } = await sealWith(racing, "2026-08-20T12", "2026-08-20T13:20:00Z");
    expect(sealed).toEqual([]);
    expect(skipped).toEqual([{ key, reason: expect.stringContaining("next run") as string }]);
    expect((await ports.books.load(key)).counted).toBe(4_000_000n);
  });
});

describe("several books", () => {
  const dimensions = (count: number) =>
    Array.from({ length: count }, (_, index): BookKey => ({ ...key, dimension: `d-${index}` }));

  /** Books that each hold a unit, sealed through a port that tells how many seals are under way. */
  async function sealing(books: readonly BookKey[], underWay: (seals: number) => Promise<void>) {
    const { count, ports, sealWith } = await world();
    for (const book of books) await count("2026-08-20T12", 1n, book);
    let seals = 0;
    const watched: SealPorts = {
      ...ports,
      books: {
        ...ports.books,
        seal: async (after, record) => {
          seals += 1;
          await underWay(seals);
          seals -= 1;
          return ports.books.seal(after, record);
        },
      },
    };
    return sealWith(watched, "2026-08-20T12", "2026-08-20T13:20:00Z");
  }

  test("are sealed at once: none waits for the one before it to be stored", async () => {
    const bothUnderWay = Promise.withResolvers<undefined>();
    const { sealed, skipped } = await sealing(dimensions(2), (seals) => {
      if (seals === 2) bothUnderWay.resolve(undefined);
      return bothUnderWay.promise;
    });
    expect(sealed.map(({ dimension }) => dimension)).toEqual(["d-0", "d-1"]);
    expect(skipped).toEqual([]);
  });

  test("are never more than twenty at once", async () => {
    let most = 0;
    const { sealed } = await sealing(dimensions(50), (seals) => {
      most = Math.max(most, seals);
      return new Promise((resolve) => void setImmediate(resolve));
    });
    expect(most).toBe(20);
    expect(new Set(sealed.map(({ dimension }) => dimension)).size).toBe(50);
  });
});

describe("a book that cannot be sealed", () => {
  const strangers = (count: number) =>
    Array.from({ length: count }, (_, index): BookKey => ({
      subscriptionId: `l-gone-${String(index).padStart(20, "0")}` as SubscriptionId,
      dimension: "gb_stored",
    }));

  test("any further names what was sealed of it before", async () => {
    const { count, ports, sealWith } = await world();
    await count("2026-08-20T11", 1n);
    await count("2026-08-20T12", 2n);
    const racing: SealPorts = {
      ...ports,
      books: {
        ...ports.books,
        seal: (after, record) =>
          record.hour === hour("2026-08-20T12")
            ? Promise.resolve("conflict")
            : ports.books.seal(after, record),
      },
    };
    const { sealed, skipped } = await sealWith(racing, "2026-08-20T12", "2026-08-20T13:20:00Z");
    expect(sealed.map((record) => formatHour(record.hour))).toEqual(["2026-08-20T11"]);
    expect(skipped).toHaveLength(1);
  });

  test("because nobody knows its subscription is named with the reason", async () => {
    const { count, seal } = await world();
    const [stranger = key] = strangers(1);
    await count("2026-08-20T12", 3n, stranger);
    const { records, skipped } = await seal("2026-08-20T12", "2026-08-20T13:20:00Z");
    expect(records).toEqual([]);
    expect(skipped).toEqual([expect.stringContaining("subscription is not stored") as string]);
  });

  test("because it cannot even be read holds up no other", async () => {
    const { count, ports, sealWith } = await world();
    const [broken = key] = strangers(1);
    await count("2026-08-20T12", 1n, broken);
    await count("2026-08-20T12", 3n);
    const damaged: SealPorts = {
      ...ports,
      subscriptions: {
        ...ports.subscriptions,
        currentSubscription: (id: SubscriptionId) =>
          (id as string) === broken.subscriptionId
            ? Promise.reject(new Error("it is damaged"))
            : ports.subscriptions.currentSubscription(id),
      },
    };
    const { sealed, skipped } = await sealWith(damaged, "2026-08-20T12", "2026-08-20T13:20:00Z");
    expect(sealed.map((record) => record.subscriptionId)).toEqual([licenseId]);
    expect(skipped).toEqual([{ key: broken, reason: "it is damaged" }]);
  });

  test("starves no other, though there be more than a thousand of them", async () => {
    const { count, seal } = await world();
    for (const stranger of strangers(1_050)) await count("2026-08-20T12", 1n, stranger);
    await count("2026-08-20T12", 3n);
    const { records, skipped } = await seal("2026-08-20T12", "2026-08-20T13:20:00Z");
    expect(records).toEqual([["2026-08-20T12", 3n]]);
    expect(skipped).toHaveLength(1_050);
  });
});
