import { pageClientSettings } from "@tollhouse/aws/client-settings";
import { makeLogger } from "@tollhouse/aws/logging/logger";
import { makeQueueClient } from "@tollhouse/aws/message/queue-client";
import { sqsUsageQueue } from "@tollhouse/aws/message/usage-queue";
import { handle } from "hono/aws-lambda";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { usageSite } from "./site.ts";

const { USAGE_QUEUE_URL } = readEnvironment("USAGE_QUEUE_URL");
const logger = makeLogger();
const ports = {
  clock: clockOfWorld(),
  queue: sqsUsageQueue(makeQueueClient(pageClientSettings), USAGE_QUEUE_URL, logger),
};

// eslint-disable-next-line @typescript-eslint/no-deprecated -- its successor @hono/aws-lambda is not published (November 2026).
export const handler = handle(usageSite(ports, configuration, logger));
