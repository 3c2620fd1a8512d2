import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dynamoBookStore } from "@tollhouse/aws/dynamodb/book-store";
import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { dynamoFoldStore } from "@tollhouse/aws/dynamodb/fold-store";
import { lifecycleEntities } from "@tollhouse/aws/dynamodb/lifecycle-entity";
import { dynamoLease } from "@tollhouse/aws/dynamodb/lease";
import { dynamoLedger } from "@tollhouse/aws/dynamodb/ledger";
import { dynamoLifecycleStore } from "@tollhouse/aws/dynamodb/lifecycle-store";
import { dynamoDirectory } from "@tollhouse/aws/dynamodb/listing";
import { dynamoOutbox } from "@tollhouse/aws/dynamodb/outbox";
import { dynamoQuarantine } from "@tollhouse/aws/dynamodb/quarantine";
import { dynamoRecordStore } from "@tollhouse/aws/dynamodb/record-store";
import { dynamoProgress } from "@tollhouse/aws/dynamodb/progress";
import { dynamoRunCounter } from "@tollhouse/aws/dynamodb/run-counter";
import { dynamoShardHistory } from "@tollhouse/aws/dynamodb/shard-history";
import { dynamoSuspicions } from "@tollhouse/aws/dynamodb/suspicions";
import { dynamoSwitches } from "@tollhouse/aws/dynamodb/switches";
import { dynamoWaitingStore } from "@tollhouse/aws/dynamodb/waiting-store";
import { dynamoUsageLog } from "@tollhouse/aws/dynamodb/usage-log";
import { exampleConfiguration } from "@tollhouse/core/memory/example";
import { startDynamoDbLocal } from "@tollhouse/local/dynamodb-local";
import { createTables, tableName } from "@tollhouse/local/resource";
import getPort from "get-port";

export interface Database {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Starts DynamoDB Local on a free port and points the SDK's environment at it. */
export async function startDatabase(): Promise<Database> {
  const port = await getPort({ host: "127.0.0.1" });
  const endpoint = `http://127.0.0.1:${port}`;
  process.env["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint;
  process.env["AWS_REGION"] = "us-east-1";
  process.env["AWS_ACCESS_KEY_ID"] = "LOCAL";
  process.env["AWS_SECRET_ACCESS_KEY"] = "local";
  const scratch = await mkdtemp(join(tmpdir(), "tollhouse-"));
  const java = startDynamoDbLocal({ port, scratch });
  await java.ready;
  return {
    endpoint,
    async stop() {
      await java.stop();
      await rm(scratch, { recursive: true });
    },
  };
}

/** Every store on two new tables of its own. */
export async function makeStores(endpoint: string) {
  const configuration = { ...exampleConfiguration, name: `t${randomUUID()}` };
  await createTables(configuration, endpoint);
  const client = makeDocumentClient();
  const lifecycle = tableName(configuration, "Lifecycle");
  const metering = tableName(configuration, "Metering");
  const entities = lifecycleEntities(client, lifecycle);
  const folds = dynamoFoldStore(client, metering);
  return {
    lifecycle: {
      store: dynamoLifecycleStore(entities),
      outbox: dynamoOutbox(entities),
      directory: dynamoDirectory(entities, client, lifecycle),
    },
    quarantine: dynamoQuarantine(client, lifecycle),
    suspicions: dynamoSuspicions(client, lifecycle),
    usageLog: dynamoUsageLog(client, metering),
    folds,
    progress: dynamoProgress(client, metering),
    runs: dynamoRunCounter(client, metering),
    runWitness: dynamoRunCounter(client, lifecycle),
    switches: dynamoSwitches(client, metering),
    leases: (now: () => number) => dynamoLease(client, metering, now),
    client,
    table: metering,
    shardHistory: dynamoShardHistory(client, metering),
    ledger: dynamoLedger(client, metering, folds),
    metering: {
      books: dynamoBookStore(client, metering),
      records: dynamoRecordStore(client, metering),
      waiting: dynamoWaitingStore(client, metering),
    },
  };
}
