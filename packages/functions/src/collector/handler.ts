import { pageClientSettings } from "@tollhouse/aws/client-settings";
import { makeLogger } from "@tollhouse/aws/logging/logger";
import { makeQueueClient } from "@tollhouse/aws/message/queue-client";
import { sqsUsageQueue } from "@tollhouse/aws/message/usage-queue";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { httpHandler } from "../http-handler.ts";
import { usageSite } from "./site.ts";

const { USAGE_QUEUE_URL } = readEnvironment("USAGE_QUEUE_URL");
const logger = makeLogger();
const ports = {
  clock: clockOfWorld(),
  queue: sqsUsageQueue(makeQueueClient(pageClientSettings), USAGE_QUEUE_URL, logger),
};

export const handler = httpHandler(usageSite(ports, configuration, logger));
