import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { refreshEntitlements } from "@tollhouse/core/entitlement/refresh";
import type { Fact } from "@tollhouse/core/lifecycle/fact";
import { recordFact } from "@tollhouse/core/lifecycle/record-fact";
import { register, type ResolvedBuyer } from "@tollhouse/core/lifecycle/register";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { memoryFoldStore } from "@tollhouse/core/memory/fold-store";
import { memoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import { memoryMetering } from "@tollhouse/core/memory/metering-store";
import { memoryQuarantine } from "@tollhouse/core/memory/quarantine";
import { memoryProgress } from "@tollhouse/core/memory/progress";
import { memoryShardHistory } from "@tollhouse/core/memory/shard-history";
import { memoryUsageLog } from "@tollhouse/core/memory/usage-log";
import { runMeter } from "@tollhouse/core/metering/run";
import { submitRecords } from "@tollhouse/core/metering/submit";
import { relayOutbox } from "@tollhouse/core/outbox/relay";
import type { OutgoingEvent } from "@tollhouse/core/outbox/outgoing-event";
import type { Instant } from "@tollhouse/core/time/instant";
import { ingestUsage } from "@tollhouse/core/usage/ingest";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import type { HourShard } from "@tollhouse/core/usage/shard";
import { keepShards } from "@tollhouse/core/usage/shard-history";
import { takeFoldRequest } from "@tollhouse/functions/fold/take-fold-request";
import { timekeeper } from "@tollhouse/functions/relay/timekeeper";
import type { Marketplace } from "./marketplace.ts";
import { type Message, Queue } from "./queue.ts";
import type { Random } from "./random.ts";
import type { Scheduler, Shape, Worker } from "./scheduler.ts";

/**
 * The system under test: every use case with its ports on memory twins, each call of which the scheduler decides about.
 * This file alone knows the ports of `core`.
 */
export interface World {
  readonly stores: Stores;
  readonly queues: Readonly<Record<"ingest" | "intake" | "entitlement" | "fold" | "attribute", Queue>>;
  readonly heard: OutgoingEvent[];
  /** Starts one invocation. `false` when there is nothing for it to do. */
  start(kind: WorkerKind, random: Random): Promise<boolean>;
  visit(token: string, buyer: ResolvedBuyer): Promise<void>;
  /** What every function does first, done without faults. */
  noteShards(): Promise<void>;
}

export const workerKinds = [
  "ingest",
  "intake",
  "relay",
  "entitlement",
  "attribute",
  "meter",
  "fold",
  "submit",
] as const;
export type WorkerKind = (typeof workerKinds)[number];

export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly marketplace: Marketplace;
  readonly configuration: () => Configuration;
  readonly now: () => number;
  /** How likely a received message stays visible. */
  readonly slips: () => number;
  /** Whether the bus refuses an event, as it may while it takes others of the same call. */
  readonly refuses: () => boolean;
  /** Whether everything is to come to an end. */
  readonly isCalm: () => boolean;
  /** Told of what a run of the meter could not do. */
  readonly onProblem: (worker: Worker, problem: string) => void;
  /** Told of what a message failed with; it comes back. */
  readonly onError: (worker: Worker, error: unknown) => void;
}

type Stores = ReturnType<typeof memoryStores>;

const memoryStores = () => ({
  ...memoryLifecycle(),
  ...memoryMetering(),
  folds: memoryFoldStore(),
  usageLog: memoryUsageLog(),
  quarantine: memoryQuarantine(),
  shardHistory: memoryShardHistory(),
  progress: memoryProgress(),
});

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

export function makeWorld(surroundings: Surroundings): World {
  const { scheduler, marketplace, configuration, now, slips, refuses } = surroundings;
  const stores = memoryStores();
  const queues = {
    ingest: new Queue("ingest", { visibilitySeconds: 360 }),
    intake: new Queue("intake"),
    entitlement: new Queue("entitlement", { visibilitySeconds: 360 }),
    fold: new Queue("fold"),
    attribute: new Queue("attribute"),
  };
  const heard: OutgoingEvent[] = [];
  let batches = 0;

  const clock = { now: () => Promise.resolve(now() as Instant) };
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
  const foldRequests = {
    request(places: readonly HourShard[]) {
      for (const { hour, shard } of places)
        queues.fold.send(JSON.stringify({ hour: formatHour(hour), shard }), now());
      return Promise.resolve();
    },
  };
  /** What AWS answers matters little here: entitlements have their own tests. */
  const reader = { read: () => Promise.resolve([{ dimension: "seats", value: 5 }]) };

  const portsOf = (worker: Worker) => {
    const reach = <Port extends object>(
      name: string,
      port: Port,
      shapes: Partial<Record<keyof Port, Shape>> = {},
    ) => scheduler.reach(worker, name, port, shapes);
    const { store, outbox, books, records, waiting, folds, usageLog, quarantine } = stores;
    const { shardHistory, progress } = stores;
    const lifecycle = reach("lifecycle", store, { subscriptionsOf: lagging, customersOf: lagging });
    const history = reach("shardHistory", shardHistory);
    const waker = reach("waker", { wake: () => Promise.resolve() });
    return {
      clock,
      waker,
      keepShards: () => keepShards(history, configuration().settings.shards, now() as Instant),
      store: lifecycle,
      subscriptions: lifecycle,
      outbox: reach("outbox", outbox, { undone: lagging, done: { parts: each } }),
      books: reach("books", books, { withWholeUnits: lagging }),
      waiting: reach("waiting", waiting, { due: lagging }),
      progress: reach("progress", progress),
      records: reach("records", records, { pending: lagging }),
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
      reader: reach("reader", reader),
    };
  };

  /** A function that a queue invokes: every message that was taken is deleted, the others come back. */
  const consume = async (
    kind: WorkerKind,
    queue: Queue,
    limit: number,
    random: Random,
    take: (worker: Worker, messages: readonly Message[]) => Promise<readonly string[]>,
  ): Promise<boolean> => {
    const messages = queue.receive(now(), random.between(1, limit), random, slips());
    if (messages.length === 0) return false;
    await scheduler.start(kind, now(), async (worker) => {
      const own = scheduler.reach(worker, queue.name, queue);
      for (const id of await take(worker, messages)) await own.delete(id);
    });
    return true;
  };
  /** One by one: a message that fails comes back alone. */
  const oneByOne =
    (take: (ports: ReturnType<typeof portsOf>, message: Message) => Promise<unknown>) =>
    async (worker: Worker, messages: readonly Message[]): Promise<readonly string[]> => {
      const ports = portsOf(worker);
      const done: string[] = [];
      for (const message of messages) {
        try {
          await take(ports, message);
          done.push(message.id);
        } catch (error) {
          surroundings.onError(worker, error);
        }
      }
      return done;
    };

  /** Folds and second looks come by one queue in production; here by two, so that neither waits for the other. */
  const takeRequest = async (ports: ReturnType<typeof portsOf>, { body }: Message): Promise<void> => {
    const verdict = await takeFoldRequest(ports, configuration(), body);
    if ("refused" in verdict) throw new Error(verdict.refused);
  };

  const starts: Record<WorkerKind, (random: Random) => Promise<boolean>> = {
    ingest: (random) =>
      consume("ingest", queues.ingest, 30, random, async (worker, messages) => {
        const batchId = `batch-${(batches += 1)}`;
        const ports = portsOf(worker);
        await ports.keepShards();
        await ingestUsage(ports, configuration().settings, batchId, messages);
        return messages.map(({ id }) => id);
      }),
    intake: (random) =>
      consume(
        "intake",
        queues.intake,
        10,
        random,
        oneByOne(async (ports, { id, body }) => {
          const outcome = await recordFact(ports, configuration(), JSON.parse(body) as Fact);
          if (outcome.kind !== "refused") return;
          const { reason } = outcome;
          await ports.quarantine.put([
            { id: `intake:${id}`, quarantinedAt: now() as Instant, door: "intake", reason, body },
          ]);
        }),
      ),
    entitlement: (random) =>
      consume(
        "entitlement",
        queues.entitlement,
        10,
        random,
        oneByOne((ports, { body }) => refreshEntitlements(ports, configuration(), body as SubscriptionId)),
      ),
    relay: () =>
      started("relay", (worker) => {
        const ports = portsOf(worker);
        return relayOutbox({ ...ports, timekeeper: timekeeper(ports, configuration()) });
      }),
    fold: (random) => consume("fold", queues.fold, 10, random, oneByOne(takeRequest)),
    attribute: (random) => consume("attribute", queues.attribute, 10, random, oneByOne(takeRequest)),
    meter: (random) =>
      started("meter", async (worker) => {
        const asksForFolds = random.chance(0.7) || surroundings.isCalm();
        const report = await runMeter(portsOf(worker), configuration(), { asksForFolds });
        const problems = [...report.problems, ...report.skipped.map(({ reason }) => reason)];
        for (const problem of problems) surroundings.onProblem(worker, problem);
        return report;
      }),
    submit: () => started("submit", (worker) => submitRecords(portsOf(worker), configuration())),
  };
  const started = async (kind: string, work: (worker: Worker) => Promise<unknown>): Promise<boolean> => {
    await scheduler.start(kind, now(), work);
    return true;
  };

  return {
    stores,
    queues,
    heard,
    noteShards: () => keepShards(stores.shardHistory, configuration().settings.shards, now() as Instant),
    start: (kind, random) => starts[kind](random),
    visit: (token, buyer) =>
      scheduler.start("visit", now(), (worker) => {
        const resolver = scheduler.reach(worker, "resolver", { resolve: () => Promise.resolve({ buyer }) });
        return register({ ...portsOf(worker), resolver }, configuration(), token);
      }),
  };
}
