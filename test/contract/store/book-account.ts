import { at } from "@tollhouse/core/memory/example";
import {
  moveBalance,
  type Book,
  changed,
  emptyBook,
  post,
  seal,
  takeBack,
  type UnbillableReason,
  writeOff,
} from "@tollhouse/core/metering/book";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { microUnits, wholeUnits, zeroUnits } from "@tollhouse/core/quantity/micro-units";
import { hoursLater } from "@tollhouse/core/time/utc-hour";
import { untagged } from "@tollhouse/core/usage/usage-event";
import { describe, expect, test } from "vitest";
import {
  accepted,
  booked,
  key,
  type Made,
  pendingIn,
  pendingOne,
  recordOf,
  triedAt,
  used,
} from "./metering-example.ts";

const allHours = { from: used, through: hoursLater(used, 9) };
const large = 9_007_199_254_740_993_000_001n;

/** A book with something in every account. */
function everyAccount(book: Book): Book {
  const unbillable = new Map<UnbillableReason, ReturnType<typeof microUnits>>([
    ["no-hour-left", microUnits(large)],
    ["owed-to-buyer", microUnits(-5n)],
  ]);
  const terms = [
    { since: at("2026-07-01T00:00:00Z"), covered: microUnits(large), left: zeroUnits },
    { since: at("2026-08-01T00:00:00.123Z"), covered: microUnits(1n), left: microUnits(-3n) },
  ];
  const [covered, counted] = [microUnits(large + 1n), microUnits(book.counted + 2n * large - 4n)];
  return changed(book, { covered, counted, unbillable, terms });
}

/** What every BookStore promises about changes of a book's accounts, and about records whose units come back. */
export function bookAccountContract(make: () => Promise<Made>): void {
  describe("a change of a book's accounts", () => {
    test("is stored to the last digit, over the version before it", async () => {
      const { books } = await make();
      const after = everyAccount(await booked(books, 500_000n));
      expect(await books.change(after)).toBe("changed");
      expect(await books.load(key)).toEqual(after);
      expect(await books.change(after)).toBe("conflict");
    });

    test("of a book that changed since it was read is a conflict, and changes nothing", async () => {
      const { books } = await make();
      const stale = await booked(books, 500_000n);
      const current = await booked(books, 1n, key, "p-2");
      expect(await books.change(everyAccount(stale))).toBe("conflict");
      expect(await books.load(key)).toEqual(current);
    });

    test("of a book that was never written in is its first version", async () => {
      const { books } = await make();
      const first = changed(emptyBook(key), { isClosed: true });
      expect(await books.change(first)).toBe("changed");
      expect(await books.load(key)).toEqual(first);
      expect(await books.change(first)).toBe("conflict");
    });

    test("is stored by one of several at once", async () => {
      const { books } = await make();
      const after = everyAccount(await booked(books, 1n));
      const outcomes = await Promise.all([1, 2, 3, 4].map(() => books.change(after)));
      expect(outcomes.toSorted()).toEqual(["changed", "conflict", "conflict", "conflict"]);
    });

    test("that writes off what was to be sealed takes the book off the list", async () => {
      const { books } = await make();
      const held = await booked(books, 5_000_000n);
      expect(await books.withWholeUnits(10)).toEqual([key]);
      expect(await books.change(writeOff(held, allHours, "no-hour-left"))).toBe("changed");
      expect(await books.withWholeUnits(10)).toEqual([]);
    });

    test("that closes it puts it on the list while there is any balance", async () => {
      const { books } = await make();
      const closed = changed(await booked(books, 1n), { isClosed: true });
      await books.change(closed);
      expect(await books.withWholeUnits(10)).toEqual([key]);
      await books.change(writeOff(closed, allHours, "fraction"));
      expect(await books.withWholeUnits(10)).toEqual([]);
      await booked(books, -1n, key, "p-2");
      expect(await books.withWholeUnits(10)).toEqual([key]);
    });
  });

  describe("a book whose units turn out to be another's", () => {
    test("gives them to it in one step, and only as both were read", async () => {
      const { books } = await make();
      const other = { ...key, subscriptionId: "l-9" as typeof key.subscriptionId };
      const from = await booked(books, wholeUnits(3n));
      const to = await booked(books, wholeUnits(4n), other, "p-9");
      const [emptied, filled] = moveBalance(from, to);
      const outcomes = await Promise.all([1, 2].map(() => books.move(emptied, filled)));
      expect(outcomes.toSorted()).toEqual(["conflict", "moved"]);
      expect([(await books.load(key)).counted, (await books.load(other)).counted]).toEqual([
        0n,
        wholeUnits(7n),
      ]);
      expect(await books.withWholeUnits(10)).toEqual([other]);
      expect(await books.move(changed(emptied, {}), filled)).toBe("conflict");
      expect((await books.load(key)).version).toBe(emptied.version);
    });
  });

  describe("a record whose units come back", () => {
    const entry = { ...recordOf(used).entry, quantity: 3n, allocations: [{ tagSet: untagged, units: 3n }] };
    const record = recordOf(used, { entry });
    const returned = { state: "returned", refusal: "TimestampOutOfBounds", at: triedAt } as const;
    const back = (book: Book, from: UsageRecord) => takeBack(book, from.hour, from.entry.allocations);
    const withRecord = async (): Promise<Made & { book: Book }> => {
      const made = await make();
      const { book } = seal(await booked(made.books, wholeUnits(3n)), used);
      expect(await made.books.seal(book, record)).toBe("sealed");
      return { ...made, book };
    };

    test("has its outcome and its book in one step, and its hour for good", async () => {
      const made = await withRecord();
      const { books, records } = made;
      const after = back(made.book, record);
      expect(await books.giveBack(after, record, returned)).toBe("returned");
      expect(await books.load(key)).toEqual(after);
      expect(await records.recordsOf(key, 10)).toEqual([{ ...record, outcome: returned }]);
      expect(await pendingIn(made)).toEqual([]);
      expect(await books.recordedHours(key, used, used)).toEqual(new Set([used]));
      expect(await books.withWholeUnits(10)).toEqual([key]);
    });

    test("gives them back once: the second time, by whomever, is a conflict", async () => {
      const { books, book } = await withRecord();
      const after = back(book, record);
      const outcomes = await Promise.all([1, 2, 3].map(() => books.giveBack(after, record, returned)));
      expect(outcomes.toSorted()).toEqual(["conflict", "conflict", "returned"]);
      const twice = changed(after, { counted: microUnits(1n), balance: new Map(), recorded: microUnits(1n) });
      expect(await books.giveBack(twice, record, returned)).toBe("conflict");
      expect(await books.load(key)).toEqual(after);
    });

    test("is sent no more, and no answer changes what became of it", async () => {
      const { books, records, book } = await withRecord();
      await books.giveBack(back(book, record), record, returned);
      expect(await records.countAttempt(record)).toBe(false);
      await records.conclude(record, accepted);
      expect(await records.recordsOf(key, 10)).toEqual([{ ...record, outcome: returned }]);
    });

    test("keeps them when the book changed since it was read", async () => {
      const made = await withRecord();
      const current = await booked(made.books, 1n, key, "p-2");
      expect(await made.books.giveBack(back(made.book, record), record, returned)).toBe("conflict");
      expect(await made.books.load(key)).toEqual(current);
      expect(await pendingOne(made)).toEqual(record);
    });

    test("keeps them when it was attempted since it was read, for AWS may have it", async () => {
      const made = await withRecord();
      expect(await made.records.countAttempt(record)).toBe(true);
      expect(await made.books.giveBack(back(made.book, record), record, returned)).toBe("conflict");
      expect(await made.books.load(key)).toEqual(made.book);
      const read = await pendingOne(made);
      expect(await made.books.giveBack(back(made.book, read), read, returned)).toBe("returned");
    });

    test("keeps them when it has an outcome", async () => {
      const { books, records, book } = await withRecord();
      await records.conclude(record, accepted);
      expect(await books.giveBack(back(book, record), record, returned)).toBe("conflict");
      expect(await books.load(key)).toEqual(book);
      const [concluded] = await records.recordsOf(key, 1);
      expect(concluded?.outcome).toEqual(accepted);
    });

    test("that is not there gives nothing back", async () => {
      const { books } = await make();
      const { book } = seal(await booked(books, wholeUnits(3n)), used);
      const posted = post({ ...book, version: 0 }, used, new Map([[untagged, microUnits(1n)]]));
      expect(await books.giveBack({ ...posted, version: 2 }, record, returned)).toBe("conflict");
      expect((await books.load(key)).version).toBe(1);
    });
  });
}
