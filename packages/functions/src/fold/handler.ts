import { dynamoBookStore } from "@tollhouse/aws/dynamodb/book-store";
import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { dynamoFoldStore } from "@tollhouse/aws/dynamodb/fold-store";
import { dynamoUsageLog } from "@tollhouse/aws/dynamodb/usage-log";
import { makeLogger } from "@tollhouse/aws/logging/logger";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { lifecyclePorts } from "../lifecycle-ports.ts";
import { queueConsumer } from "../queue-consumer.ts";
import { takeHourShard } from "./take-hour-shard.ts";

const { LIFECYCLE_TABLE, METERING_TABLE } = readEnvironment("LIFECYCLE_TABLE", "METERING_TABLE");
const client = makeDocumentClient();
const { store, quarantine } = lifecyclePorts(LIFECYCLE_TABLE);
const ports = {
  subscriptions: store,
  usageLog: dynamoUsageLog(client, METERING_TABLE),
  folds: dynamoFoldStore(client, METERING_TABLE),
  books: dynamoBookStore(client, METERING_TABLE),
};

export const handler = queueConsumer(
  { logger: makeLogger(), clock: clockOfWorld(), quarantine },
  "fold",
  (body) => takeHourShard(ports, configuration, body),
);
