import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { WaitingStore, WaitingUsage } from "@tollhouse/core/metering/store";
import type { Instant } from "@tollhouse/core/time/instant";
import { hourEnd } from "@tollhouse/core/time/utc-hour";
import * as z from "zod";
import { putBook } from "./book-item.ts";
import { overVersionBefore } from "./condition.ts";
import { bucketCount, expirySecond, meteringKey } from "./key.ts";
import { transact } from "./transact.ts";
import { query } from "./usage-log.ts";
import { settledItem, waitingItem, waitingSchema } from "./waiting-item.ts";

/**
 * Usage that waits for somebody it can be counted for, a piece an item, under its subject.
 * @param keepDays days after its hour that usage is kept
 */
export function dynamoWaitingStore(
  client: DynamoDBDocumentClient,
  table: string,
  keepDays: number,
): WaitingStore {
  return {
    async put(usage) {
      const item = {
        ...meteringKey.waiting(usage.subject, usage.id),
        ...meteringKey.waitingDue(usage),
        ...waitingItem(usage),
        state: "waits",
      };
      const put = { TableName: table, Item: item, ConditionExpression: "attribute_not_exists(pk)" };
      await client.send(new PutCommand(put)).catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      });
    },
    async under(subject, limit, after = "") {
      const found: WaitingUsage[] = [];
      const range = {
        condition: "sk > :after",
        values: { ":after": meteringKey.waiting(subject, after).sk },
      };
      for await (const item of query(client, table, meteringKey.waiting(subject, after).pk, range)) {
        if (item["state"] === "waits") found.push(waitingSchema.parse(item));
        if (found.length === limit) break;
      }
      return found;
    },
    async due(by, limit) {
      const keys = await dueKeys(client, table, by, limit);
      const found: WaitingUsage[] = [];
      for (const Key of keys) {
        const { Item } = await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
        if (Item?.["state"] !== "waits") continue;
        const usage = waitingSchema.parse(Item);
        if (usage.lookAt <= by) found.push(usage);
      }
      return found;
    },
    async settle(usage, outcome, books) {
      const expiresAt = expirySecond(hourEnd(usage.events.hour), keepDays);
      const reasons = await transact(client, [
        {
          Put: {
            TableName: table,
            Item: settledItem(usage, outcome, expiresAt),
            ...overVersionBefore(usage.version + 1),
          },
        },
        ...books.map((book) => putBook(table, book)),
      ]);
      return reasons === undefined ? "settled" : "conflict";
    },
  };
}

const keySchema = z.object({ pk: z.string(), sk: z.string(), gsi1sk: z.string() });

async function dueKeys(
  client: DynamoDBDocumentClient,
  table: string,
  by: Instant,
  limit: number,
): Promise<readonly { pk: string; sk: string }[]> {
  const buckets = Array.from({ length: bucketCount }, (_, bucket) => meteringKey.waitingBucket(bucket));
  const pages = await Promise.all(
    buckets.map((bucket) =>
      client.send(
        new QueryCommand({
          TableName: table,
          IndexName: "pending",
          KeyConditionExpression: "gsi1pk = :pk AND gsi1sk < :by",
          ExpressionAttributeValues: { ":pk": bucket, ":by": meteringKey.waitingBefore(by) },
          Limit: limit,
        }),
      ),
    ),
  );
  return pages
    .flatMap(({ Items = [] }) => Items.map((item) => keySchema.parse(item)))
    .toSorted((a, b) => (a.gsi1sk < b.gsi1sk ? -1 : 1))
    .slice(0, limit)
    .map(({ pk, sk }) => ({ pk, sk }));
}
