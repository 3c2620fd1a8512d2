import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { meteringKey } from "@tollhouse/aws/dynamodb/key";
import { analyticsCode } from "@tollhouse/core/memory/example";
import { changed, seal } from "@tollhouse/core/metering/book";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { wholeUnits, zeroUnits } from "@tollhouse/core/quantity/micro-units";
import { formatInstant, laterBy } from "@tollhouse/core/time/instant";
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

interface Place extends Made {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

/** That what the version before stored is still read, and goes on. */
export function oldItemContract(make: () => Promise<Place>): void {
  /** Stores an item as it was before there were some of its attributes. */
  const age = async (
    { client, table }: Place,
    Key: Record<"pk" | "sk", string>,
    missing: readonly string[],
    to: Record<string, unknown> = {},
  ): Promise<void> => {
    const { Item = {} } = await client.send(new GetCommand({ TableName: table, Key }));
    const kept = Object.entries(Item).filter(([name]) => !missing.includes(name));
    expect(kept).toHaveLength(Object.keys(Item).length - missing.length);
    const old = { ...Object.fromEntries(kept), ...to };
    await client.send(new PutCommand({ TableName: table, Item: old }));
  };

  describe("what the version before stored", () => {
    test("is a book without accounts for what was covered and written off", async () => {
      const place = await make();
      const stored = await booked(place.books, wholeUnits(2n));
      await age(place, meteringKey.book(key), ["covered", "unbillable", "terms", "isClosed"]);
      expect(await place.books.load(key)).toEqual(stored);
      expect(await place.books.withWholeUnits(10)).toEqual([key]);
      const after = changed(stored, { covered: wholeUnits(2n), balance: new Map() });
      expect(await place.books.change(after)).toBe("changed");
      expect(await place.books.load(key)).toEqual(after);
    });

    const aged = async (
      outcome: UsageRecord["outcome"],
      to: Record<string, unknown> = {},
    ): Promise<Place> => {
      const place = await make();
      const { book } = seal(await booked(place.books, wholeUnits(1n)), used);
      await place.books.seal(book, recordOf(used, { outcome }));
      await age(place, meteringKey.record(key, used), ["taken"], to);
      return place;
    };

    test("is a record that does not say what it took", async () => {
      const place = await aged({ state: "pending" });
      expect(await pendingOne(place)).toEqual(recordOf(used, { taken: [] }));
      await place.records.countAttempt(recordOf(used));
      await place.records.conclude(recordOf(used), accepted);
      expect(await pendingIn(place)).toEqual([]);
    });

    test("is a record that was postponed with no time to be sent again: it is due at once", async () => {
      const outcome = { state: "pending", refusal: "CustomerNotSubscribed", triedAt } as const;
      const gsi1sk = `1#${formatInstant(triedAt)}#old`;
      const place = await aged(outcome, { gsi1sk });
      expect(await place.records.pending(analyticsCode, laterBy(triedAt, -1), 10)).toEqual([]);
      const [record] = await place.records.pending(analyticsCode, triedAt, 10);
      expect(record).toEqual(recordOf(used, { outcome, taken: [] }));
    });

    test("is not sent before its time where the index lags behind and lists it as due", async () => {
      const [retryAt, gsi1sk] = [laterBy(triedAt, 60_000), `0#${formatInstant(triedAt)}#old`];
      const place = await aged({ state: "pending", refusal: "refused", triedAt, retryAt }, { gsi1sk });
      expect(await place.records.pending(analyticsCode, triedAt, 10)).toEqual([]);
      expect(await place.records.pending(analyticsCode, retryAt, 10)).toHaveLength(1);
    });

    test("is an outcome of each kind there was", async () => {
      for (const state of ["accepted", "conflict", "expired"] as const) {
        const place = await aged({ state, at: triedAt });
        const [record] = await place.records.recordsOf(key, 1);
        expect(record?.outcome).toEqual({ state, at: triedAt });
        expect((await place.books.load(key)).covered).toBe(zeroUnits);
      }
    });
  });
}
