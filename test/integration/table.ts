import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Ready } from "./command.ts";

/** Credentials that the emulators take; they are no secret. */
export const credentials = { accessKeyId: "TEST", secretAccessKey: "test" };

/** What a running world has stored, read with plain clients and nothing of ours. */
export function lifecycleTable({ databaseUrl, tableNames }: Pick<Ready, "databaseUrl" | "tableNames">) {
  const tables = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: databaseUrl, region: "us-east-1", credentials }),
  );
  const TableName = tableNames.Lifecycle;
  return {
    async subscription(id: string) {
      const Key = { pk: `SUBSCRIPTION#${id}`, sk: "STATE" };
      const { Item } = await tables.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      return Item?.["state"] as
        { registration: string; agreementId?: string; grant: { state: string } } | undefined;
    },
    /** The reason of each quarantined message. */
    async quarantined() {
      const { Items = [] } = await tables.send(
        new ScanCommand({
          TableName,
          FilterExpression: "begins_with(pk, :prefix) AND sk = :head",
          ExpressionAttributeValues: { ":prefix": "QUARANTINE#", ":head": "HEAD" },
          ConsistentRead: true,
        }),
      );
      return Items.map((item) => String(item["reason"]));
    },
  };
}
