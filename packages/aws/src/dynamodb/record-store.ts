import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { BatchGetCommand, type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { RecordStore } from "@tollhouse/core/metering/store";
import type { Outcome, UsageRecord } from "@tollhouse/core/metering/usage-record";
import { type Instant, instant } from "@tollhouse/core/time/instant";
import { firstKeys, type Key } from "./first-keys.ts";
import { bucketCount, meteringKey, meteringPrefix } from "./key.ts";
import { overPending, recordSchema, toOutcome } from "./record-item.ts";
import { query } from "./usage-log.ts";

/** Usage records and what came of them. */
export function dynamoRecordStore(client: DynamoDBDocumentClient, table: string): RecordStore {
  /** `false` for a record that is not pending or was attempted meanwhile. */
  const change = async (...to: Tail<Parameters<typeof overPending>>): Promise<boolean> => {
    try {
      await client.send(new UpdateCommand(overPending(table, ...to)));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };
  const due = async (buckets: readonly string[], by: Instant, limit: number) => {
    const keys = await firstKeys(client, table, buckets, limit, meteringKey.pendingBefore(by));
    const records: UsageRecord[] = [];
    let allocations = 0;
    for (let start = 0; start < keys.length && allocations < mostAllocations; start += keysPerGet) {
      const found = await getRecords(client, table, keys.slice(start, start + keysPerGet));
      allocations += found.reduce((sum, { entry }) => sum + entry.allocations.length, 0);
      records.push(...found);
    }
    return records.filter((record) => isDue(record, by));
  };
  return {
    pending: (productCode, by, limit) =>
      due(
        buckets((bucket) => meteringKey.pendingBucket(productCode, bucket)),
        by,
        limit,
      ),
    pendingZeros: (productCode, by, limit) =>
      due(
        buckets((bucket) => meteringKey.zeroBucket(productCode, bucket)),
        by,
        limit,
      ),
    async recordsOf(key, limit) {
      const records: UsageRecord[] = [];
      const { pk } = meteringKey.book(key);
      const range = {
        condition: "begins_with(sk, :prefix)",
        values: { ":prefix": meteringPrefix.record },
        backwards: true,
        pageSize: limit,
      };
      for await (const item of query(client, table, pk, range)) {
        records.push(recordSchema.parse(item));
        if (records.length === limit) break;
      }
      return records;
    },
    countAttempt: (record) =>
      change(record, record.attempts, "SET attempts = :next", { ":next": record.attempts + 1 }),
    async postpone(record, why, triedAt, effect) {
      const outcome: Outcome = { state: "pending", ...why, triedAt };
      const { gsi1sk } = meteringKey.pending({ ...record, outcome });
      const update = "SET outcome = :outcome, gsi1sk = :place, attempts = :after";
      await change(record, record.attempts + 1, update, {
        ":outcome": outcome,
        ":place": gsi1sk,
        ":after": effect === "none" ? record.attempts : record.attempts + 1,
      });
    },
    async hasten(record, by) {
      if (record.entry.quantity === 0n) return;
      // To hurry never puts a record behind where its own deadline would.
      const soonest = instant(Math.min(by, record.deadlineAt));
      await change(record, undefined, "SET gsi1sk = :place REMOVE outcome.retryAt", {
        ":place": meteringKey.pendingInTime(soonest, record),
      });
    },
    async prolong(record, deadlineAt) {
      await change(record, undefined, "SET deadlineAt = :deadline", { ":deadline": deadlineAt });
    },
    async conclude(record, outcome) {
      const attempts = outcome.state === "conflict" ? record.attempts + 1 : undefined;
      await change(record, attempts, toOutcome, { ":outcome": outcome });
    },
  };
}

type Tail<List extends readonly unknown[]> = List extends [unknown, ...infer Rest] ? Rest : never;

const isDue = ({ outcome }: UsageRecord, by: Instant): boolean =>
  outcome.state === "pending" && (outcome.retryAt === undefined || outcome.retryAt <= by);

const buckets = (nameOf: (bucket: number) => string): readonly string[] =>
  Array.from({ length: bucketCount }, (_, bucket) => nameOf(bucket));

/** Allocations held at once, over all records that are looked up together: about 30 MB. */
const mostAllocations = 250_000;

/** BatchGetItem takes 100 keys and gives at most 16 MB; what it leaves out is asked for again, a bounded number of times. */
const keysPerGet = 25;
const maxRounds = 8;

async function getRecords(
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly Key[],
): Promise<readonly UsageRecord[]> {
  const found = new Map<string, UsageRecord>();
  let left: Record<string, unknown>[] = [...keys];
  for (let round = 0; round < maxRounds && left.length > 0; round += 1) {
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: true } } }),
    );
    for (const item of Responses?.[table] ?? [])
      found.set(`${String(item["pk"])} ${String(item["sk"])}`, recordSchema.parse(item));
    left = UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return keys.flatMap(({ pk, sk }) => found.get(`${pk} ${sk}`) ?? []);
}
