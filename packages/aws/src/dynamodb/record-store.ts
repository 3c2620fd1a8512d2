import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { BatchGetCommand, type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { BookKey } from "@tollhouse/core/metering/book";
import type { RecordStore } from "@tollhouse/core/metering/store";
import { type Outcome, recordName, type UsageRecord } from "@tollhouse/core/metering/usage-record";
import { type Instant, instant } from "@tollhouse/core/time/instant";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import type { TagSet } from "@tollhouse/core/usage/usage-event";
import * as z from "zod";
import { firstKeys, type Key } from "./first-keys.ts";
import { hourSchema } from "./hour.ts";
import { bucketCount, meteringKey } from "./key.ts";
import { query } from "./usage-log.ts";

const at = z.number().transform((value): Instant => instant(value));
const whole = z
  .string()
  .regex(/^\d+$/)
  .transform((digits) => BigInt(digits));

export const recordSchema = z.object({
  subscriptionId: z.string().transform((id) => id as SubscriptionId),
  dimension: z.string(),
  hour: hourSchema,
  productCode: z.string(),
  entry: z.object({
    region: z.string(),
    identity: z.discriminatedUnion("by", [
      z.object({ by: z.literal("license"), licenseArn: z.string(), buyerAccountId: z.string() }),
      z.object({ by: z.literal("product-code"), productCode: z.string(), customerIdentifier: z.string() }),
    ]),
    dimension: z.string(),
    timestamp: at,
    quantity: whole,
    allocations: z.array(
      z.object({ tagSet: z.string().transform((tagSet) => tagSet as TagSet), units: whole }),
    ),
  }),
  deadlineAt: at,
  attempts: z.number(),
  outcome: z.discriminatedUnion("state", [
    z.object({ state: z.literal("pending"), refusal: z.string().optional(), triedAt: at.optional() }),
    z.object({ state: z.enum(["accepted", "conflict"]), meteringRecordId: z.string().optional(), at }),
    z.object({ state: z.literal("expired"), refusal: z.string().optional(), at }),
  ]),
});

/** A new record as it is stored; being in the index is what makes it pending. */
export const recordItem = (key: BookKey, record: UsageRecord) => ({
  ...meteringKey.record(key, record.hour),
  ...meteringKey.pending(record, recordName(record)),
  ...record,
  hour: formatHour(record.hour),
  entry: {
    ...record.entry,
    quantity: record.entry.quantity.toString(),
    allocations: record.entry.allocations.map(({ tagSet, units }) => ({ tagSet, units: units.toString() })),
  },
});

const keyOf = ({ subscriptionId, dimension, hour }: UsageRecord) =>
  meteringKey.record({ subscriptionId, dimension }, hour);

/** Usage records and what came of them. */
export function dynamoRecordStore(client: DynamoDBDocumentClient, table: string): RecordStore {
  /** Changes a record that is pending, with so many attempts where that matters; otherwise gives `false`. */
  const change = async (
    record: UsageRecord,
    attempts: number | undefined,
    update: string,
    values: Record<string, unknown>,
  ): Promise<boolean> => {
    try {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: keyOf(record),
          UpdateExpression: update,
          ConditionExpression: `outcome.#state = :pending${attempts === undefined ? "" : " AND attempts = :attempts"}`,
          ExpressionAttributeNames: { "#state": "state" },
          ExpressionAttributeValues: {
            ":pending": "pending",
            ...(attempts === undefined ? {} : { ":attempts": attempts }),
            ...values,
          },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };
  return {
    async pending(productCode, limit) {
      const keys = await firstKeys(client, table, bucketsOf(productCode), limit);
      const records: UsageRecord[] = [];
      for (let start = 0; start < keys.length; start += keysPerGet) {
        records.push(...(await getRecords(client, table, keys.slice(start, start + keysPerGet))));
      }
      return records.filter(({ outcome }) => outcome.state === "pending");
    },
    async recordsOf(key, limit) {
      const records: UsageRecord[] = [];
      const { pk } = meteringKey.book(key);
      const range = {
        condition: "begins_with(sk, :prefix)",
        values: { ":prefix": "RECORD#" },
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
    async postpone(record, refusal, triedAt, effect) {
      const outcome: Outcome = { state: "pending", refusal, triedAt };
      const { gsi1sk } = meteringKey.pending({ ...record, outcome }, recordName(record));
      await change(
        record,
        record.attempts + 1,
        "SET outcome = :outcome, gsi1sk = :place, attempts = :after",
        {
          ":outcome": outcome,
          ":place": gsi1sk,
          ":after": effect === "none" ? record.attempts : record.attempts + 1,
        },
      );
    },
    async conclude(record, outcome) {
      const update = "SET outcome = :outcome REMOVE gsi1pk, gsi1sk";
      const attempts = outcome.state === "conflict" ? record.attempts + 1 : undefined;
      await change(record, attempts, update, { ":outcome": outcome });
    },
  };
}

const bucketsOf = (productCode: string): readonly string[] =>
  Array.from({ length: bucketCount }, (_, bucket) => meteringKey.pendingBucket(productCode, bucket));

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
