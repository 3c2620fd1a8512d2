import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { RunCounter } from "@tollhouse/core/metering/restore";
import { type Instant, instant } from "@tollhouse/core/time/instant";
import * as z from "zod";
import { runsKey } from "./runs-key.ts";

const runCountSchema = z.object({
  count: z.int(),
  at: z.number().transform((value): Instant => instant(value)),
});

/** How many runs of the meter there were: one item of either table. */
export function dynamoRunCounter(client: DynamoDBDocumentClient, table: string): RunCounter {
  return {
    async load() {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: runsKey, ConsistentRead: true }),
      );
      return Item === undefined ? undefined : runCountSchema.parse(Item);
    },
    async raise(to) {
      const put = new PutCommand({
        TableName: table,
        Item: { ...runsKey, ...to },
        ConditionExpression: "attribute_not_exists(pk) OR #count < :count",
        ExpressionAttributeNames: { "#count": "count" },
        ExpressionAttributeValues: { ":count": to.count },
      });
      await client.send(put).catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      });
    },
  };
}
