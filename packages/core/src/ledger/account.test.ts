import { describe, expect, test } from "vitest";
import { analyticsCode, at, buyerAccountId, hour, licenseArn, licenseId } from "../memory/example.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { type Book, type BookKey, emptyBook } from "../metering/book.ts";
import type { Outcome, UsageRecord } from "../metering/usage-record.ts";
import { microUnits, type MicroUnits } from "../quantity/micro-units.ts";
import { hoursLater } from "../time/utc-hour.ts";
import { untagged } from "../usage/usage-event.ts";
import { checkLedger } from "./check-ledger.ts";
import type { LedgerItem } from "./ledger-item.ts";

const key: BookKey = { subscriptionId: licenseId as string as SubscriptionId, dimension: "gb_stored" };
const used = hour("2026-08-20T14");
const now = at("2026-11-20T16:00:00Z");
const micro = (units: number): MicroUnits => microUnits(BigInt(units * 1_000_000));

/** 18.5 units: 2 covered, 3.25 written off, 0.25 in the balance and 13 in records. */
const book: Book = {
  ...emptyBook(key),
  version: 9,
  counted: micro(18.5),
  recorded: micro(13),
  covered: micro(2),
  unbillable: new Map([
    ["no-hour-left", micro(3)],
    ["outside-grant", micro(1)],
    ["owed-to-buyer", micro(-0.75)],
  ]),
  balance: new Map([[used, new Map([[untagged, micro(0.25)]])]]),
};

const record = (outcome: Outcome, units: bigint, dimension = key.dimension): UsageRecord => ({
  ...key,
  dimension,
  hour: hoursLater(used, Number(units)),
  productCode: analyticsCode,
  entry: {
    ...{ region: "us-east-1", dimension, timestamp: at("2026-08-20T14:00:00Z"), quantity: units },
    identity: { by: "license", licenseArn, buyerAccountId },
    allocations: units === 0n ? [] : [{ tagSet: untagged, units }],
  },
  ...{ taken: [], deadlineAt: now, attempts: 0, outcome },
});

const records = [
  record({ state: "pending" }, 1n),
  record({ state: "conflict", at: now }, 2n),
  record({ state: "not-subscribed", at: now }, 4n),
  record({ state: "rejected", at: now }, 6n),
  record({ state: "returned", at: now }, 8n),
];
/** Folded longer ago than segments are kept. */
const folded: LedgerItem = {
  kind: "fold",
  place: { hour: used, shard: 0 },
  tally: { eventCount: 1, units: micro(18.5), repeatCount: 0, repeatedUnits: micro(0) },
  openPlanId: undefined,
};

const check = (held: Book, sealed: readonly UsageRecord[], others: readonly LedgerItem[] = []) =>
  checkLedger(
    {
      async *items() {
        yield* await Promise.resolve([folded, ...others, { kind: "book", book: held } as const]);
        for (const each of sealed) yield { kind: "record", record: each };
      },
      openPlan: () => Promise.resolve(undefined),
      booked: () => Promise.resolve(new Set()),
    },
    now,
  );

describe("a book's accounts", () => {
  test("are terms of the ledger: covered, written off by reason, and records by what became of them", async () => {
    expect(await check(book, records)).toMatchObject({
      ...{ accepted: micro(18.5), covered: micro(2), balance: micro(0.25), waiting: 0n },
      unbillable: { "no-hour-left": micro(3), "outside-grant": micro(1), "owed-to-buyer": micro(-0.75) },
      records: {
        ...{ pending: micro(1), accepted: 0n, conflict: micro(2), expired: 0n },
        ...{ "not-subscribed": micro(4), rejected: micro(6) },
      },
      differences: [],
    });
  });

  test("stand beside usage that was given up for the same reason while it waited", async () => {
    const usage = {
      ...{ subject: "tenant-42", id: "w-1", version: 1, reason: "outside-grant" as const },
      units: micro(5),
      events: { hour: used, shard: 0, id: "s-1", eventCount: 1, bytes: new Uint8Array() },
      ...{ since: now, lookAt: now },
    };
    const tally = { ...folded.tally, units: micro(5) };
    const { unbillable, accepted, differences } = await check(book, records, [
      { ...folded, place: { hour: used, shard: 1 }, tally },
      { kind: "unbillable", usage, reason: usage.reason },
    ]);
    expect(unbillable["outside-grant"]).toBe(micro(6));
    expect(accepted).toBe(micro(23.5));
    expect(differences).toEqual([]);
  });

  test("of a record without units need no book", async () => {
    const zero = record({ state: "accepted", at: now }, 0n, "events_ingested");
    const { differences, looked } = await check(book, [...records, zero]);
    expect(differences).toEqual([]);
    expect(looked.records).toBe(6);
    const other = record({ state: "accepted", at: now }, 1n, "events_ingested");
    expect((await check(book, [...records, other])).differences.join()).toMatch(/there is no book for it/);
  });

  test.each<[string, Partial<Book>, RegExp]>([
    ["covered more than there was", { covered: micro(3) }, /13 in records, 3 covered and 3.25 unbillable/],
    ["wrote off more", { unbillable: new Map([["late", micro(4)]]) }, /2 covered and 4 unbillable/],
    ["counts what a record gave back", { recorded: micro(21) }, /says 21 in records and the records 13/],
  ])("are looked at: a book that %s is told of", async (_, change, sentence) => {
    expect((await check({ ...book, ...change }, records)).differences.join("\n")).toMatch(sentence);
  });
});
