import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  type KeySchemaElement,
  type Projection,
} from "@aws-sdk/client-dynamodb";
import type { SeenTable } from "@tollhouse/core/doctor/table";
import { clientFor, type Reading, readIfThere } from "./reading.ts";

const notThere = ["ResourceNotFoundException", "TableNotFoundException"];

export interface TableReader {
  /** @throws UnreadableError */
  table(name: string): Promise<SeenTable | undefined>;
  /** The attribute by which items expire. @throws UnreadableError */
  expiryAttribute(name: string): Promise<string | undefined>;
  /** Whether the table can be restored to any second. `undefined` where DynamoDB has no such thing. @throws UnreadableError */
  isRecoverable(name: string): Promise<boolean | undefined>;
}

export function tableReader(reading: Reading): TableReader {
  const client = new DynamoDBClient(clientFor(reading));
  return {
    table: (TableName) =>
      readIfThere(reading, "dynamodb:DescribeTable", notThere, async () => {
        const { Table } = await client.send(new DescribeTableCommand({ TableName }));
        const indexes = Table?.GlobalSecondaryIndexes ?? [];
        return {
          status: Table?.TableStatus ?? "unknown",
          key: keyOf(Table?.KeySchema),
          indexes: Object.fromEntries(
            indexes.map(({ IndexName = "", KeySchema, Projection: projection }) => [
              IndexName,
              { ...keyOf(KeySchema), holds: heldBy(projection) },
            ]),
          ),
          indexStatuses: Object.fromEntries(
            indexes.map(({ IndexName = "", IndexStatus = "unknown" }) => [IndexName, IndexStatus]),
          ),
          isProtected: Table?.DeletionProtectionEnabled === true,
        };
      }),
    expiryAttribute: (TableName) =>
      readIfThere(reading, "dynamodb:DescribeTimeToLive", notThere, async () => {
        const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
        const { TimeToLiveStatus = "", AttributeName } = TimeToLiveDescription ?? {};
        return TimeToLiveStatus.startsWith("ENABL") ? AttributeName : undefined;
      }),
    isRecoverable: (TableName) =>
      // DynamoDB Local knows no such operation.
      readIfThere(reading, "dynamodb:DescribeContinuousBackups", ["UnknownOperationException"], async () => {
        const answer = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
        const { PointInTimeRecoveryDescription } = answer.ContinuousBackupsDescription ?? {};
        return PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === "ENABLED";
      }),
  };
}

const keyOf = (schema: readonly KeySchemaElement[] = []) => ({
  partition: schema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName ?? "none",
  sort: schema.find(({ KeyType }) => KeyType === "RANGE")?.AttributeName ?? "none",
});

const heldBy = (projection: Projection | undefined): "all" | readonly string[] =>
  projection?.ProjectionType === "ALL" ? "all" : (projection?.NonKeyAttributes ?? []);
