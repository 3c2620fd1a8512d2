import { makeLogger } from "@tollhouse/aws/logging/logger";
import { makeQueueClient } from "@tollhouse/aws/message/queue-client";
import { sqsWaker } from "@tollhouse/aws/message/waker";
import { snsSubscriptionConfirmer } from "@tollhouse/aws/sns/subscription";
import { makeMeasure } from "@tollhouse/aws/metric/measure";
import configuration from "../../../../tollhouse.config.ts";
import { batchedWaker } from "../batched-waker.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { lifecyclePorts } from "../lifecycle-ports.ts";
import { queueConsumer } from "../queue-consumer.ts";
import { takeNotification } from "./take-notification.ts";

const { LIFECYCLE_TABLE, RELAY_QUEUE_URL } = readEnvironment("LIFECYCLE_TABLE", "RELAY_QUEUE_URL");
const clock = clockOfWorld();
const waker = batchedWaker(sqsWaker(makeQueueClient(), RELAY_QUEUE_URL));
const { store, quarantine } = lifecyclePorts(LIFECYCLE_TABLE);
const ports = {
  store,
  clock,
  waker,
  confirmer: snsSubscriptionConfirmer(),
};

export const handler = queueConsumer(
  { logger: makeLogger(), measure: makeMeasure(), clock, quarantine, waker },
  "intake",
  (body) => takeNotification(ports, configuration, body),
);
