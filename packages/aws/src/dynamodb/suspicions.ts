import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandOutput,
} from "@aws-sdk/lib-dynamodb";
import type { Suspicion, Suspicions } from "@tollhouse/core/reconciliation/suspicion";
import { type Instant, instant } from "@tollhouse/core/time/instant";
import * as z from "zod";
import { reconciliationKey } from "./key.ts";

const at = z.number().transform((value): Instant => instant(value));
const suspicionSchema = z.object({
  id: z.string(),
  agreementId: z.string(),
  what: z.string(),
  firstSeenAt: at,
});
const sweepSchema = z.object({ sweptAt: at });

/** What comparisons with AWS saw, in the Lifecycle table. */
export function dynamoSuspicions(client: DynamoDBDocumentClient, table: string): Suspicions {
  return {
    async all() {
      const found: Suspicion[] = [];
      let start: Record<string, unknown> | undefined;
      do {
        const { pk, sk } = reconciliationKey.suspicion("");
        const page: QueryCommandOutput = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues: { ":pk": pk, ":sk": sk },
            ConsistentRead: true,
            ExclusiveStartKey: start,
          }),
        );
        found.push(...(page.Items ?? []).map((item) => suspicionSchema.parse(item)));
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
      return found;
    },
    async put(suspicion) {
      const Item = { ...reconciliationKey.suspicion(suspicion.id), ...suspicion };
      await client.send(new PutCommand({ TableName: table, Item }));
    },
    async remove(id) {
      await client.send(new DeleteCommand({ TableName: table, Key: reconciliationKey.suspicion(id) }));
    },
    async lastSweepAt() {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: reconciliationKey.sweep, ConsistentRead: true }),
      );
      return Item === undefined ? undefined : sweepSchema.parse(Item).sweptAt;
    },
    async sweptAt(sweptAt) {
      await client.send(new PutCommand({ TableName: table, Item: { ...reconciliationKey.sweep, sweptAt } }));
    },
  };
}
