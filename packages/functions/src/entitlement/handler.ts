import { makeLogger } from "@tollhouse/aws/logging/logger";
import { makeQueueClient } from "@tollhouse/aws/message/queue-client";
import { sqsWaker } from "@tollhouse/aws/message/waker";
import { marketplaceEntitlementReader } from "@tollhouse/aws/marketplace/entitlement-reader";
import { makeMeasure } from "@tollhouse/aws/metric/measure";
import configuration from "../../../../tollhouse.config.ts";
import { batchedWaker } from "../batched-waker.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { lifecyclePorts } from "../lifecycle-ports.ts";
import { queueConsumer } from "../queue-consumer.ts";
import { takeRequest } from "./take-request.ts";

const { LIFECYCLE_TABLE, RELAY_QUEUE_URL } = readEnvironment("LIFECYCLE_TABLE", "RELAY_QUEUE_URL");
const clock = clockOfWorld();
const waker = batchedWaker(sqsWaker(makeQueueClient(), RELAY_QUEUE_URL));
const { store, quarantine } = lifecyclePorts(LIFECYCLE_TABLE);
const ports = {
  store,
  clock,
  reader: marketplaceEntitlementReader(configuration, "entitlement"),
  waker,
};

export const handler = queueConsumer(
  { logger: makeLogger(), measure: makeMeasure(), clock, quarantine, waker },
  "entitlement",
  (body) => takeRequest(ports, configuration, body),
);
