import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { at } from "@tollhouse/core/memory/example";
import { type BookKey, emptyBook, post, seal } from "@tollhouse/core/metering/book";
import { microUnits } from "@tollhouse/core/quantity/micro-units";
import { hoursLater } from "@tollhouse/core/time/utc-hour";
import { untagged } from "@tollhouse/core/usage/usage-event";
import { describe, expect, test } from "vitest";
import { booked, key, type Made, pendingIn, posting, recordOf, tagged, used } from "./metering-example.ts";

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
      expect(await pendingIn({ records })).toEqual([recordOf(used)]);
    });

    test("a book that changed since it was read is a conflict, and there is no record", async () => {
      const { books, records } = await make();
      const read = await booked(books, 3_000_000n);
      const after = await booked(books, 1_000_000n, key, "p-2");
      expect(await books.seal(seal(read, used).book, recordOf(used))).toBe("conflict");
      expect(await books.load(key)).toEqual(after);
      expect(await pendingIn({ records })).toEqual([]);
    });

    test("an hour that has a record never gets another, and the book stays as it was", async () => {
      const { books, records } = await make();
      await books.seal(seal(await booked(books, 3_000_000n), used).book, recordOf(used));
      const after = await booked(books, 1_000_000n, key, "p-2");
      const second = recordOf(used, { deadlineAt: at("2026-08-21T15:00:00Z") });
      expect(await books.seal(seal(after, used).book, second)).toBe("conflict");
      expect(await books.load(key)).toEqual(after);
      expect(await pendingIn({ records })).toEqual([recordOf(used)]);
    });

    test("of two sealers at once exactly one wins", async () => {
      const { books, records } = await make();
      const { book } = seal(await booked(books, 3_000_000n), used);
      const outcomes = await Promise.all([
        books.seal(book, recordOf(used)),
        books.seal(book, recordOf(used)),
      ]);
      expect(outcomes.toSorted()).toEqual(["conflict", "sealed"]);
      expect(await pendingIn({ records })).toHaveLength(1);
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
