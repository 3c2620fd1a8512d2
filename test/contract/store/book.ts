import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { analyticsCode, at, buyerAccountId, hour, licenseArn } from "@tollhouse/core/memory/example";
import { type Book, type BookKey, emptyBook, post, seal } from "@tollhouse/core/metering/book";
import type { BookStore, RecordStore } from "@tollhouse/core/metering/store";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { microUnits, wholeUnits } from "@tollhouse/core/quantity/micro-units";
import { laterBy } from "@tollhouse/core/time/instant";
import { formatHour, hourEnd, hoursLater, type UtcHour } from "@tollhouse/core/time/utc-hour";
import { type TagSet, untagged } from "@tollhouse/core/usage/usage-event";
import { describe, expect, test } from "vitest";

const subscriptionId = "l-0123456789abcdef" as SubscriptionId;
export const key: BookKey = { subscriptionId: subscriptionId, dimension: "gb_stored" };
export const used = hour("2026-08-20T14");
const tagged = '[["team","a"],["team 2","b"]]' as TagSet;

const posting = (micro: bigint, book = key, of = used) => ({
  book,
  hour: of,
  amounts: new Map([[untagged, microUnits(micro)]]),
});

const whole = (units: bigint) => wholeUnits(units);

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
  deadlineAt: hourEnd(hoursLater(sealedHour, 23)),
  attempts: 0,
  outcome: { state: "pending" },
  ...change,
});

export type Made = { books: BookStore; records: RecordStore };

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

/** What every BookStore promises. */
export function bookContract(make: () => Promise<Made>): void {
  describe("a book", () => {
    test("that nobody wrote in is empty", async () => {
      const { books } = await make();
      expect(await books.load(key)).toEqual(emptyBook(key));
    });

    test("keeps every digit of amounts above 2^53, negative ones and each tag set", async () => {
      const { books } = await make();
      const amounts = new Map([
        [untagged, microUnits(9_007_199_254_740_993_000_001n)],
        [tagged, microUnits(-7n)],
      ]);
      const one = { book: key, hour: used, amounts };
      const after = post(await books.load(key), used, amounts);
      await books.post(after, one, "p-1");
      expect(await books.load(key)).toEqual(after);
    });

    test("takes a plan's posting once: the second time it is known, whatever the version", async () => {
      const { books } = await make();
      const after = await booked(books, 5_000_000n);
      const twice = post(after, used, posting(5_000_000n).amounts);
      expect(await books.post(twice, posting(5_000_000n), "p-1")).toBe("known");
      expect(await books.post(after, posting(5_000_000n), "p-1")).toBe("known");
      expect(await books.load(key)).toEqual(after);
    });

    test("that changed since it was read is a conflict, and the posting may come again", async () => {
      const { books } = await make();
      const stale = post(await books.load(key), used, posting(1_000_000n).amounts);
      const after = await booked(books, 5_000_000n, key, "p-other");
      expect(await books.post(stale, posting(1_000_000n), "p-1")).toBe("conflict");
      expect(await books.load(key)).toEqual(after);
      expect((await booked(books, 1_000_000n)).counted).toBe(6_000_000n);
    });

    test("of racing postings loses none: one wins, the others see a conflict", async () => {
      const { books } = await make();
      const read = await books.load(key);
      const racers = Array.from({ length: 6 }, (_, index) =>
        books.post(post(read, used, posting(1n).amounts), posting(1n), `p-${index}`),
      );
      const outcomes = await Promise.all(racers);
      expect(outcomes.toSorted()).toEqual([...Array<string>(5).fill("conflict"), "posted"]);
      expect((await books.load(key)).counted).toBe(1n);
    });

    test("is never another's, however account and dimension are spelled", async () => {
      const { books } = await make();
      const one: BookKey = { subscriptionId: "unattributed:a#b" as SubscriptionId, dimension: "c" };
      const other: BookKey = { subscriptionId: "unattributed:a" as SubscriptionId, dimension: "b#c" };
      await booked(books, 5n, one);
      expect(await books.load(other)).toEqual(emptyBook(other));
      await booked(books, 7n, other);
      expect((await books.load(one)).counted).toBe(5n);
    });

    test("of a subject with every kind of character is kept", async () => {
      const { books } = await make();
      const odd: BookKey = {
        subscriptionId: "unattributed:ünï 🚀 %23#/\\\u0000" as SubscriptionId,
        dimension: "d",
      };
      await booked(books, 5n, odd);
      expect((await books.load(odd)).counted).toBe(5n);
      expect((await books.load(odd)).key).toEqual(odd);
    });
  });

  describe("books with whole units", () => {
    const other: BookKey = { ...key, dimension: "events_ingested" };

    test("are those with at least one whole unit in their balance", async () => {
      const { books } = await make();
      await booked(books, 999_999n);
      expect(await books.withWholeUnits(10)).toEqual([]);
      await booked(books, 1n, key, "p-2");
      await booked(books, 5_000_000n, other);
      const first = await books.withWholeUnits(10);
      const found = [...first, ...(await books.withWholeUnits(10, first.at(-1)))];
      expect(found.map(({ dimension }) => dimension).toSorted()).toEqual(["events_ingested", "gb_stored"]);
      expect(await books.withWholeUnits(1)).toHaveLength(1);
    });

    test("are all found page by page, also while those before are sealed", async () => {
      const { books } = await make();
      const dimensions = ["a", "b", "c", "d", "e"];
      for (const dimension of dimensions) await booked(books, 1_000_000n, { ...key, dimension });
      const found: string[] = [];
      let last: BookKey | undefined;
      do {
        const page = await books.withWholeUnits(2, last);
        for (const each of page) {
          found.push(each.dimension);
          const { book } = seal(await books.load(each), used);
          expect(await books.seal(book, recordOf(used, { dimension: each.dimension }))).toBe("sealed");
        }
        last = page.at(-1);
      } while (last !== undefined);
      expect(found.toSorted()).toEqual(dimensions);
      expect(await books.withWholeUnits(10)).toEqual([]);
    });

    test("a correction that takes the whole unit away takes the book off the list", async () => {
      const { books } = await make();
      await booked(books, 1_000_000n);
      await booked(books, -1n, key, "p-2");
      expect(await books.withWholeUnits(10)).toEqual([]);
    });

    test("sealing takes the book off the list until there is a whole unit again", async () => {
      const { books } = await make();
      const sealed = seal(await booked(books, 1_500_000n), used);
      expect(await books.seal(sealed.book, recordOf(used))).toBe("sealed");
      expect(await books.withWholeUnits(10)).toEqual([]);
      await booked(books, 500_000n, key, "p-2");
      expect(await books.withWholeUnits(10)).toEqual([key]);
    });
  });

  describe("sealing", () => {
    test("stores book and record in one step", async () => {
      const { books, records } = await make();
      const { book } = seal(await booked(books, 3_250_000n), used);
      expect(await books.seal(book, recordOf(used))).toBe("sealed");
      expect(await books.load(key)).toEqual(book);
      expect(await records.pending(analyticsCode, 10)).toEqual([recordOf(used)]);
    });

    test("a book that changed since it was read is a conflict, and there is no record", async () => {
      const { books, records } = await make();
      const read = await booked(books, 3_000_000n);
      const after = await booked(books, 1_000_000n, key, "p-2");
      expect(await books.seal(seal(read, used).book, recordOf(used))).toBe("conflict");
      expect(await books.load(key)).toEqual(after);
      expect(await records.pending(analyticsCode, 10)).toEqual([]);
    });

    test("an hour that has a record never gets another, and the book stays as it was", async () => {
      const { books, records } = await make();
      await books.seal(seal(await booked(books, 3_000_000n), used).book, recordOf(used));
      const after = await booked(books, 1_000_000n, key, "p-2");
      const second = recordOf(used, { deadlineAt: at("2026-08-21T15:00:00Z") });
      expect(await books.seal(seal(after, used).book, second)).toBe("conflict");
      expect(await books.load(key)).toEqual(after);
      expect(await records.pending(analyticsCode, 10)).toEqual([recordOf(used)]);
    });

    test("of two sealers at once exactly one wins", async () => {
      const { books, records } = await make();
      const { book } = seal(await booked(books, 3_000_000n), used);
      const outcomes = await Promise.all([
        books.seal(book, recordOf(used)),
        books.seal(book, recordOf(used)),
      ]);
      expect(outcomes.toSorted()).toEqual(["conflict", "sealed"]);
      expect(await records.pending(analyticsCode, 10)).toHaveLength(1);
    });

    test("recorded hours are those of this book within the range, ends included", async () => {
      const { books } = await make();
      const hours = [0, 1, 3].map((later) => hoursLater(used, later));
      for (const [index, each] of hours.entries()) {
        const { book } = seal(await booked(books, 1_000_000n, key, `p-${index}`, each), each);
        expect(await books.seal(book, recordOf(each))).toBe("sealed");
      }
      const other: BookKey = { ...key, dimension: "events_ingested" };
      const range = (from: number, through: number, of = key) =>
        books.recordedHours(of, hoursLater(used, from), hoursLater(used, through));
      expect(await range(0, 3)).toEqual(new Set(hours));
      expect(await range(1, 2)).toEqual(new Set([hoursLater(used, 1)]));
      expect(await range(3, 3)).toEqual(new Set([hoursLater(used, 3)]));
      expect(await range(4, 2)).toEqual(new Set());
      expect(await range(0, 3, other)).toEqual(new Set());
    });
  });
}

/** What every RecordStore promises. */
export function recordContract(make: () => Promise<Made>): void {
  /** Seals one record for each of the hours. */
  const sealed = async (changes: readonly (Partial<UsageRecord> & { hour: UtcHour })[]): Promise<Made> => {
    const made = await make();
    for (const [index, change] of changes.entries()) {
      const { book } = seal(await booked(made.books, whole(1n), key, `p-${index}`, change.hour), change.hour);
      expect(await made.books.seal(book, recordOf(change.hour, change))).toBe("sealed");
    }
    return made;
  };
  const pendingOne = async ({ records }: Made): Promise<UsageRecord> => {
    const [only] = await records.pending(analyticsCode, 10);
    if (only === undefined) throw new Error("nothing is pending");
    return only;
  };
  const accepted = { state: "accepted", meteringRecordId: "m-1", at: at("2026-08-20T16:00:00Z") } as const;

  describe("pending records", () => {
    test("come nearest deadline first, of one product only, at most as many as asked for", async () => {
      const { records } = await sealed([
        { hour: used, deadlineAt: at("2026-08-21T15:00:00Z") },
        { hour: hoursLater(used, 1), deadlineAt: at("2026-08-20T18:00:00Z") },
        { hour: hoursLater(used, 2), productCode: "another" },
        { hour: hoursLater(used, 3), deadlineAt: at("2026-08-21T10:00:00Z") },
      ]);
      const hours = async (limit: number) =>
        (await records.pending(analyticsCode, limit)).map((record) => record.hour - used);
      expect(await hours(10)).toEqual([1, 3, 0]);
      expect(await hours(2)).toEqual([1, 3]);
    });

    test("the entry comes back exactly as it was frozen", async () => {
      const made = await sealed([{ hour: used }]);
      expect(await pendingOne(made)).toEqual(recordOf(used));
    });

    test("of a listing with a product code carry that and no license", async () => {
      const identity = { by: "product-code", productCode: analyticsCode, customerIdentifier: "X01" } as const;
      const entry = { ...recordOf(used).entry, identity };
      const made = await sealed([{ hour: used, entry }]);
      expect((await pendingOne(made)).entry.identity).toEqual(identity);
    });
  });

  describe("an attempt", () => {
    test("is counted before the call, by one of several who read the same", async () => {
      const made = await sealed([{ hour: used }]);
      const read = await pendingOne(made);
      const outcomes = await Promise.all([1, 2, 3].map(() => made.records.countAttempt(read)));
      expect(outcomes.toSorted()).toEqual([false, false, true]);
      expect((await pendingOne(made)).attempts).toBe(1);
    });

    test("is not counted any more once there is an outcome", async () => {
      const made = await sealed([{ hour: used }]);
      const read = await pendingOne(made);
      await made.records.conclude(read, accepted);
      expect(await made.records.countAttempt(read)).toBe(false);
    });

    test("of a record that does not exist counts nothing", async () => {
      const { records } = await make();
      expect(await records.countAttempt(recordOf(used))).toBe(false);
      await records.conclude(recordOf(used), accepted);
      await records.postpone(recordOf(used), "never sent", accepted.at, "none");
      expect(await records.pending(analyticsCode, 10)).toEqual([]);
    });
  });

  describe("an outcome", () => {
    test.each([
      accepted,
      { state: "conflict", at: accepted.at } as const,
      { state: "expired", refusal: "CustomerNotSubscribed", at: accepted.at } as const,
    ])("that is final ($state) ends the waiting and stays", async (outcome) => {
      const made = await sealed([{ hour: used }]);
      const read = await pendingOne(made);
      await made.records.countAttempt(read);
      await made.records.conclude(read, outcome);
      expect(await made.records.pending(analyticsCode, 10)).toEqual([]);
      await made.records.postpone(read, "too late", accepted.at, "none");
      await made.records.conclude(read, { state: "expired", at: accepted.at });
      expect(await made.records.pending(analyticsCode, 10)).toEqual([]);
      expect(await made.records.countAttempt({ ...read, attempts: 1 })).toBe(false);
    });

    test("of a conflict is not written when somebody else made an attempt meanwhile", async () => {
      const made = await sealed([{ hour: used }]);
      const mine = await pendingOne(made);
      await made.records.countAttempt(mine);
      await made.records.countAttempt(await pendingOne(made));
      await made.records.conclude(mine, { state: "conflict", at: accepted.at });
      expect(await pendingOne(made)).toMatchObject({ attempts: 2, outcome: { state: "pending" } });
    });
  });

  describe("postponing", () => {
    const triedAt = accepted.at;

    test("says what AWS answered, and takes back an attempt that had no effect", async () => {
      const made = await sealed([{ hour: used }]);
      const read = await pendingOne(made);
      await made.records.countAttempt(read);
      await made.records.postpone(read, "CustomerNotSubscribed", triedAt, "none");
      const after = await pendingOne(made);
      const outcome = { state: "pending", refusal: "CustomerNotSubscribed", triedAt };
      expect(after).toEqual({ ...read, outcome });
      expect(await made.records.countAttempt(after)).toBe(true);
    });

    test("keeps an attempt that may have reached AWS", async () => {
      const made = await sealed([{ hour: used }]);
      const read = await pendingOne(made);
      await made.records.countAttempt(read);
      await made.records.postpone(read, "timeout", triedAt, "unknown");
      expect((await pendingOne(made)).attempts).toBe(1);
    });

    test("puts the record behind all that were not, and behind those postponed earlier", async () => {
      const made = await sealed([
        { hour: used, deadlineAt: at("2026-08-20T18:00:00Z") },
        { hour: hoursLater(used, 1), deadlineAt: at("2026-08-20T19:00:00Z") },
        { hour: hoursLater(used, 2), deadlineAt: at("2026-08-20T20:00:00Z") },
      ]);
      const [first, second] = await made.records.pending(analyticsCode, 2);
      for (const [record, minutes] of [
        [first, 2],
        [second, 1],
      ] as const) {
        if (record === undefined) throw new Error("nothing is pending");
        await made.records.countAttempt(record);
        await made.records.postpone(record, "refused", laterBy(triedAt, minutes * 60_000), "none");
      }
      const hours = (await made.records.pending(analyticsCode, 10)).map((record) => record.hour - used);
      expect(hours).toEqual([2, 1, 0]);
    });

    test("takes no attempt back that somebody else has counted since", async () => {
      const made = await sealed([{ hour: used }]);
      const mine = await pendingOne(made);
      await made.records.countAttempt(mine);
      const theirs = await pendingOne(made);
      await made.records.countAttempt(theirs);
      await made.records.postpone(mine, "mine", triedAt, "none");
      expect((await pendingOne(made)).attempts).toBe(2);
    });
  });
}
