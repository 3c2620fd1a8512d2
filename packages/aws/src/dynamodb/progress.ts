import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Progress } from "@tollhouse/core/metering/store";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import * as z from "zod";
import type { Key } from "./first-keys.ts";
import { hourSchema } from "./hour.ts";
import { meteringKey } from "./key.ts";

const progressSchema = z.object({ through: hourSchema });

/** How far something has ever come, e.g. the books: one item. */
export function dynamoProgress(
  client: DynamoDBDocumentClient,
  table: string,
  key: Key = meteringKey.progress,
): Progress {
  return {
    async load() {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: key, ConsistentRead: true }),
      );
      return Item === undefined ? undefined : progressSchema.parse(Item).through;
    },
    async advance(through) {
      const put = new PutCommand({
        TableName: table,
        Item: { ...key, through: formatHour(through) },
        // Hours sort as text as they do in time.
        ConditionExpression: "attribute_not_exists(pk) OR #through < :through",
        ExpressionAttributeNames: { "#through": "through" },
        ExpressionAttributeValues: { ":through": formatHour(through) },
      });
      await client.send(put).catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      });
    },
  };
}
