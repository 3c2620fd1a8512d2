import { analyticsCode, at } from "@tollhouse/core/memory/example";
import { type BookKey, seal } from "@tollhouse/core/metering/book";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { wholeUnits } from "@tollhouse/core/quantity/micro-units";
import { type Instant, laterBy, minuteMs, someday } from "@tollhouse/core/time/instant";
import { hoursLater } from "@tollhouse/core/time/utc-hour";
import { describe, expect, test } from "vitest";
import {
  accepted,
  booked,
  key,
  type Made,
  pendingIn,
  pendingOne,
  recordOf,
  sealed,
  triedAt,
  used,
  zeroOf,
} from "./metering-example.ts";

const minutesOn = (minutes: number): Instant => laterBy(triedAt, minutes * minuteMs);
const hoursOf = (records: readonly UsageRecord[]) => records.map(({ hour }) => hour - used);

/** As a record is that AWS did not take, and that is to be sent again so many minutes later. */
async function postponed({ records }: Made, record: UsageRecord, minutes: number): Promise<void> {
  expect(await records.countAttempt(record)).toBe(true);
  await records.postpone(record, { refusal: "refused", retryAt: minutesOn(minutes) }, triedAt, "none");
}

/** What every RecordStore promises about what is to be sent, and when. */
export function pendingContract(make: () => Promise<Made>): void {
  const three = (): Promise<Made> =>
    sealed(make, [
      { hour: used, deadlineAt: at("2026-08-21T18:00:00Z") },
      { hour: hoursLater(used, 1), deadlineAt: at("2026-08-21T19:00:00Z") },
      { hour: hoursLater(used, 2), deadlineAt: at("2026-08-21T20:00:00Z") },
    ]);
  const recordAt = async (made: Made, later: number): Promise<UsageRecord> => {
    const found = (await made.records.recordsOf(key, 10)).find(({ hour }) => hour === used + later);
    if (found === undefined) throw new Error("there is no such record");
    return found;
  };

  describe("pending records", () => {
    test("come nearest deadline first, of one product only, at most as many as asked for", async () => {
      const { records } = await sealed(make, [
        { hour: used, deadlineAt: at("2026-08-21T15:00:00Z") },
        { hour: hoursLater(used, 1), deadlineAt: at("2026-08-20T18:00:00Z") },
        { hour: hoursLater(used, 2), productCode: "another" },
        { hour: hoursLater(used, 3), deadlineAt: at("2026-08-21T10:00:00Z") },
      ]);
      const hours = async (limit: number) => hoursOf(await records.pending(analyticsCode, triedAt, limit));
      expect(await hours(10)).toEqual([1, 3, 0]);
      expect(await hours(2)).toEqual([1, 3]);
    });

    test("the entry comes back exactly as it was frozen, and so does what was taken", async () => {
      const made = await sealed(make, [{ hour: used }]);
      expect(await pendingOne(made)).toEqual(recordOf(used));
    });

    test("of a listing with a product code carry that and no license", async () => {
      const identity = { by: "product-code", productCode: analyticsCode, customerIdentifier: "X01" } as const;
      const entry = { ...recordOf(used).entry, identity };
      const made = await sealed(make, [{ hour: used, entry }]);
      expect((await pendingOne(made)).entry.identity).toEqual(identity);
    });

    test("that were postponed come when it is time, behind all others, the longest due first", async () => {
      const made = await three();
      await postponed(made, await recordAt(made, 0), 2);
      await postponed(made, await recordAt(made, 1), 1);
      const due = async (by: Instant, limit = 10) =>
        hoursOf(await made.records.pending(analyticsCode, by, limit));
      expect(await due(laterBy(minutesOn(1), -1))).toEqual([2]);
      expect(await due(minutesOn(1))).toEqual([2, 1]);
      expect(await due(minutesOn(2))).toEqual([2, 1, 0]);
      expect(await due(minutesOn(2), 2)).toEqual([2, 1]);
      expect(await due(someday)).toEqual([2, 1, 0]);
    });

    test("that have an outcome take no place of those that have none", async () => {
      const made = await three();
      await made.records.conclude(await recordAt(made, 0), accepted);
      expect(hoursOf(await made.records.pending(analyticsCode, triedAt, 1))).toEqual([1]);
    });

    test("that were postponed again wait again", async () => {
      const made = await sealed(make, [{ hour: used }]);
      await postponed(made, await pendingOne(made), 1);
      await postponed(made, await pendingOne(made), 9);
      expect(await made.records.pending(analyticsCode, minutesOn(8), 10)).toEqual([]);
      expect(await made.records.pending(analyticsCode, minutesOn(9), 10)).toHaveLength(1);
    });
  });

  describe("a record that has to hurry", () => {
    test("comes before those whose deadline is later, and at once if it was postponed", async () => {
      const made = await three();
      await postponed(made, await recordAt(made, 2), 60);
      await made.records.hasten(await recordAt(made, 2), at("2026-08-21T18:30:00Z"));
      expect(hoursOf(await made.records.pending(analyticsCode, triedAt, 10))).toEqual([0, 2, 1]);
      const { outcome } = await recordAt(made, 2);
      expect(outcome).toEqual({ state: "pending", refusal: "refused", triedAt });
      await made.records.hasten(await recordAt(made, 1), at("2026-08-21T17:00:00Z"));
      expect(hoursOf(await made.records.pending(analyticsCode, triedAt, 10))).toEqual([1, 0, 2]);
    });

    test("is still the record that it was, and waits again when it is postponed", async () => {
      const made = await three();
      await made.records.hasten(await recordAt(made, 2), at("2026-08-21T17:00:00Z"));
      const { deadlineAt, attempts } = await recordAt(made, 2);
      expect({ deadlineAt, attempts }).toEqual({ deadlineAt: at("2026-08-21T20:00:00Z"), attempts: 0 });
      await postponed(made, await recordAt(made, 2), 1);
      expect(hoursOf(await made.records.pending(analyticsCode, triedAt, 10))).toEqual([0, 1]);
      expect(hoursOf(await made.records.pending(analyticsCode, minutesOn(1), 10))).toEqual([0, 1, 2]);
    });

    test("of a buyer who has come back has a later deadline, whatever place it stands at", async () => {
      const made = await three();
      await made.records.prolong(await recordAt(made, 0), at("2026-08-22T09:00:00Z"));
      expect((await recordAt(made, 0)).deadlineAt).toBe(at("2026-08-22T09:00:00Z"));
      await made.records.conclude(await recordAt(made, 0), { state: "expired", at: triedAt });
      await made.records.prolong(await recordAt(made, 0), at("2026-08-23T09:00:00Z"));
      expect((await recordAt(made, 0)).deadlineAt).toBe(at("2026-08-22T09:00:00Z"));
    });

    test("and was put off for no reason of its own stands where its deadline says", async () => {
      const made = await three();
      const first = await recordAt(made, 0);
      await made.records.countAttempt(first);
      await made.records.postpone(first, { refusal: "throttled" }, triedAt, "none");
      expect(hoursOf(await made.records.pending(analyticsCode, triedAt, 10))).toEqual([0, 1, 2]);
    });

    test("by an instant after its own deadline stands where it stood", async () => {
      const made = await three();
      await made.records.hasten(await recordAt(made, 0), at("2026-08-21T23:00:00Z"));
      expect(hoursOf(await pendingIn(made))).toEqual([0, 1, 2]);
    });
  });

  describe("records without units", () => {
    const other: BookKey = { ...key, dimension: "events_ingested" };

    test("are stored without a book, once an hour, and come apart from all others", async () => {
      const made = await sealed(make, [{ hour: hoursLater(used, 1) }]);
      const { books, records } = made;
      const zero = zeroOf(used, { dimension: other.dimension });
      expect(await books.sealZero(zero)).toBe("sealed");
      expect(await books.sealZero(zeroOf(used, { dimension: other.dimension, attempts: 7 }))).toBe(
        "conflict",
      );
      expect((await books.load(other)).version).toBe(0);
      expect(hoursOf(await pendingIn(made))).toEqual([1]);
      expect(await records.pendingZeros(analyticsCode, triedAt, 10)).toEqual([zero]);
      expect(await records.pendingZeros("another", triedAt, 10)).toEqual([]);
      expect(await books.recordedHours(other, used, used)).toEqual(new Set([used]));
    });

    test("take the hour from those with units, and the other way round", async () => {
      const { books } = await make();
      const { book } = seal(await booked(books, wholeUnits(1n)), used);
      expect(await books.sealZero(zeroOf(used))).toBe("sealed");
      expect(await books.seal(book, recordOf(used))).toBe("conflict");
      const next = recordOf(hoursLater(used, 1));
      expect(await books.seal(book, next)).toBe("sealed");
      expect(await books.sealZero(zeroOf(next.hour))).toBe("conflict");
    });

    test("are stored by one of several at once", async () => {
      const { books } = await make();
      const outcomes = await Promise.all([1, 2, 3].map(() => books.sealZero(zeroOf(used))));
      expect(outcomes.toSorted()).toEqual(["conflict", "conflict", "sealed"]);
    });

    test("are postponed and concluded as others are, and never hurry", async () => {
      const made = await make();
      const { books, records } = made;
      for (const later of [0, 1]) await books.sealZero(zeroOf(hoursLater(used, later)));
      await postponed(made, zeroOf(used), 1);
      const zeros = async (by: Instant) => hoursOf(await records.pendingZeros(analyticsCode, by, 10));
      await records.hasten(await recordAt(made, 0), at("2026-08-20T17:00:00Z"));
      expect(await zeros(triedAt)).toEqual([1]);
      expect(await zeros(minutesOn(1))).toEqual([1, 0]);
      expect(hoursOf(await records.pendingZeros(analyticsCode, someday, 1))).toEqual([1]);
      await records.conclude(await recordAt(made, 0), { state: "accepted", at: triedAt });
      expect(await zeros(someday)).toEqual([1]);
      expect(await pendingIn(made)).toEqual([]);
    });
  });
}
