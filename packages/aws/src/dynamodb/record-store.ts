import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { subscriptionAccount } from "@tollhouse/core/metering/attribute";
import type { BookKey } from "@tollhouse/core/metering/book";
import type { RecordStore } from "@tollhouse/core/metering/store";
import { recordName, type UsageRecord } from "@tollhouse/core/metering/usage-record";
import { type Instant, instant } from "@tollhouse/core/time/instant";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import type { TagSet } from "@tollhouse/core/usage/usage-event";
import * as z from "zod";
import { hourSchema } from "./hour.ts";
import { meteringKey } from "./key.ts";

const at = z.number().transform((value): Instant => instant(value));
const whole = z
  .string()
  .regex(/^\d+$/)
  .transform((digits) => BigInt(digits));

const recordSchema = z.object({
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
    z.object({ state: z.literal("pending"), refusal: z.string().optional() }),
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
  meteringKey.record({ account: subscriptionAccount(subscriptionId), dimension }, hour);

/** Usage records and what came of them. */
export function dynamoRecordStore(client: DynamoDBDocumentClient, table: string): RecordStore {
  /** Changes a record that is pending with as many attempts as the caller knows of; otherwise gives `false`. */
  const change = async (
    record: UsageRecord,
    attempts: number,
    update: string,
    values: Record<string, unknown>,
  ): Promise<boolean> => {
    try {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: keyOf(record),
          UpdateExpression: update,
          ConditionExpression: "outcome.#state = :pending AND attempts = :attempts",
          ExpressionAttributeNames: { "#state": "state" },
          ExpressionAttributeValues: { ":pending": "pending", ":attempts": attempts, ...values },
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
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: "pending",
          KeyConditionExpression: "gsi1pk = :pk",
          ExpressionAttributeValues: {
            ":pk": meteringKey.pending({ productCode, deadlineAt: instant(0) }, "").gsi1pk,
          },
          Limit: limit,
        }),
      );
      return Items.map((item): UsageRecord => recordSchema.parse(item));
    },
    countAttempt: (record) =>
      change(record, record.attempts, "SET attempts = :next", { ":next": record.attempts + 1 }),
    async conclude(record, outcome) {
      if (outcome.state === "pending") {
        await change(record, record.attempts + 1, "SET outcome = :outcome, attempts = :before", {
          ":outcome": outcome,
          ":before": record.attempts,
        });
        return;
      }
      await client
        .send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(record),
            UpdateExpression: "SET outcome = :outcome REMOVE gsi1pk, gsi1sk",
            ConditionExpression: "outcome.#state = :pending",
            ExpressionAttributeNames: { "#state": "state" },
            ExpressionAttributeValues: { ":pending": "pending", ":outcome": outcome },
          }),
        )
        .catch((error: unknown) => {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
        });
    },
  };
}
