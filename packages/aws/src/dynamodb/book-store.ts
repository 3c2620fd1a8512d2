import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { type BookKey, emptyBook } from "@tollhouse/core/metering/book";
import type { BookStore } from "@tollhouse/core/metering/store";
import { formatHour, parseHour, type UtcHour } from "@tollhouse/core/time/utc-hour";
import * as z from "zod";
import { amountsItem } from "./amounts.ts";
import { bookKeySchema, bookSchema, putBook } from "./book-item.ts";
import { bucketCount, bucketOf, meteringKey, usageExpirySecond } from "./key.ts";
import { overPending, recordItem, toOutcome } from "./record-item.ts";
import { putIfMet, transact } from "./transact.ts";
import { query } from "./usage-log.ts";

/**
 * The books: one item each, with a line per posting and per usage record beside it.
 */
export function dynamoBookStore(client: DynamoDBDocumentClient, table: string): BookStore {
  return {
    async load(key) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: meteringKey.book(key), ConsistentRead: true }),
      );
      return Item === undefined ? emptyBook(key) : bookSchema.parse(Item);
    },
    async post(after, { book, hour, amounts }, planId) {
      const posting = {
        ...meteringKey.posting(book, planId),
        planId,
        hour: formatHour(hour),
        amounts: amountsItem(amounts),
        expiresAt: usageExpirySecond(hour),
      };
      const reasons = await transact(client, [
        { Put: { TableName: table, Item: posting, ConditionExpression: "attribute_not_exists(pk)" } },
        putBook(table, after),
      ]);
      if (reasons === undefined) return "posted";
      return reasons[0] === "ConditionalCheckFailed" ? "known" : "conflict";
    },
    async withWholeUnits(limit, after) {
      const first = after === undefined ? 0 : bucketIn(after);
      for (let bucket = first; bucket < bucketCount; bucket += 1) {
        const keys = await bucketKeys(client, table, bucket, limit, bucket === first ? after : undefined);
        if (keys.length > 0) return keys;
      }
      return [];
    },
    async recordedHours(key, from, through) {
      const hours = new Set<UtcHour>();
      const { pk, sk } = meteringKey.record(key, from);
      const range = {
        condition: "sk BETWEEN :from AND :through",
        values: { ":from": sk, ":through": meteringKey.record(key, through).sk },
      };
      if (through < from) return hours;
      for await (const item of query(client, table, pk, range)) {
        const hour = parseHour(z.string().parse(item["hour"]));
        if (hour !== undefined) hours.add(hour);
      }
      return hours;
    },
    async seal(after, record) {
      const reasons = await transact(client, [
        {
          Put: {
            TableName: table,
            Item: recordItem(record),
            ConditionExpression: "attribute_not_exists(pk)",
          },
        },
        putBook(table, after),
      ]);
      return reasons === undefined ? "sealed" : "conflict";
    },
    change: async (after) => ((await putIfMet(client, putBook(table, after).Put)) ? "changed" : "conflict"),
    async move(from, to) {
      const reasons = await transact(client, [putBook(table, from), putBook(table, to)]);
      return reasons === undefined ? "moved" : "conflict";
    },
    async sealZero(record) {
      const Item = recordItem(record);
      const put = { TableName: table, Item, ConditionExpression: "attribute_not_exists(pk)" };
      return (await putIfMet(client, put)) ? "sealed" : "conflict";
    },
    async giveBack(after, record, outcome) {
      const reasons = await transact(client, [
        { Update: overPending(table, record, record.attempts, toOutcome, { ":outcome": outcome }) },
        putBook(table, after),
      ]);
      return reasons === undefined ? "returned" : "conflict";
    },
  };
}

const bucketIn = (key: BookKey): number => bucketOf(meteringKey.wholeUnits(key).gsi1sk);

async function bucketKeys(
  client: DynamoDBDocumentClient,
  table: string,
  bucket: number,
  limit: number,
  after: BookKey | undefined,
): Promise<readonly BookKey[]> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: table,
      IndexName: "pending",
      KeyConditionExpression: `gsi1pk = :pk${after === undefined ? "" : " AND gsi1sk > :after"}`,
      ExpressionAttributeValues: {
        ":pk": meteringKey.wholeUnitsBucket(bucket),
        ...(after === undefined ? {} : { ":after": meteringKey.wholeUnits(after).gsi1sk }),
      },
      Limit: limit,
    }),
  );
  return Items.map((item) => bookKeySchema.parse(item));
}
