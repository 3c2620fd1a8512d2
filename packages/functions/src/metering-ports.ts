import { dynamoBookStore } from "@tollhouse/aws/dynamodb/book-store";
import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { dynamoFoldStore } from "@tollhouse/aws/dynamodb/fold-store";
import { meteringKey } from "@tollhouse/aws/dynamodb/key";
import { dynamoLease } from "@tollhouse/aws/dynamodb/lease";
import { dynamoProgress } from "@tollhouse/aws/dynamodb/progress";
import { dynamoRecordStore } from "@tollhouse/aws/dynamodb/record-store";
import { dynamoRunCounter } from "@tollhouse/aws/dynamodb/run-counter";
import { dynamoShardHistory } from "@tollhouse/aws/dynamodb/shard-history";
import { dynamoSwitches } from "@tollhouse/aws/dynamodb/switches";
import { dynamoUsageLog } from "@tollhouse/aws/dynamodb/usage-log";
import { dynamoWaitingStore } from "@tollhouse/aws/dynamodb/waiting-store";
import type { Settings } from "@tollhouse/core/configuration/configuration";
import type { Clock } from "@tollhouse/core/time/clock";
import { shardKeeper } from "@tollhouse/core/usage/shard-history";
import { leaseMsOfWorld } from "./environment.ts";

/** What every function needs of the Metering table. `keepShards` comes before any use of the log or the marks. */
export function meteringPorts(table: string, settings: Settings, clock: Clock) {
  const client = makeDocumentClient();
  return {
    usageLog: dynamoUsageLog(client, table),
    folds: dynamoFoldStore(client, table),
    books: dynamoBookStore(client, table),
    waiting: dynamoWaitingStore(client, table),
    records: dynamoRecordStore(client, table),
    switches: dynamoSwitches(client, table),
    lease: dynamoLease(client, table, Date.now, leaseMsOfWorld()),
    progress: dynamoProgress(client, table),
    zeroProgress: dynamoProgress(client, table, meteringKey.zeroProgress),
    runs: dynamoRunCounter(client, table),
    keepShards: shardKeeper(dynamoShardHistory(client, table), settings.shards, clock),
  };
}
