import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { refreshEntitlements } from "@tollhouse/core/entitlement/refresh";
import type { Fact } from "@tollhouse/core/lifecycle/fact";
import { recordFact } from "@tollhouse/core/lifecycle/record-fact";
import { register, type ResolvedBuyer } from "@tollhouse/core/lifecycle/register";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { type MeterRequest, runMeter } from "@tollhouse/core/metering/run";
import { submitRecords } from "@tollhouse/core/metering/submit";
import { relayOutbox } from "@tollhouse/core/outbox/relay";
import type { OutgoingEvent } from "@tollhouse/core/outbox/outgoing-event";
import type { Instant } from "@tollhouse/core/time/instant";
import { ingestUsage } from "@tollhouse/core/usage/ingest";
import { keepShards } from "@tollhouse/core/usage/shard-history";
import { takeFoldRequest } from "@tollhouse/functions/fold/take-fold-request";
import { MeterIncompleteError } from "@tollhouse/functions/meter/conclude-run";
import { readWake } from "@tollhouse/functions/meter/read-wake";
import { timekeeper } from "@tollhouse/functions/relay/timekeeper";
import { minuteMs } from "./calendar.ts";
import {
  makeQueues,
  memoryStores,
  type Ports,
  portsFor,
  type PortSurroundings,
  type Queues,
  type Stores,
} from "./ports.ts";
import type { Message, Queue } from "./queue.ts";
import type { Random } from "./random.ts";
import type { Worker } from "./scheduler.ts";

/** The system under test: every use case of `core`, begun by a queue, the schedule or a buyer. */
export interface World {
  readonly stores: Stores;
  readonly queues: Queues;
  readonly heard: OutgoingEvent[];
  /** Starts one invocation. `false` when there is nothing for it to do. */
  start(kind: WorkerKind, random: Random): Promise<boolean>;
  visit(token: string, buyer: ResolvedBuyer): Promise<void>;
  /** What every function does first, done without faults. */
  noteShards(): Promise<void>;
}

/** `meter` is called by its queue, `schedule` is the same function called by the clock. */
export const workerKinds = [
  "ingest",
  "intake",
  "relay",
  "entitlement",
  "attribute",
  "schedule",
  "fold",
  "meter",
  "submit",
] as const;
export type WorkerKind = (typeof workerKinds)[number];

/** After so long a function is killed, whatever it is at. */
export const timeoutMs = 4 * minuteMs;

export interface Surroundings extends PortSurroundings {
  readonly configuration: () => Configuration;
  /** How likely a received message stays visible. */
  readonly slips: () => number;
  /** Told of what a run of the meter could not do. */
  readonly onProblem: (worker: Worker, problem: string) => void;
  /** Told of what a message failed with; it comes back. */
  readonly onError: (worker: Worker, error: unknown) => void;
}

export function makeWorld(surroundings: Surroundings): World {
  const { scheduler, configuration, now, slips } = surroundings;
  const stores = memoryStores();
  const queues = makeQueues();
  const heard: OutgoingEvent[] = [];
  const portsOf = portsFor(surroundings, stores, queues, heard);
  let batches = 0;

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
    (take: (ports: Ports, message: Message) => Promise<unknown>) =>
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
  const takeRequest = async (ports: Ports, { body }: Message): Promise<void> => {
    const verdict = await takeFoldRequest({ ...ports, waker: ports.meterWaker }, configuration(), body);
    if ("refused" in verdict) throw new Error(verdict.refused);
  };
  const takeFact = async (ports: Ports, { id, body }: Message): Promise<void> => {
    const outcome = await recordFact(ports, configuration(), JSON.parse(body) as Fact);
    if (outcome.kind !== "refused") return;
    const { reason } = outcome;
    await ports.quarantine.put([
      { id: `intake:${id}`, quarantinedAt: now() as Instant, door: "intake", reason, body },
    ]);
  };
  const meter = async (worker: Worker, request: MeterRequest): Promise<unknown> => {
    const timeLeft = () => Math.max(0, 1 - (now() - worker.startedAt) / timeoutMs);
    const report = await runMeter(portsOf(worker), configuration(), { ...request, timeLeft });
    const problems = [...report.problems, ...report.skipped.map(({ reason }) => reason)];
    for (const problem of problems) surroundings.onProblem(worker, problem);
    if (report.isToComeAgain) throw new MeterIncompleteError();
    return report;
  };
  const started = async (kind: string, work: (worker: Worker) => Promise<unknown>): Promise<boolean> => {
    await scheduler.start(kind, now(), work);
    return true;
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
    intake: (random) => consume("intake", queues.intake, 10, random, oneByOne(takeFact)),
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
        const mailroom = { deliver: <Id>(ids: readonly Id[]) => Promise.resolve(ids) };
        return relayOutbox({ ...ports, mailroom, timekeeper: timekeeper(ports, configuration()) });
      }),
    fold: (random) => consume("fold", queues.fold, 10, random, oneByOne(takeRequest)),
    attribute: (random) => consume("attribute", queues.attribute, 10, random, oneByOne(takeRequest)),
    schedule: () => started("schedule", (worker) => meter(worker, readWake({}).request)),
    meter: (random) =>
      consume("meter", queues.meter, 10, random, async (worker, messages) => {
        const event = { Records: messages.map(({ body }) => ({ body })) };
        await meter(worker, readWake(event).request);
        return messages.map(({ id }) => id);
      }),
    submit: () => started("submit", (worker) => submitRecords(portsOf(worker), configuration())),
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
