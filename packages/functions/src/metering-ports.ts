import { dynamoBookStore } from "@tollhouse/aws/dynamodb/book-store";
import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { dynamoFoldStore } from "@tollhouse/aws/dynamodb/fold-store";
import { dynamoRecordStore } from "@tollhouse/aws/dynamodb/record-store";
import { dynamoUsageLog } from "@tollhouse/aws/dynamodb/usage-log";
import { dynamoWaitingStore } from "@tollhouse/aws/dynamodb/waiting-store";
import type { Settings } from "@tollhouse/core/configuration/configuration";
import { keepUsageDays } from "@tollhouse/core/usage/retention";

/** What every function needs of the Metering table. */
export function meteringPorts(table: string, settings: Settings) {
  const client = makeDocumentClient();
  const keepDays = keepUsageDays(settings);
  return {
    usageLog: dynamoUsageLog(client, table, keepDays),
    folds: dynamoFoldStore(client, table, keepDays),
    books: dynamoBookStore(client, table, keepDays),
    waiting: dynamoWaitingStore(client, table, keepDays),
    records: dynamoRecordStore(client, table),
  };
}
