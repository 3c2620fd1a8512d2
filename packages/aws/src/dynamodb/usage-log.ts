import {
  BatchWriteCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from "@aws-sdk/lib-dynamodb";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { formatHour, parseHour } from "@tollhouse/core/time/utc-hour";
import type { Segment } from "@tollhouse/core/usage/segment";
import type { HourShard } from "@tollhouse/core/usage/shard";
import type { DirtyMark, UsageLog } from "@tollhouse/core/usage/usage-log";
import * as z from "zod";
import { meteringKey, usageExpirySecond } from "./key.ts";

const markSchema = z.object({ sk: z.string(), value: z.string() });
export const segmentSchema = z.object({
  id: z.string(),
  eventCount: z.number(),
  bytes: z.instanceof(Uint8Array),
});

/**
 * The usage log: segments of up to 350 KB and dirty marks, both in the Metering table and always read consistently. All segments
 * of an hour expire at once; marks never do.
 */
export function dynamoUsageLog(client: DynamoDBDocumentClient, table: string): UsageLog {
  return {
    putSegments: (segments) =>
      putAll(
        client,
        table,
        segments.map(({ id, eventCount, bytes, ...place }) => ({
          ...meteringKey.segment(place, id),
          id,
          eventCount,
          bytes,
          expiresAt: usageExpirySecond(place.hour),
        })),
      ),
    putMarks: (marks) =>
      putAll(
        client,
        table,
        marks.map(({ value, ...place }) => ({ ...meteringKey.mark(place), value })),
      ),
    async marks(shard, through) {
      const marks: DirtyMark[] = [];
      for await (const item of query(client, table, meteringKey.mark({ hour: through, shard }).pk, {
        condition: "sk <= :through",
        values: { ":through": formatHour(through) },
      })) {
        const { sk, value } = markSchema.parse(item);
        const hour = parseHour(sk);
        if (hour !== undefined) marks.push({ hour, shard, value });
      }
      return marks;
    },
    async mark({ hour, shard }) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: meteringKey.mark({ hour, shard }), ConsistentRead: true }),
      );
      return Item === undefined ? undefined : { hour, shard, value: markSchema.parse(Item).value };
    },
    async removeMark({ value, ...place }) {
      await client
        .send(
          new DeleteCommand({
            TableName: table,
            Key: meteringKey.mark(place),
            ConditionExpression: "#value = :value",
            ExpressionAttributeNames: { "#value": "value" },
            ExpressionAttributeValues: { ":value": value },
          }),
        )
        .catch((error: unknown) => {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
        });
    },
    async unfolded(place, folded, maxEvents) {
      const segments: Segment[] = [];
      let eventCount = 0;
      for await (const item of segmentItems(client, table, place)) {
        const segment = segmentSchema.parse(item);
        if (folded.has(segment.id)) continue;
        if (segments.length > 0 && eventCount + segment.eventCount > maxEvents)
          return { segments, complete: false };
        segments.push({ hour: place.hour, shard: place.shard, ...segment });
        eventCount += segment.eventCount;
      }
      return { segments, complete: true };
    },
    async segment({ hour, shard }, id) {
      const Key = meteringKey.segment({ hour, shard }, id);
      const { Item } = await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
      return Item === undefined ? undefined : { hour, shard, ...segmentSchema.parse(Item) };
    },
  };
}

const segmentItems = (client: DynamoDBDocumentClient, table: string, place: HourShard) =>
  query(client, table, meteringKey.segment(place, "").pk, {
    condition: "begins_with(sk, :prefix)",
    values: { ":prefix": "SEGMENT#" },
  });

/** All items of a partition that meet a condition on the sort key, page by page (of 1 MB unless said), read consistently. */
export async function* query(
  client: DynamoDBDocumentClient,
  table: string,
  partition: string,
  range: { condition: string; values: Record<string, string>; backwards?: boolean; pageSize?: number },
): AsyncGenerator<Record<string, unknown>> {
  let start: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: `pk = :pk AND ${range.condition}`,
        ExpressionAttributeValues: { ":pk": partition, ...range.values },
        ConsistentRead: true,
        ScanIndexForward: range.backwards !== true,
        Limit: range.pageSize,
        ExclusiveStartKey: start,
      }),
    );
    yield* page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/** BatchWriteItem takes 25 items and 16 MB; segments are large, so fewer go at a time. */
const itemsPerWrite = 25;
const maxRounds = 8;

/** @throws Error when DynamoDB keeps leaving items unprocessed; nothing was acknowledged, the batch comes again */
async function putAll(
  client: DynamoDBDocumentClient,
  table: string,
  items: readonly Record<string, unknown>[],
): Promise<void> {
  const first = items[0];
  if (items.length === 1 && first !== undefined) {
    await client.send(new PutCommand({ TableName: table, Item: first }));
    return;
  }
  for (let start = 0; start < items.length; start += itemsPerWrite) {
    let requests = items.slice(start, start + itemsPerWrite).map((Item) => ({ PutRequest: { Item } }));
    for (let round = 0; requests.length > 0; round += 1) {
      if (round === maxRounds)
        throw new Error(`DynamoDB left ${requests.length} items of ${table} unwritten ${maxRounds} times.`);
      const { UnprocessedItems } = await client.send(
        new BatchWriteCommand({ RequestItems: { [table]: requests } }),
      );
      requests = (UnprocessedItems?.[table] ?? []).flatMap(({ PutRequest }) =>
        PutRequest?.Item === undefined ? [] : [{ PutRequest: { Item: PutRequest.Item } }],
      );
    }
  }
}
