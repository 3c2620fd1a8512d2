import { checkLedger } from "@tollhouse/core/ledger/check-ledger";
import type { LedgerReader } from "@tollhouse/core/ledger/ledger-item";
import type { LifecycleStore } from "@tollhouse/core/lifecycle/store";
import { recordFact } from "@tollhouse/core/lifecycle/record-fact";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { at, example, exampleConfiguration, licenseId } from "@tollhouse/core/memory/example";
import { usage } from "@tollhouse/core/memory/meter";
import { type BookKey, changed, seal, takeBack } from "@tollhouse/core/metering/book";
import { foldUsage } from "@tollhouse/core/metering/fold-usage";
import type { BookStore, FoldStore, RecordStore, WaitingStore } from "@tollhouse/core/metering/store";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { microUnits } from "@tollhouse/core/quantity/micro-units";
import type { Quarantine } from "@tollhouse/core/quarantine/quarantine";
import { fixedClock } from "@tollhouse/core/time/clock";
import { hoursLater, type UtcHour } from "@tollhouse/core/time/utc-hour";
import { ingestUsage } from "@tollhouse/core/usage/ingest";
import { maxShardCount } from "@tollhouse/core/usage/shard";
import { untagged } from "@tollhouse/core/usage/usage-event";
import type { UsageLog } from "@tollhouse/core/usage/usage-log";
import { describe, expect, test } from "vitest";
import { recordOf, used, zeroOf } from "./metering-example.ts";

interface Made {
  readonly lifecycle: { readonly store: LifecycleStore };
  readonly quarantine: Quarantine;
  readonly usageLog: UsageLog;
  readonly folds: FoldStore;
  readonly metering: {
    readonly books: BookStore;
    readonly records: RecordStore;
    readonly waiting: WaitingStore;
  };
  readonly ledger: LedgerReader;
}

const now = at("2026-08-20T16:15:00Z");
const clock = fixedClock(now);
const place: BookKey = { subscriptionId: licenseId as string as SubscriptionId, dimension: "gb_stored" };

/** Seals 4 of the book's 4.5 units twice, since they come back once; covers 0.2 of the rest and writes 0.1 off. */
async function settle(books: BookStore): Promise<void> {
  const sealThrough = async (of: UtcHour): Promise<UsageRecord> => {
    const { book, quantity, allocations } = seal(await books.load(place), of);
    const record = recordOf(of, { ...place, entry: { ...recordOf(of).entry, quantity, allocations } });
    expect(await books.seal(book, record)).toBe("sealed");
    return record;
  };
  const first = await sealThrough(used);
  const back = takeBack(await books.load(place), used, first.entry.allocations);
  expect(await books.giveBack(back, first, { state: "returned", at: now })).toBe("returned");
  const later = hoursLater(used, 1);
  await sealThrough(later);
  const [covered, unbillable] = [
    microUnits(200_000n),
    new Map([["fraction", microUnits(100_000n)] as const]),
  ];
  const balance = new Map([[later, new Map([[untagged, microUnits(200_000n)]])]]);
  const changes = { covered, unbillable, balance };
  expect(await books.change(changed(await books.load(place), changes))).toBe("changed");
  expect(await books.sealZero(zeroOf(used, { ...place, dimension: "events_ingested" }))).toBe("sealed");
}

/** What every LedgerReader promises: that the ledger of a small installation, half way through its work, adds up. */
export function ledgerContract(make: () => Promise<Made>): void {
  describe("the ledger", () => {
    test("finds every unit once: folded, sealed, waiting, decided on and not yet folded", async () => {
      const { lifecycle, quarantine, usageLog, folds, metering, ledger } = await make();
      const { store } = lifecycle;
      const waker = { wake: () => Promise.resolve() };
      const active = example.licenseUpdated("f-1", "2026-08-20T12:00:00Z");
      await recordFact({ store, clock, waker }, exampleConfiguration, active);
      const ports = { ...metering, usageLog, folds, quarantine, clock, subscriptions: store };
      const ingest = (id: string, ...events: readonly object[]) =>
        ingestUsage(ports, exampleConfiguration.settings, id, [{ id, body: JSON.stringify(events) }]);
      const others = Array.from({ length: 2_000 }, (_, index) =>
        usage(`w-${index}`, "2026-08-20T14:06:00Z", "0.001", { subject: `tenant-${index % 30}` }),
      );
      await ingest("b-1", usage("e-1", "2026-08-20T14:05:00Z", "4.5"), ...others);
      await ingest(
        "b-2",
        usage("e-1", "2026-08-20T14:59:00Z", "4.5"),
        usage("e-2", "2026-08-20T15:05:00Z", "2"),
      );
      await ingest("b-3", usage("e-3", "2026-08-20T16:05:00Z", "1"));
      const foldHour = async (of: UtcHour, books: BookStore) => {
        const shards = Array.from(
          { length: maxShardCount(exampleConfiguration.settings.shards) },
          (_, shard) => shard,
        );
        for (const shard of shards) {
          const mark = await usageLog.mark({ hour: of, shard });
          if (mark !== undefined)
            await foldUsage({ ...ports, books }, exampleConfiguration, mark).catch(() => undefined);
        }
      };
      await foldHour(used, metering.books);
      // The later hour's fold dies between its decision and the books.
      const post = () => Promise.reject(new Error("crashed"));
      await foldHour(hoursLater(used, 1), { ...metering.books, post });
      await settle(metering.books);
      const report = await checkLedger(ledger, now);
      expect(report).toMatchObject({
        ...{ accepted: 9_500_000n, repeated: 4_500_000n, unfolded: 1_000_000n, inFlight: 2_000_000n },
        ...{ waiting: 2_000_000n, covered: 200_000n, balance: 200_000n },
        unbillable: { fraction: 100_000n, "outside-grant": 0n },
        records: { pending: 4_000_000n, accepted: 0n, conflict: 0n, expired: 0n },
        looked: { events: 2_004, books: 1, records: 3 },
        differences: [],
      });
      for await (const item of ledger.items())
        if (item.kind === "mark")
          await usageLog.removeMark((await usageLog.mark(item.place)) ?? { ...item.place, value: "" });
      const { differences } = await checkLedger(ledger, now);
      expect(differences).toEqual([expect.stringContaining("2026-08-20T16 shard")]);
    });
  });
}
