import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { dynamoBookStore } from "@tollhouse/aws/dynamodb/book-store";
import { dynamoFoldStore } from "@tollhouse/aws/dynamodb/fold-store";
import { meteringKey } from "@tollhouse/aws/dynamodb/key";
import { dynamoLease } from "@tollhouse/aws/dynamodb/lease";
import { lifecycleEntities } from "@tollhouse/aws/dynamodb/lifecycle-entity";
import { dynamoLifecycleStore } from "@tollhouse/aws/dynamodb/lifecycle-store";
import { dynamoDirectory } from "@tollhouse/aws/dynamodb/listing";
import { dynamoOutbox } from "@tollhouse/aws/dynamodb/outbox";
import { dynamoQuarantine } from "@tollhouse/aws/dynamodb/quarantine";
import { dynamoProgress } from "@tollhouse/aws/dynamodb/progress";
import { dynamoRunCounter } from "@tollhouse/aws/dynamodb/run-counter";
import { dynamoRecordStore } from "@tollhouse/aws/dynamodb/record-store";
import { dynamoShardHistory } from "@tollhouse/aws/dynamodb/shard-history";
import { dynamoSwitches } from "@tollhouse/aws/dynamodb/switches";
import { dynamoUsageLog } from "@tollhouse/aws/dynamodb/usage-log";
import { dynamoWaitingStore } from "@tollhouse/aws/dynamodb/waiting-store";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { recordFact } from "@tollhouse/core/lifecycle/record-fact";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { example } from "@tollhouse/core/memory/example";
import { type FoldPorts, foldUsage } from "@tollhouse/core/metering/fold-usage";
import { type MeterPorts, type MeterReport, runMeter } from "@tollhouse/core/metering/run";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { type Instant, laterBy, minuteMs } from "@tollhouse/core/time/instant";
import { formatHour, hourEnd, hourStart, hoursLater, type UtcHour } from "@tollhouse/core/time/utc-hour";
import { type Ingested, ingestUsage } from "@tollhouse/core/usage/ingest";
import type { HourShard } from "@tollhouse/core/usage/shard";
import { shardKeeper } from "@tollhouse/core/usage/shard-history";
import type { UsageLog } from "@tollhouse/core/usage/usage-log";
import { accountName, product, type UsageSupply } from "./event.ts";

export interface Tables {
  readonly Lifecycle: string;
  readonly Metering: string;
}

/**
 * What the functions of metering do, on real tables and by a clock that is set: take usage, ask for folds, fold, seal,
 * submit. AWS takes every record at once.
 */
export function openWorld(client: DynamoDBDocumentClient, tables: Tables, configuration: Configuration) {
  const state = { now: hourStart(firstHour), batches: 0, facts: 0 };
  const clock = { now: () => Promise.resolve(state.now) };
  const entities = lifecycleEntities(client, tables.Lifecycle);
  const store = dynamoLifecycleStore(entities);
  const keepShards = shardKeeper(
    dynamoShardHistory(client, tables.Metering),
    configuration.settings.shards,
    clock,
  );
  const requested: HourShard[] = [];
  /** Whole units that AWS was told of, by license and dimension. */
  const submitted = new Map<string, bigint>();
  const ports: MeterPorts & FoldPorts & { readonly usageLog: UsageLog } = {
    keepShards,
    clock,
    subscriptions: store,
    usageLog: dynamoUsageLog(client, tables.Metering),
    folds: dynamoFoldStore(client, tables.Metering),
    books: dynamoBookStore(client, tables.Metering),
    waiting: dynamoWaitingStore(client, tables.Metering),
    records: dynamoRecordStore(client, tables.Metering),
    progress: dynamoProgress(client, tables.Metering),
    runs: dynamoRunCounter(client, tables.Metering),
    runWitness: dynamoRunCounter(client, tables.Lifecycle),
    zeroProgress: dynamoProgress(client, tables.Metering, meteringKey.zeroProgress),
    switches: dynamoSwitches(client, tables.Metering),
    lease: dynamoLease(client, tables.Metering),
    directory: dynamoDirectory(entities, client, tables.Lifecycle),
    outbox: dynamoOutbox(entities),
    quarantine: dynamoQuarantine(client, tables.Lifecycle),
    foldRequests: {
      request(places) {
        requested.push(...places);
        return Promise.resolve();
      },
    },
    submitter: {
      submit(records) {
        for (const record of records) note(submitted, record);
        const answers = records.map(
          ({ hour }) => ({ status: "success", meteringRecordId: `m-${hour}` }) as const,
        );
        return Promise.resolve({ kind: "answered", answers });
      },
    },
  };

  const subscribe = async (license: string): Promise<void> => {
    state.facts += 1;
    const fact = example.licenseUpdated(`f-${state.facts}`, "2026-10-01T00:00:00Z", {
      productCode: product.code,
      licenseArn: `arn:aws:license-manager::294406891311:license:${license}`,
      buyerAccountId: String(100_000_000_000 + state.facts),
      agreementId: `agmt-${state.facts}`,
    });
    await recordFact({ store, clock, waker: { wake: () => Promise.resolve() } }, configuration, fact);
  };
  const fold = async ({ hour, shard }: HourShard): Promise<void> => {
    await keepShards();
    const mark = await ports.usageLog.mark({ hour, shard });
    if (mark === undefined) throw new Error(`${formatHour(hour)} shard ${shard} is not marked.`);
    const folded = await foldUsage(ports, configuration, mark);
    assertEqual("events without a subscription", folded.waitingCount, 0);
    assertEqual("segments that cannot be read", folded.damaged.length, 0);
  };

  return {
    setNow: (now: Instant) => void (state.now = now),
    /** Makes licenses active since long ago, ten at once. */
    async subscribe(licenses: readonly string[]): Promise<void> {
      for (let start = 0; start < licenses.length; start += atOnce)
        await Promise.all(licenses.slice(start, start + atOnce).map(subscribe));
    },
    /** One batch of the usage function. */
    ingest: async (bodies: readonly string[]): Promise<Ingested> => {
      await keepShards();
      state.batches += 1;
      const messages = bodies.map((body, index) => ({ id: `m-${index}`, body }));
      return ingestUsage(ports, configuration.settings, batchName(state.batches), messages);
    },
    /** One run of the meter. @throws Error when something could not be done */
    async meter(): Promise<MeterReport> {
      const report = await runMeter(ports, configuration);
      if (report.problems.length > 0) throw new Error(`The meter ran into: ${report.problems.join("; ")}`);
      return report;
    },
    /** Fold requests of the meter since the last call. */
    takeRequests: (): readonly HourShard[] => requested.splice(0),
    /** One call of the fold function. */
    fold,
    /** @throws Error when a book does not say what was sent, to the millionth */
    async assertCounted(sent: UsageSupply["sent"]): Promise<void> {
      const accounts = [...sent];
      for (let start = 0; start < accounts.length; start += atOnce)
        await Promise.all(
          accounts.slice(start, start + atOnce).map(async ([account, units]) => {
            const [subscriptionId = "", dimension = ""] = account.split(" ");
            const { counted } = await ports.books.load({
              subscriptionId: subscriptionId as SubscriptionId,
              dimension,
            });
            assertEqual(`micro-units counted of ${account}`, counted, units);
          }),
        );
    },
    /** @throws Error when AWS was told of anything else than the whole units that were sent */
    assertBilled(sent: UsageSupply["sent"]): void {
      for (const [account, units] of sent)
        assertEqual(`units billed to ${account}`, submitted.get(account) ?? 0n, units / 1_000_000n);
    },
  };
}
export type World = ReturnType<typeof openWorld>;

/** Requests of one process at once, as the intake's batches and the comparison have. */
export const atOnce = 10;

/** Far enough into a month that its end plays no part. */
export const firstHour: UtcHour = hoursLater(0 as UtcHour, Date.UTC(2026, 9, 14, 0) / 3_600_000);

/** When an hour's usage has settled, and the meter asks for it to be folded. */
export const settledAt = (hour: UtcHour, { settings }: Configuration): Instant =>
  laterBy(hourEnd(hour), (settings.settleDelayMinutes + 1) * minuteMs);

/** As long as Lambda's request ids, which batches are named after. */
const batchName = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

function note(submitted: Map<string, bigint>, { subscriptionId, dimension, entry }: UsageRecord): void {
  const account = accountName(subscriptionId, dimension);
  submitted.set(account, (submitted.get(account) ?? 0n) + entry.quantity);
}

/** A wrong number must not become a fast one. @throws Error when they differ */
export function assertEqual(what: string, found: bigint | number, expected: bigint | number): void {
  if (found !== expected) throw new Error(`There should be ${expected} ${what}, and there are ${found}.`);
}

/** A run sends a thousand records of a product. */
const maxRuns = 100;

/** Runs the meter until it has nothing left to seal or to send. */
export async function runUntilSubmitted(world: World): Promise<{ records: number; runs: number }> {
  let records = 0;
  for (let runs = 1; runs <= maxRuns; runs += 1) {
    const { sealedRecords, submitted } = await world.meter();
    records += submitted.accepted;
    if (sealedRecords === 0 && submitted.accepted === 0) return { records, runs };
  }
  throw new Error(`The meter still sends records after ${maxRuns} runs.`);
}
