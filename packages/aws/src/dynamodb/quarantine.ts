import { gunzipSync, gzipSync } from "node:zlib";
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type QueryCommandOutput,
  TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";
import type { Quarantine, QuarantineEntry } from "@tollhouse/core/quarantine/quarantine";
import { dayMs, formatInstant, type Instant, instant } from "@tollhouse/core/time/instant";
import * as z from "zod";
import { expirySecond, quarantineDays, quarantineKey } from "./key.ts";

/** A DynamoDB item holds 400 KB; a longer body lies in several. */
const partBytes = 350_000;

const headSchema = z.object({
  id: z.string(),
  quarantinedAt: z.number().transform((at): Instant => instant(at)),
  door: z.enum(["intake", "usage", "entitlement", "fold"]),
  reason: z.string(),
});
const partSchema = z.object({ bytes: z.instanceof(Uint8Array) });

/** Entries stored at once; a flood of bad messages must end within a function's time. */
const entriesAtOnce = 20;

export function dynamoQuarantine(client: DynamoDBDocumentClient, table: string): Quarantine {
  /** One transaction, so that an entry is there whole and once, and the line that lists it with it. */
  const putEntry = async ({ body, ...head }: QuarantineEntry): Promise<void> => {
    const expiresAt = expirySecond(head.quarantinedAt, quarantineDays);
    const packed = gzipSync(body);
    const parts = Array.from({ length: Math.ceil(packed.length / partBytes) }, (_, part) => ({
      ...quarantineKey.part(head.id, part),
      bytes: packed.subarray(part * partBytes, (part + 1) * partBytes),
    }));
    const line = { ...quarantineKey.line(head.quarantinedAt, head.id), ...head };
    const once = { ConditionExpression: "attribute_not_exists(pk)" };
    const put = (item: object, condition = {}) => ({
      Put: { TableName: table, Item: { ...item, expiresAt }, ...condition },
    });
    const entry = put({ ...quarantineKey.head(head.id), ...head }, once);
    await client
      .send(
        new TransactWriteCommand({ TransactItems: [entry, ...[line, ...parts].map((item) => put(item))] }),
      )
      .catch((error: unknown) => {
        if (!isThereAlready(error)) throw error;
      });
  };
  return {
    async put(entries) {
      for (let start = 0; start < entries.length; start += entriesAtOnce) {
        await Promise.all(entries.slice(start, start + entriesAtOnce).map(putEntry));
      }
    },
    async get(id) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: quarantineKey.head(id), ConsistentRead: true }),
      );
      if (Item === undefined) return undefined;
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :part)",
          ExpressionAttributeValues: { ":pk": quarantineKey.head(id).pk, ":part": "PART#" },
          ConsistentRead: true,
        }),
      );
      const packed = Buffer.concat(Items.map((item) => partSchema.parse(item).bytes));
      return { ...headSchema.parse(Item), body: gunzipSync(packed).toString() };
    },
    async remove(id) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: quarantineKey.head(id), ConsistentRead: true }),
      );
      if (Item === undefined) return;
      const { pk } = quarantineKey.head(id);
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": pk },
          ProjectionExpression: "pk, sk",
          ConsistentRead: true,
        }),
      );
      const keys = [...Items, quarantineKey.line(headSchema.parse(Item).quarantinedAt, id)];
      await client.send(
        new TransactWriteCommand({
          TransactItems: keys.map((key) => ({ Delete: { TableName: table, Key: key } })),
        }),
      );
    },
    async list(until, limit, after) {
      const found: z.output<typeof headSchema>[] = [];
      // "$" follows "#": a line of the very instant is still before it.
      const before =
        after === undefined
          ? `${formatInstant(until)}$`
          : quarantineKey.line(after.quarantinedAt, after.id).sk;
      const from = after?.quarantinedAt ?? until;
      for (let daysAgo = 0; daysAgo <= quarantineDays && found.length < limit; daysAgo += 1) {
        const { pk } = quarantineKey.line(instant(from - daysAgo * dayMs), "");
        let start: Record<string, unknown> | undefined;
        do {
          const page: QueryCommandOutput = await client.send(
            new QueryCommand({
              TableName: table,
              KeyConditionExpression: "pk = :pk AND sk < :before",
              ExpressionAttributeValues: { ":pk": pk, ":before": before },
              ScanIndexForward: false,
              Limit: limit - found.length,
              ExclusiveStartKey: start,
            }),
          );
          found.push(...(page.Items ?? []).map((item) => headSchema.parse(item)));
          start = page.LastEvaluatedKey;
        } while (start !== undefined && found.length < limit);
      }
      return found;
    },
  };
}

/** The first item of the transaction is the one with a condition. */
const isThereAlready = (error: unknown): boolean =>
  error instanceof TransactionCanceledException &&
  error.CancellationReasons?.[0]?.Code === "ConditionalCheckFailed";
