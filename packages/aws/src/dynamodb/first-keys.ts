import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";

export type Key = Readonly<Record<"pk" | "sk", string>>;

const indexItemSchema = z.object({ pk: z.string(), sk: z.string(), gsi1sk: z.string() });

/**
 * Where the first items lie of a list that is spread over buckets of the index `pending`, at most `limit`. The index says only
 * where they lie; it may lag, so what they are is read from the table.
 * @param before a sort key of the index that all of them come before
 */
export async function firstKeys(
  client: DynamoDBDocumentClient,
  table: string,
  buckets: readonly string[],
  limit: number,
  before?: string,
): Promise<readonly Key[]> {
  const pages = await Promise.all(
    buckets.map((bucket) =>
      client.send(
        new QueryCommand({
          TableName: table,
          IndexName: "pending",
          KeyConditionExpression: `gsi1pk = :pk${before === undefined ? "" : " AND gsi1sk < :before"}`,
          ExpressionAttributeValues: {
            ":pk": bucket,
            ...(before === undefined ? {} : { ":before": before }),
          },
          Limit: limit,
        }),
      ),
    ),
  );
  return pages
    .flatMap(({ Items = [] }) => Items.map((item) => indexItemSchema.parse(item)))
    .toSorted((a, b) => (a.gsi1sk < b.gsi1sk ? -1 : 1))
    .slice(0, limit)
    .map(({ pk, sk }) => ({ pk, sk }));
}
