import { makeLogger } from "@tollhouse/aws/logging/logger";
import { makeMeasure } from "@tollhouse/aws/metric/measure";
import { ingestUsage } from "@tollhouse/core/usage/ingest";
import type { Context, SQSEvent } from "aws-lambda";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { lifecyclePorts } from "../lifecycle-ports.ts";
import { meteringPorts } from "../metering-ports.ts";

const { LIFECYCLE_TABLE, METERING_TABLE } = readEnvironment("LIFECYCLE_TABLE", "METERING_TABLE");
const logger = makeLogger();
const measure = makeMeasure();
const clock = clockOfWorld();
const { usageLog, keepShards } = meteringPorts(METERING_TABLE, configuration.settings, clock);
const ports = { usageLog, quarantine: lifecyclePorts(LIFECYCLE_TABLE).quarantine, clock };

/** The whole batch is packed together and so stands or falls together: when this throws, every message comes back. */
export const handler = async ({ Records }: SQSEvent, { awsRequestId }: Context): Promise<void> => {
  await keepShards();
  const messages = Records.map(({ messageId, body }) => ({ id: messageId, body }));
  const ingested = await ingestUsage(ports, configuration.settings, awsRequestId, messages);
  measure({ UsageEvents: ingested.eventCount, Quarantined: ingested.quarantinedCount });
  logger.info("Usage taken", { batchId: awsRequestId, messageCount: messages.length, ...ingested });
};
