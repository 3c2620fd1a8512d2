import { gunzipSync, gzipSync } from "node:zlib";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Quarantine, QuarantineEntry } from "@tollhouse/core/quarantine/quarantine";
import { dayMs, type Instant, instant } from "@tollhouse/core/time/instant";
import * as z from "zod";
import { expirySecond, quarantineDays, quarantineKey } from "./key.ts";

/** A DynamoDB item holds 400 KB; a longer body lies in several. */
const partBytes = 350_000;

const headSchema = z.object({
  id: z.string(),
  quarantinedAt: z.number().transform((at): Instant => instant(at)),
  door: z.enum(["intake", "usage", "entitlement"]),
  reason: z.string(),
});
const partSchema = z.object({ bytes: z.instanceof(Uint8Array) });

export function dynamoQuarantine(client: DynamoDBDocumentClient, table: string): Quarantine {
  /** The head comes last: where it is, everything is. */
  const putEntry = async ({ body, ...head }: QuarantineEntry): Promise<void> => {
    const expiresAt = expirySecond(head.quarantinedAt, quarantineDays);
    const packed = gzipSync(body);
    for (let part = 0; part * partBytes < packed.length; part += 1) {
      const bytes = packed.subarray(part * partBytes, (part + 1) * partBytes);
      await client.send(
        new PutCommand({
          TableName: table,
          Item: { ...quarantineKey.part(head.id, part), bytes, expiresAt },
        }),
      );
    }
    await client.send(
      new PutCommand({
        TableName: table,
        Item: { ...quarantineKey.line(head.quarantinedAt, head.id), ...head, expiresAt },
      }),
    );
    await client
      .send(
        new PutCommand({
          TableName: table,
          Item: { ...quarantineKey.head(head.id), ...head, expiresAt },
          ConditionExpression: "attribute_not_exists(pk)",
        }),
      )
      .catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      });
  };
  return {
    async put(entries) {
      for (const entry of entries) await putEntry(entry);
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
    async list(until, limit) {
      const found: z.output<typeof headSchema>[] = [];
      for (let daysAgo = 0; daysAgo <= quarantineDays && found.length < limit; daysAgo += 1) {
        const { pk } = quarantineKey.line(instant(until - daysAgo * dayMs), "");
        const { Items = [] } = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: "pk = :pk",
            ExpressionAttributeValues: { ":pk": pk },
            ScanIndexForward: false,
            Limit: limit - found.length,
          }),
        );
        found.push(...Items.map((item) => headSchema.parse(item)));
      }
      return found;
    },
  };
}
