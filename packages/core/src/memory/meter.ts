import type { Configuration } from "../configuration/configuration.ts";
import { reasonOf } from "../error/reason.ts";
import type { Fact } from "../lifecycle/fact.ts";
import { recordFact } from "../lifecycle/record-fact.ts";
import { type FoldPorts, foldUsage } from "../metering/fold-usage.ts";
import type { FoldRequests, MeterPorts } from "../metering/run.ts";
import type { SwitchStore } from "../metering/store.ts";
import type { CallAnswer } from "../metering/submission.ts";
import type { UsageRecord } from "../metering/usage-record.ts";
import { type Instant, instant } from "../time/instant.ts";
import { ingestUsage } from "../usage/ingest.ts";
import type { UsageLog } from "../usage/usage-log.ts";
import { exampleConfiguration, licenseId } from "./example.ts";
import { memoryFoldStore } from "./fold-store.ts";
import { memoryLifecycle } from "./lifecycle-store.ts";
import { memoryLease } from "./lease.ts";
import { memoryMetering } from "./metering-store.ts";
import { memoryProgress } from "./progress.ts";
import { memoryRunCounter } from "./run-counter.ts";
import { memoryQuarantine } from "./quarantine.ts";
import { memorySwitches } from "./switches.ts";
import { memoryUsageLog } from "./usage-log.ts";

/** Everything that metering needs, in memory, with a clock that is set by hand and an AWS that takes what it is sent. */
export function memoryMeter(configuration: Configuration = exampleConfiguration) {
  const { store, directory, outbox } = memoryLifecycle();
  const usageLog = memoryUsageLog();
  const quarantine = memoryQuarantine();
  const time = { now: instant(0) };
  const clock = { now: () => Promise.resolve(time.now) };
  const sent: UsageRecord[][] = [];
  const submitter = {
    submit(records: readonly UsageRecord[]): Promise<CallAnswer> {
      sent.push(structuredClone([...records]));
      const answers = records.map(
        (_, index) => ({ status: "success", meteringRecordId: `m-${index}` }) as const,
      );
      return Promise.resolve({ kind: "answered", answers });
    },
  };
  const metering = memoryMetering();
  const { books, records, waiting } = metering;
  const folds = memoryFoldStore();
  const foldPorts = {
    ...{ books, records, waiting, usageLog, folds },
    progress: memoryProgress(),
    zeroProgress: memoryProgress(),
    runs: memoryRunCounter(),
    runWitness: memoryRunCounter(),
    switches: memorySwitches(),
    lease: memoryLease(clock)(),
    subscriptions: store,
    directory,
    outbox,
    quarantine,
    clock,
  };
  /** What folds threw that the meter asked for; nobody tells the meter. */
  const foldErrors: string[] = [];
  const foldRequestsTo = (to: FoldPorts): FoldRequests => ({
    async request(places) {
      for (const place of places) {
        const mark = await usageLog.mark(place);
        if (mark === undefined) continue;
        await foldUsage(to, configuration, mark).catch((error: unknown) => {
          foldErrors.push(reasonOf(error));
        });
      }
    },
  });
  const ports: MeterPorts & FoldPorts & { readonly usageLog: UsageLog; readonly switches: SwitchStore } = {
    ...foldPorts,
    submitter,
    foldRequests: foldRequestsTo(foldPorts),
    keepShards: () => Promise.resolve(),
  };
  let batches = 0;
  return {
    ports,
    metering,
    folds,
    usageLog,
    store,
    foldRequestsTo,
    foldErrors,
    sent,
    quarantine,
    setNow: (now: Instant) => void (time.now = now),
    record: (fact: Fact) =>
      recordFact({ store, clock, waker: { wake: () => Promise.resolve() } }, configuration, fact),
    /** Takes usage events as they would come from the queue, one batch. */
    ingest: (events: readonly object[]) =>
      ingestUsage({ usageLog, quarantine, clock }, configuration.settings, `b-${(batches += 1)}`, [
        { id: `m-${batches}`, body: JSON.stringify(events) },
      ]),
  };
}

/** A usage event of the example license. */
export const usage = (id: string, time: string, quantity = "1", change: object = {}): object => ({
  specversion: "1.0",
  id,
  source: "/example",
  type: "usage",
  subject: licenseId,
  time,
  data: { dimension: "gb_stored", quantity },
  ...change,
});
