import { checkLedger } from "@tollhouse/core/ledger/check-ledger";
import type { LedgerReader } from "@tollhouse/core/ledger/ledger-item";
import type { LifecycleStore } from "@tollhouse/core/lifecycle/store";
import { recordFact } from "@tollhouse/core/lifecycle/record-fact";
import { at, example, exampleConfiguration } from "@tollhouse/core/memory/example";
import { usage } from "@tollhouse/core/memory/meter";
import { foldUsage } from "@tollhouse/core/metering/fold-usage";
import { type Progress, runMeter } from "@tollhouse/core/metering/run";
import type { BookStore, FoldStore, RecordStore, WaitingStore } from "@tollhouse/core/metering/store";
import type { Quarantine } from "@tollhouse/core/quarantine/quarantine";
import { fixedClock } from "@tollhouse/core/time/clock";
import { ingestUsage } from "@tollhouse/core/usage/ingest";
import type { UsageLog } from "@tollhouse/core/usage/usage-log";
import { describe, expect, test } from "vitest";

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
  readonly progress: Progress;
}

const now = at("2026-08-20T16:15:00Z");
const clock = fixedClock(now);

/** What every LedgerReader promises: that the ledger of a small installation, half way through its work, adds up. */
export function ledgerContract(make: () => Promise<Made>): void {
  describe("the ledger", () => {
    test("finds every unit once: folded, sealed, waiting, decided on and not yet folded", async () => {
      const { lifecycle, quarantine, usageLog, folds, metering, ledger, progress } = await make();
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
      const foldRequests = {
        async request(places: readonly Parameters<UsageLog["mark"]>[0][]) {
          for (const place of places) {
            const mark = await usageLog.mark(place);
            // The later hour's fold dies between its decision and the books.
            const dying = { ...metering.books, post: () => Promise.reject(new Error("crashed")) };
            const books = place.hour === at("2026-08-20T15:00:00Z") / 3_600_000 ? dying : metering.books;
            if (mark !== undefined)
              await foldUsage({ ...ports, books }, exampleConfiguration, mark).catch(() => undefined);
          }
        },
      };
      const submitter = {
        submit: () => Promise.resolve({ kind: "unavailable", reason: "throttled", effect: "none" } as const),
      };
      await runMeter(
        { ...ports, progress, foldRequests, submitter, keepShards: () => Promise.resolve() },
        exampleConfiguration,
      );
      const report = await checkLedger(ledger, now);
      expect(report).toMatchObject({
        ...{ accepted: 9_500_000n, repeated: 4_500_000n, unfolded: 1_000_000n, inFlight: 2_000_000n },
        ...{ waiting: 2_000_000n, balance: 500_000n },
        records: { pending: 4_000_000n, accepted: 0n, conflict: 0n, expired: 0n },
        looked: { events: 2_004, books: 1, records: 1 },
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
