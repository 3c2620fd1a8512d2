import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { analyticsCode, at, buyerAccountId, hour, licenseArn } from "@tollhouse/core/memory/example";
import { type Book, type BookKey, post, seal } from "@tollhouse/core/metering/book";
import type { BookStore, RecordStore } from "@tollhouse/core/metering/store";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { microUnits, wholeUnits } from "@tollhouse/core/quantity/micro-units";
import { someday } from "@tollhouse/core/time/instant";
import { formatHour, hourEnd, hoursLater, type UtcHour } from "@tollhouse/core/time/utc-hour";
import { type TagSet, untagged } from "@tollhouse/core/usage/usage-event";
import { expect } from "vitest";

export const subscriptionId = "l-0123456789abcdef" as SubscriptionId;
export const key: BookKey = { subscriptionId: subscriptionId, dimension: "gb_stored" };
export const used = hour("2026-08-20T14");
export const tagged = '[["team","a"],["team 2","b"]]' as TagSet;

export const posting = (micro: bigint, book = key, of = used) => ({
  book,
  hour: of,
  amounts: new Map([[untagged, microUnits(micro)]]),
});

export const recordOf = (sealedHour: UtcHour, change: Partial<UsageRecord> = {}): UsageRecord => ({
  subscriptionId,
  dimension: key.dimension,
  hour: sealedHour,
  productCode: analyticsCode,
  entry: {
    region: "us-east-1",
    identity: { by: "license", licenseArn, buyerAccountId },
    dimension: key.dimension,
    timestamp: at(`${formatHour(sealedHour)}:00:00Z`),
    quantity: 2_147_483_647n,
    allocations: [
      { tagSet: untagged, units: 1n },
      { tagSet: tagged, units: 2_147_483_646n },
    ],
  },
  taken: [
    { hour: hoursLater(sealedHour, -2), units: microUnits(-7n) },
    { hour: sealedHour, units: microUnits(9_007_199_254_740_993_000_001n) },
  ],
  deadlineAt: hourEnd(hoursLater(sealedHour, 23)),
  attempts: 0,
  outcome: { state: "pending" },
  ...change,
});

/** A record without units, for an hour in which nothing was used. */
export const zeroOf = (sealedHour: UtcHour, change: Partial<UsageRecord> = {}): UsageRecord =>
  recordOf(sealedHour, {
    entry: { ...recordOf(sealedHour).entry, quantity: 0n, allocations: [] },
    taken: [],
    ...change,
  });

export type Made = { books: BookStore; records: RecordStore };

/** After everything that tests are about. */
export const triedAt = at("2026-08-20T16:00:00Z");
export const accepted = { state: "accepted", meteringRecordId: "m-1", at: triedAt } as const;

/** What is pending of the example product, at most ten. */
export const pendingIn = ({ records }: Pick<Made, "records">): Promise<readonly UsageRecord[]> =>
  records.pending(analyticsCode, someday, 10);

/** The one record that is pending. */
export async function pendingOne(made: Made): Promise<UsageRecord> {
  const [only] = await pendingIn(made);
  if (only === undefined) throw new Error("nothing is pending");
  return only;
}

/** Books an amount under a plan of its own and gives the book as it is then. */
export async function booked(
  books: BookStore,
  micro: bigint,
  book = key,
  planId = "p-1",
  of = used,
): Promise<Book> {
  const after = post(await books.load(book), of, posting(micro, book, of).amounts);
  expect(await books.post(after, posting(micro, book, of), planId)).toBe("posted");
  return after;
}

/** Seals one record for each of the hours. */
export async function sealed(
  make: () => Promise<Made>,
  changes: readonly (Partial<UsageRecord> & { hour: UtcHour })[],
): Promise<Made> {
  const made = await make();
  for (const [index, change] of changes.entries()) {
    const { book } = seal(
      await booked(made.books, wholeUnits(1n), key, `p-${index}`, change.hour),
      change.hour,
    );
    expect(await made.books.seal(book, recordOf(change.hour, change))).toBe("sealed");
  }
  return made;
}
