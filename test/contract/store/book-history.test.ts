import { dynamoBookHistory } from "@tollhouse/aws/dynamodb/book-history";
import type { BookHistory } from "@tollhouse/core/ledger/book-history";
import { explainRecord } from "@tollhouse/core/ledger/explain";
import { recordFact } from "@tollhouse/core/lifecycle/record-fact";
import type { LifecycleStore } from "@tollhouse/core/lifecycle/store";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { memoryBookHistory } from "@tollhouse/core/memory/book-history";
import { at, example, exampleConfiguration, licenseId } from "@tollhouse/core/memory/example";
import { memoryFoldStore } from "@tollhouse/core/memory/fold-store";
import { memoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import { usage } from "@tollhouse/core/memory/meter";
import { memoryMetering } from "@tollhouse/core/memory/metering-store";
import { memoryQuarantine } from "@tollhouse/core/memory/quarantine";
import { memoryUsageLog } from "@tollhouse/core/memory/usage-log";
import { type BookKey, seal } from "@tollhouse/core/metering/book";
import { foldUsage } from "@tollhouse/core/metering/fold-usage";
import type { BookStore, FoldStore, RecordStore, WaitingStore } from "@tollhouse/core/metering/store";
import type { Quarantine } from "@tollhouse/core/quarantine/quarantine";
import { fixedClock } from "@tollhouse/core/time/clock";
import { hoursLater } from "@tollhouse/core/time/utc-hour";
import { ingestUsage } from "@tollhouse/core/usage/ingest";
import type { UsageLog } from "@tollhouse/core/usage/usage-log";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasJava } from "../../java.ts";
import { type Database, makeStores, startDatabase } from "./database.ts";
import { recordOf, used } from "./metering-example.ts";

interface Made {
  readonly store: LifecycleStore;
  readonly quarantine: Quarantine;
  readonly usageLog: UsageLog;
  readonly folds: FoldStore;
  readonly metering: {
    readonly books: BookStore;
    readonly records: RecordStore;
    readonly waiting: WaitingStore;
  };
  readonly history: BookHistory;
}

const clock = fixedClock(at("2026-08-20T16:15:00Z"));
const key: BookKey = { subscriptionId: licenseId as string as SubscriptionId, dimension: "gb_stored" };
const { shards } = exampleConfiguration.settings;

/** What every BookHistory promises: that a record's units are found again in the events of two folds. */
function bookHistoryContract(make: () => Promise<Made>): void {
  test("leads from a usage record to the events behind it, and to no other book's", async () => {
    const { store, quarantine, usageLog, folds, metering, history } = await make();
    const waker = { wake: () => Promise.resolve() };
    await recordFact(
      { store, clock, waker },
      exampleConfiguration,
      example.licenseUpdated("f-1", "2026-08-20T12:00:00Z"),
    );
    const ports = { ...metering, usageLog, folds, quarantine, clock, subscriptions: store };
    const fold = async (id: string, ...events: readonly object[]) => {
      await ingestUsage(ports, exampleConfiguration.settings, id, [{ id, body: JSON.stringify(events) }]);
      for (const shard of [0, 1, 2, 3])
        for (const mark of await usageLog.marks(shard, hoursLater(used, 3)))
          await foldUsage(ports, exampleConfiguration, mark);
    };
    const other = { data: { dimension: "events_ingested", quantity: "70" } };
    await fold(
      "b-1",
      usage("e-1", "2026-08-20T14:05:00Z", "4.5"),
      usage("e-2", "2026-08-20T14:05:00Z", "70", other),
    );
    await fold(
      "b-2",
      usage("e-1", "2026-08-20T14:05:00Z", "4.5"),
      usage("e-3", "2026-08-20T14:59:00Z", "2.25"),
    );
    await fold("b-3", usage("e-4", "2026-08-20T15:05:00Z", "8"));
    const { book, quantity, allocations, taken } = seal(await metering.books.load(key), used);
    const sealed = recordOf(used, {
      ...key,
      taken,
      entry: { ...recordOf(used).entry, quantity, allocations },
    });
    expect(await metering.books.seal(book, sealed)).toBe("sealed");
    const later = recordOf(hoursLater(used, 1), { ...key });
    expect(await metering.books.sealZero(later)).toBe("sealed");

    const kept: unknown[] = [];
    for await (const record of history.records(key, { from: used, through: hoursLater(used, 1) }))
      kept.push(record);
    expect(kept).toEqual([sealed, later]);
    for await (const record of history.records(key, { from: used, through: hoursLater(used, -1) }))
      expect(record).toBeUndefined();
    expect(await history.plan({ hour: used, shard: 0 }, "unknown")).toBeUndefined();

    const explained = await explainRecord(
      { ...ports, history },
      exampleConfiguration,
      { key, hour: used },
      { now: at("2026-08-20T16:15:00Z"), shards, limit: 10 },
    );
    expect(explained?.hours).toMatchObject([
      { hour: used, units: 6_000_000n, held: 750_000n, leftOut: 0n, missing: 0n, moves: [] },
    ]);
    const folded = explained?.hours[0]?.folds.map(({ units, events }) => [
      units,
      ...events.map(({ event, fate }) => `${event.id} ${fate}`),
    ]);
    expect(folded?.toSorted((a, b) => Number(b[0]) - Number(a[0]))).toEqual([
      [4_500_000n, "e-1 counted"],
      [2_250_000n, "e-1 repeat", "e-3 counted"],
    ]);
  });
}

describe("the history of a book in memory", () => {
  bookHistoryContract(() => {
    const [usageLog, folds, metering] = [memoryUsageLog(), memoryFoldStore(), memoryMetering()];
    const history = memoryBookHistory(folds, metering);
    const { store } = memoryLifecycle();
    return Promise.resolve({ store, quarantine: memoryQuarantine(), usageLog, folds, metering, history });
  });
});

describe.runIf(await hasJava("the history of a book in DynamoDB Local"))(
  "the history of a book in DynamoDB",
  () => {
    let database: Database | undefined;
    beforeAll(async () => {
      database = await startDatabase();
    });
    afterAll(() => database?.stop());
    bookHistoryContract(async () => {
      const { lifecycle, client, table, ...rest } = await makeStores(database?.endpoint ?? "");
      return { ...rest, store: lifecycle.store, history: dynamoBookHistory(client, table) };
    });
  },
);
