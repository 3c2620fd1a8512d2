import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { EntitlementReader } from "@tollhouse/core/entitlement/entitlement";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { memoryFoldStore } from "@tollhouse/core/memory/fold-store";
import { memoryLease } from "@tollhouse/core/memory/lease";
import { memoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import { memoryMetering } from "@tollhouse/core/memory/metering-store";
import { memoryProgress } from "@tollhouse/core/memory/progress";
import { memoryRunCounter } from "@tollhouse/core/memory/run-counter";
import { memoryQuarantine } from "@tollhouse/core/memory/quarantine";
import { memoryShardHistory } from "@tollhouse/core/memory/shard-history";
import { memorySwitches } from "@tollhouse/core/memory/switches";
import { memoryUsageLog } from "@tollhouse/core/memory/usage-log";
import type { OutgoingEvent } from "@tollhouse/core/outbox/outgoing-event";
import type { Instant } from "@tollhouse/core/time/instant";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import type { HourShard } from "@tollhouse/core/usage/shard";
import { keepShards } from "@tollhouse/core/usage/shard-history";
import type { Marketplace } from "./marketplace.ts";
import { Queue } from "./queue.ts";
import type { Random } from "./random.ts";
import type { Scheduler, Shape, Worker } from "./scheduler.ts";

export type Stores = ReturnType<typeof memoryStores>;
export type Queues = ReturnType<typeof makeQueues>;
export type Ports = ReturnType<ReturnType<typeof portsFor>>;

export const memoryStores = () => ({
  ...memoryLifecycle(),
  ...memoryMetering(),
  folds: memoryFoldStore(),
  usageLog: memoryUsageLog(),
  quarantine: memoryQuarantine(),
  shardHistory: memoryShardHistory(),
  progress: memoryProgress(),
  zeroProgress: memoryProgress(),
  switches: memorySwitches(),
  runs: memoryRunCounter(),
  runWitness: memoryRunCounter(),
});

/** Folds and second looks come by one queue in production; here by two, so that neither waits for the other. */
export const makeQueues = () => ({
  ingest: new Queue("ingest", { visibilitySeconds: 360 }),
  intake: new Queue("intake"),
  entitlement: new Queue("entitlement", { visibilitySeconds: 360 }),
  fold: new Queue("fold"),
  attribute: new Queue("attribute"),
  meter: new Queue("meter", { visibilitySeconds: 360 }),
});

export interface PortSurroundings {
  readonly scheduler: Scheduler;
  readonly marketplace: Marketplace;
  readonly reader: EntitlementReader;
  readonly configuration: () => Configuration;
  readonly now: () => number;
  /** Whether the bus refuses an event, as it may while it takes others of the same call. */
  readonly refuses: () => boolean;
}

/** Items of one call that DynamoDB, SQS and EventBridge take one by one. */
const each: Shape["parts"] = (given: readonly never[]) => {
  const [items, ...rest] = given as unknown as readonly [readonly unknown[], ...unknown[]];
  return items.map((item) => [[item], ...rest]);
};
/** An index from which some are missing. */
const someMissing = (answer: readonly unknown[], random: Random) => answer.filter(() => random.chance(0.6));
const lagging: Shape = { lag: someMissing };
const aboutUsage = (subscriptionId: SubscriptionId): string => JSON.stringify({ subscriptionId });
const lost: Shape = {
  failure: (_, effect) => ({ kind: "unavailable", reason: "the answer was lost", effect }),
};
const noneTaken: Shape = { failure: () => [] };

/** Makes a worker's ports: memory twins, each call of which the scheduler decides about. */
export function portsFor(
  { scheduler, marketplace, reader, configuration, now, refuses }: PortSurroundings,
  stores: Stores,
  queues: Queues,
  heard: OutgoingEvent[],
) {
  const clock = { now: () => Promise.resolve(now() as Instant) };
  const lease = memoryLease(clock);
  const bus = {
    publish(events: readonly OutgoingEvent[]) {
      const taken = events.filter(() => !refuses());
      heard.push(...structuredClone(taken));
      return Promise.resolve(taken.map(({ id }) => id));
    },
  };
  const requestsTo = (queue: Queue, written: (id: SubscriptionId) => string) => ({
    request(ids: readonly SubscriptionId[]) {
      for (const id of ids) queue.send(written(id), now());
      return Promise.resolve(ids);
    },
  });
  const wakeMeter = (): Promise<void> => {
    queues.meter.send("{}", now());
    return Promise.resolve();
  };
  const foldRequests = {
    request(places: readonly HourShard[]) {
      for (const { hour, shard } of places)
        queues.fold.send(JSON.stringify({ hour: formatHour(hour), shard }), now());
      return Promise.resolve();
    },
  };
  return (worker: Worker) => {
    const reach = <Port extends object>(
      name: string,
      port: Port,
      shapes: Partial<Record<keyof Port, Shape>> = {},
    ) => scheduler.reach(worker, name, port, shapes);
    const { store, outbox, directory, books, records, waiting, folds, usageLog, quarantine } = stores;
    const { shardHistory, progress, zeroProgress, switches, runs, runWitness } = stores;
    const lifecycle = reach("lifecycle", store, { subscriptionsOf: lagging, customersOf: lagging });
    const history = reach("shardHistory", shardHistory);
    return {
      clock,
      waker: reach("waker", { wake: () => Promise.resolve() }),
      /** What a fold wakes: the meter. */
      meterWaker: reach("waker", { wake: wakeMeter }),
      keepShards: () => keepShards(history, configuration().settings.shards, now() as Instant),
      store: lifecycle,
      subscriptions: lifecycle,
      directory: reach("directory", directory),
      outbox: reach("outbox", outbox, { undone: lagging, done: { parts: each } }),
      books: reach("books", books, { withWholeUnits: lagging }),
      waiting: reach("waiting", waiting, { due: lagging }),
      progress: reach("progress", progress),
      zeroProgress: reach("zeroProgress", zeroProgress),
      switches: reach("switches", switches),
      // Nothing depends on them but whether the books were restored, which nobody does here.
      ...{ runs, runWitness },
      lease: reach("lease", lease()),
      records: reach("records", records, { pending: lagging, pendingZeros: lagging }),
      folds: reach("folds", folds),
      usageLog: reach("usageLog", usageLog, { putSegments: { parts: each }, putMarks: { parts: each } }),
      quarantine: reach("quarantine", quarantine, { put: { parts: each } }),
      submitter: reach("aws", { submit: (sent: never) => marketplace.submit(sent) }, { submit: lost }),
      foldRequests: reach("foldRequests", foldRequests, { request: { parts: each } }),
      bus: reach("bus", bus, { publish: noneTaken }),
      entitlementRequests: reach(
        "readRequests",
        requestsTo(queues.entitlement, (id) => id),
        { request: noneTaken },
      ),
      attributionRequests: reach("attributionRequests", requestsTo(queues.attribute, aboutUsage), {
        request: noneTaken,
      }),
      meterRequests: reach("meterRequests", requestsTo(queues.meter, aboutUsage), { request: noneTaken }),
      reader: reach("reader", reader),
    };
  };
}
