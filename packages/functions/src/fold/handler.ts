import { makeLogger } from "@tollhouse/aws/logging/logger";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { lifecyclePorts } from "../lifecycle-ports.ts";
import { meteringPorts } from "../metering-ports.ts";
import { queueConsumer } from "../queue-consumer.ts";
import { takeFoldRequest } from "./take-fold-request.ts";

const { LIFECYCLE_TABLE, METERING_TABLE } = readEnvironment("LIFECYCLE_TABLE", "METERING_TABLE");
const { store, quarantine } = lifecyclePorts(LIFECYCLE_TABLE);
const clock = clockOfWorld();
const ports = {
  ...meteringPorts(METERING_TABLE, configuration.settings),
  subscriptions: store,
  quarantine,
  clock,
};

export const handler = queueConsumer({ logger: makeLogger(), clock, quarantine }, "fold", (body) =>
  takeFoldRequest(ports, configuration, body),
);
