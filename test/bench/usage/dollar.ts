import { keepUsageDays } from "@tollhouse/core/usage/retention";
import { functions, type QueueName } from "@tollhouse/functions/manifest";
import type { CostFigures, CostsFigures, Counts } from "./figures.ts";
import { bytesPerQueueRequest, prices } from "./price.ts";
import type { Rate } from "./task.ts";

/** Dollars, from what was counted. */

/** What one kind of call asked for, and how long it took. */
export interface Spent {
  readonly counts: Counts;
  readonly calls: number;
  readonly seconds: number;
}

export interface Ingest extends Spent {
  readonly bodies: readonly (readonly string[])[];
  readonly events: number;
}

export interface Folded {
  readonly fold: Spent;
  readonly meter: Spent;
  /** One run of the meter that found nothing to do. */
  readonly idle: Spent;
  readonly events: number;
}

/** Lambda asks each queue that is empty so often: five pollers, 20 seconds each. These queues are there for usage alone. */
const emptyReceivesPerHour = 5 * (3_600 / 20);
const usageQueues = ["Usage", "Fold", "Meter"] as const satisfies readonly QueueName[];
const meterRunsPerHour = functions.meter.sources
  .filter((source) => source.kind === "schedule")
  .reduce((sum, { everyMinutes }) => sum + 60 / everyMinutes, 0);
const hoursPerMonth = 730;

export function dollarsOf(
  rate: Rate,
  pollers: number,
  ingest: Ingest,
  { fold, meter, idle, events: foldedEvents }: Folded,
): CostFigures {
  // The first of the meter's runs is the schedule's, the last found nothing to do; the folds wake it for the others.
  const beyond = (of: (spent: Spent) => number) => Math.max(0, of(meter) - 2 * of(idle));
  const perEvent = (of: (counts: Counts) => number) =>
    of(ingest.counts) / ingest.events + (of(fold.counts) + beyond(({ counts }) => of(counts))) / foldedEvents;
  const writeUnits = perEvent(({ tableUnits, indexUnits }) => tableUnits + indexUnits);
  const readUnits = perEvent((counts) => counts.readUnits);
  const storedMonths = (keepUsageDays * 24) / hoursPerMonth;
  // Asked for ten a call, each received and deleted alone; each wakes the meter by a message that is sent, received and deleted.
  const foldRequests = fold.calls * (2 + 3) + Math.ceil(fold.calls / 10);
  const million = (perEventDollars: number) => perEventDollars * 1e6;
  return {
    eventsPerHour: rate.eventsPerHour,
    licenses: rate.licenses,
    shards: rate.shards,
    pollers,
    ingestedEvents: ingest.events,
    foldedEvents,
    batches: ingest.calls,
    writeUnitsPerEvent: writeUnits,
    readUnitsPerEvent: readUnits,
    writes: million(writeUnits * prices.writeUnit),
    reads: million(readUnits * prices.readUnit),
    storage: million(
      perEvent(({ storedBytes }) => storedBytes) * storedMonths * (prices.storageGbMonth / 1e9),
    ),
    queues: million(
      (queueRequests(ingest.bodies) / ingest.events + foldRequests / foldedEvents) * prices.queueRequest,
    ),
    functions: million(
      functionPrice("usage", ingest.calls, ingest.seconds) / ingest.events +
        (functionPrice("fold", fold.calls, fold.seconds) +
          functionPrice(
            "meter",
            meter.calls - 2,
            beyond(({ seconds }) => seconds),
          )) /
          foldedEvents,
    ),
  };
}

/** A month's, from one run of the meter that found nothing to do. */
export function idleDollars({ counts, calls, seconds }: Spent): CostsFigures["idle"] {
  const runs = meterRunsPerHour * hoursPerMonth;
  return {
    functions: runs * functionPrice("meter", calls, seconds),
    reads: runs * counts.readUnits * prices.readUnit,
    queues: usageQueues.length * emptyReceivesPerHour * hoursPerMonth * prices.queueRequest,
  };
}

const functionPrice = (name: "usage" | "fold" | "meter", calls: number, seconds: number): number =>
  calls * prices.functionRequest +
  seconds * (functions[name].memoryMegabytes / 1_024) * prices.functionGbSecond;

/** Sent ten messages a call, received and deleted likewise; 64 KB of any call are one request. */
function queueRequests(batches: readonly (readonly string[])[]): number {
  let requests = 0;
  for (const batch of batches) {
    for (let start = 0; start < batch.length; start += 10) {
      const bytes = batch.slice(start, start + 10).reduce((sum, body) => sum + body.length, 0);
      requests += 2 * Math.ceil(bytes / bytesPerQueueRequest) + 1;
    }
  }
  return requests;
}
