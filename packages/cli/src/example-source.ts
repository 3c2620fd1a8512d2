import type { EntitlementSnapshot } from "@tollhouse/core/entitlement/entitlement";
import type { Fact } from "@tollhouse/core/lifecycle/fact";
import { recordFact } from "@tollhouse/core/lifecycle/record-fact";
import { at, exampleConfiguration } from "@tollhouse/core/memory/example";
import { memoryBookHistory } from "@tollhouse/core/memory/book-history";
import { memoryLedger } from "@tollhouse/core/memory/ledger";
import { memoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import { memoryMeter } from "@tollhouse/core/memory/meter";
import { memoryQuarantine } from "@tollhouse/core/memory/quarantine";
import type { QuarantineEntry } from "@tollhouse/core/quarantine/quarantine";
import { fixedClock } from "@tollhouse/core/time/clock";
import type { Answer } from "./answer.ts";
import { harmless } from "./output/harmless.ts";
import { plainPaint, type View } from "./output/view.ts";
import type { MeteringSource, Source } from "./source.ts";

/** For tests: the clock of the example source. */
export const exampleNow = at("2026-08-21T12:00:00Z");

const exampleView = (width: number): View => ({ width, now: exampleNow, paint: plainPaint });

/** What people are shown of an answer, as `respond` does it. */
export const shownAt = <Data extends object>(width: number, { data, text }: Answer<Data>): string =>
  text(harmless(data), exampleView(width));

interface Contents {
  readonly facts?: readonly Fact[];
  readonly entitlements?: readonly EntitlementSnapshot[];
  readonly quarantined?: readonly QuarantineEntry[];
}

/** For tests: a source in memory that holds the facts and what follows from them. */
export async function exampleSource({
  facts = [],
  entitlements = [],
  quarantined = [],
}: Contents): Promise<Source> {
  const { store, directory } = memoryLifecycle();
  const quarantine = memoryQuarantine();
  const clock = fixedClock(exampleNow);
  const ports = { store, clock, waker: { wake: () => Promise.resolve() } };
  for (const fact of facts) await recordFact(ports, exampleConfiguration, fact);
  for (const snapshot of entitlements) await store.storeEntitlements(snapshot, []);
  await quarantine.put(quarantined);
  return { store, directory, quarantine, clock, configuration: exampleConfiguration };
}

/** For tests: everything that metering needs in memory at the example's clock, and what commands read of it. */
export function exampleMeter() {
  const meter = memoryMeter();
  meter.setNow(exampleNow);
  const { usageLog, folds, metering, quarantine, ports, store } = meter;
  const source = {
    ...{ store, clock: ports.clock, configuration: exampleConfiguration },
    ...{ usageLog, books: metering.books, records: metering.records, waiting: metering.waiting },
    shards: () => Promise.resolve(exampleConfiguration.settings.shards),
    ...{ quarantine, ledger: memoryLedger(usageLog, folds, metering) },
    ...{ folds, history: memoryBookHistory(folds, metering) },
    ...{ switches: ports.switches, progress: ports.progress, directory: ports.directory },
    ...{ runs: ports.runs, runWitness: ports.runWitness },
  } satisfies Partial<Omit<MeteringSource, "directory">>;
  return { ...meter, source };
}
