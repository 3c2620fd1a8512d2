import { makeLogger } from "@tollhouse/aws/logging/logger";
import { makeQueueClient } from "@tollhouse/aws/message/queue-client";
import { sqsWaker } from "@tollhouse/aws/message/waker";
import { makeMeasure } from "@tollhouse/aws/metric/measure";
import configuration from "../../../../tollhouse.config.ts";
import { batchedWaker } from "../batched-waker.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { lifecyclePorts } from "../lifecycle-ports.ts";
import { meteringPorts } from "../metering-ports.ts";
import { queueConsumer } from "../queue-consumer.ts";
import { takeFoldRequest } from "./take-fold-request.ts";

const environment = readEnvironment("LIFECYCLE_TABLE", "METERING_TABLE", "METER_QUEUE_URL");
const { store, quarantine } = lifecyclePorts(environment.LIFECYCLE_TABLE);
const clock = clockOfWorld();
const waker = batchedWaker(sqsWaker(makeQueueClient(), environment.METER_QUEUE_URL));
const ports = {
  ...meteringPorts(environment.METERING_TABLE, configuration.settings, clock),
  subscriptions: store,
  quarantine,
  clock,
  waker,
};

export const handler = queueConsumer(
  { logger: makeLogger(), measure: makeMeasure(), clock, quarantine, waker },
  "fold",
  (body) => takeFoldRequest(ports, configuration, body),
);
