import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import type { ShardHistory } from "@tollhouse/core/usage/shard-history";
import * as z from "zod";
import { hourSchema } from "./hour.ts";
import { meteringKey } from "./key.ts";

const historySchema = z.object({ shards: z.array(z.object({ fromHour: hourSchema, count: z.number() })) });

/** The shard counts by which usage was stored so far: one item, which only ever gets longer. */
export function dynamoShardHistory(client: DynamoDBDocumentClient, table: string): ShardHistory {
  return {
    async load() {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: meteringKey.shardHistory, ConsistentRead: true }),
      );
      return Item === undefined ? undefined : historySchema.parse(Item).shards;
    },
    async store(shards, loaded) {
      const counts = shards.map(({ fromHour, count }) => ({ fromHour: formatHour(fromHour), count }));
      try {
        await client.send(
          new PutCommand({
            TableName: table,
            Item: { ...meteringKey.shardHistory, shards: counts },
            ...(loaded === undefined
              ? { ConditionExpression: "attribute_not_exists(pk)" }
              : {
                  ConditionExpression: "size(shards) = :loaded",
                  ExpressionAttributeValues: { ":loaded": loaded.length },
                }),
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
}
