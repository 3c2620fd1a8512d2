import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { type Account, type Book, type BookKey, emptyBook, sealable } from "@tollhouse/core/metering/book";
import { subscriptionOf } from "@tollhouse/core/metering/attribute";
import type { BookStore } from "@tollhouse/core/metering/store";
import { formatHour, parseHour, type UtcHour } from "@tollhouse/core/time/utc-hour";
import * as z from "zod";
import { amountSchema, amountsItem, amountsSchema } from "./amounts.ts";
import { overVersionBefore } from "./condition.ts";
import { bucketCount, bucketOf, meteringKey } from "./key.ts";
import { recordItem } from "./record-store.ts";
import { hourSchema } from "./hour.ts";
import { query } from "./usage-log.ts";

const bookSchema = z.object({
  account: z.string().transform((account) => account as Account),
  dimension: z.string(),
  version: z.number(),
  counted: amountSchema,
  recorded: amountSchema,
  balance: z.array(z.object({ hour: hourSchema, amounts: amountsSchema })),
});

const latestHour = Number.MAX_SAFE_INTEGER as UtcHour;

/** The books: one item each, with a line per posting and per usage record beside it. */
export function dynamoBookStore(client: DynamoDBDocumentClient, table: string): BookStore {
  return {
    async load(key) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: meteringKey.book(key), ConsistentRead: true }),
      );
      return Item === undefined ? emptyBook(key) : toBook(bookSchema.parse(Item));
    },
    async post(after, { book, hour, amounts }, planId) {
      const posting = {
        ...meteringKey.posting(book, planId),
        planId,
        hour: formatHour(hour),
        amounts: amountsItem(amounts),
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
            Item: recordItem(after.key, record),
            ConditionExpression: "attribute_not_exists(pk)",
          },
        },
        putBook(table, after),
      ]);
      return reasons === undefined ? "sealed" : "conflict";
    },
  };
}

const bucketIn = (key: BookKey): number => bucketOf(meteringKey.wholeUnits(key).gsi1sk);

const indexItemSchema = bookSchema.pick({ account: true, dimension: true });

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
  return Items.map((item) => indexItemSchema.parse(item));
}

/** Stores a book over the version before it. It is in the index of those to be sealed when it has a whole unit to seal. */
function putBook(table: string, book: Book): NonNullable<TransactWriteCommandInput["TransactItems"]>[number] {
  const { key, version, counted, recorded, balance } = book;
  const hasUnits = subscriptionOf(key.account) !== undefined && sealable(book, latestHour) > 0n;
  const item = {
    ...meteringKey.book(key),
    ...key,
    version,
    counted: counted.toString(),
    recorded: recorded.toString(),
    balance: [...balance].map(([hour, amounts]) => ({
      hour: formatHour(hour),
      amounts: amountsItem(amounts),
    })),
    ...(hasUnits ? meteringKey.wholeUnits(key) : {}),
  };
  return {
    Put: {
      TableName: table,
      Item: item,
      ...overVersionBefore(version),
    },
  };
}

const toBook = ({ account, dimension, balance, ...rest }: z.output<typeof bookSchema>): Book => ({
  ...rest,
  key: { account, dimension },
  balance: new Map(balance.map(({ hour, amounts }) => [hour, amounts])),
});

/** Gives the reason of each refused item; `undefined` when everything was written. */
async function transact(
  client: DynamoDBDocumentClient,
  items: TransactWriteCommandInput["TransactItems"],
): Promise<readonly (string | undefined)[] | undefined> {
  try {
    await client.send(new TransactWriteCommand({ TransactItems: items }));
    return undefined;
  } catch (error) {
    if (error instanceof TransactionCanceledException)
      return (error.CancellationReasons ?? []).map(({ Code }) => Code);
    throw error;
  }
}
