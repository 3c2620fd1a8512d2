import { dynamoBookStore } from "@tollhouse/aws/dynamodb/book-store";
import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { dynamoFoldStore } from "@tollhouse/aws/dynamodb/fold-store";
import { dynamoRecordStore } from "@tollhouse/aws/dynamodb/record-store";
import { dynamoUsageLog } from "@tollhouse/aws/dynamodb/usage-log";
import { makeLogger } from "@tollhouse/aws/logging/logger";
import { marketplaceUsageSubmitter } from "@tollhouse/aws/marketplace/usage-submitter";
import { runMeter } from "@tollhouse/core/metering/run";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { lifecyclePorts } from "../lifecycle-ports.ts";

const { LIFECYCLE_TABLE, METERING_TABLE } = readEnvironment("LIFECYCLE_TABLE", "METERING_TABLE");
const logger = makeLogger();
const client = makeDocumentClient();
const ports = {
  clock: clockOfWorld(),
  subscriptions: lifecyclePorts(LIFECYCLE_TABLE).store,
  usageLog: dynamoUsageLog(client, METERING_TABLE),
  folds: dynamoFoldStore(client, METERING_TABLE),
  books: dynamoBookStore(client, METERING_TABLE),
  records: dynamoRecordStore(client, METERING_TABLE),
  submitter: marketplaceUsageSubmitter(configuration),
};

export const handler = async (): Promise<void> => {
  const { problems, submitted, ...counts } = await runMeter(ports, configuration);
  const { waiting, ...outcomes } = submitted;
  for (const problem of [...problems, ...waiting]) logger.warn("Metering waits", { problem });
  logger.info("Meter ran", { ...counts, ...outcomes, waiting: waiting.length });
};
