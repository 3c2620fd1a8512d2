import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { WaitingStore, WaitingUsage } from "@tollhouse/core/metering/store";
import { putBook } from "./book-item.ts";
import { overVersionBefore } from "./condition.ts";
import { firstKeys } from "./first-keys.ts";
import { bucketCount, meteringKey, usageExpirySecond } from "./key.ts";
import { transact } from "./transact.ts";
import { query } from "./usage-log.ts";
import { settledItem, waitingItem, waitingSchema } from "./waiting-item.ts";

/**
 * Usage that waits for somebody it can be counted for, a piece an item, under its subject.
 */
export function dynamoWaitingStore(client: DynamoDBDocumentClient, table: string): WaitingStore {
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
      const keys = await firstKeys(client, table, buckets, limit, meteringKey.waitingBefore(by));
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
      const expiresAt = usageExpirySecond(usage.events.hour);
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

const buckets = Array.from({ length: bucketCount }, (_, bucket) => meteringKey.waitingBucket(bucket));
