import { at } from "@tollhouse/core/memory/example";
import { type BookKey, seal } from "@tollhouse/core/metering/book";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { wholeUnits } from "@tollhouse/core/quantity/micro-units";
import { hoursLater } from "@tollhouse/core/time/utc-hour";
import type { TagSet } from "@tollhouse/core/usage/usage-event";
import { describe, expect, test } from "vitest";
import { booked, key, type Made, recordOf, used } from "./metering-example.ts";

/** What every RecordStore promises about reading the records of one book. */
export function recordsOfBookContract(make: () => Promise<Made>): void {
  /** Seals these records, one after the other. */
  const sealed = async (records: readonly UsageRecord[]): Promise<Made> => {
    const made = await make();
    for (const [index, record] of records.entries()) {
      const { book } = seal(
        await booked(made.books, wholeUnits(1n), key, `p-${index}`, record.hour),
        record.hour,
      );
      expect(await made.books.seal(book, record)).toBe("sealed");
    }
    return made;
  };
  const accepted = { state: "accepted", meteringRecordId: "m-1", at: at("2026-08-20T16:00:00Z") } as const;

  describe("a book's records", () => {
    test("come newest hour first, whatever became of them, and of no other book", async () => {
      const { books, records } = await sealed([0, 1, 2].map((later) => recordOf(hoursLater(used, later))));
      const other: BookKey = { ...key, dimension: "gb_stored_cold" };
      const { book } = seal(await booked(books, wholeUnits(1n), other), used);
      expect(await books.seal(book, recordOf(used, { dimension: other.dimension }))).toBe("sealed");
      await records.conclude(recordOf(hoursLater(used, 1)), accepted);
      expect(await records.recordsOf(key, 10)).toEqual([
        recordOf(hoursLater(used, 2)),
        recordOf(hoursLater(used, 1), { outcome: accepted }),
        recordOf(used),
      ]);
      expect(await records.recordsOf(key, 1)).toEqual([recordOf(hoursLater(used, 2))]);
      expect(await records.recordsOf({ ...key, dimension: "never" }, 10)).toEqual([]);
    });

    test("that take more than a page are all there", async () => {
      const allocations = Array.from({ length: 2_500 }, (_, index) => ({
        tagSet: `[["team","${"x".repeat(80)}${index}"]]` as TagSet,
        units: 1n,
      }));
      const entry = { ...recordOf(used).entry, allocations };
      const hours = [0, 1, 2, 3].map((later) => hoursLater(used, later));
      const { records } = await sealed(hours.map((of) => recordOf(of, { entry })));
      const found = await records.recordsOf(key, 10);
      expect(found.map((record) => record.hour)).toEqual(hours.toReversed());
    });
  });
}
