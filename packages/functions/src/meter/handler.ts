import { makeLogger } from "@tollhouse/aws/logging/logger";
import { marketplaceUsageSubmitter } from "@tollhouse/aws/marketplace/usage-submitter";
import { sqsFoldRequests } from "@tollhouse/aws/message/fold-requests";
import { makeQueueClient } from "@tollhouse/aws/message/queue-client";
import { sqsWaker } from "@tollhouse/aws/message/waker";
import { makeMeasure } from "@tollhouse/aws/metric/measure";
import { runMeter } from "@tollhouse/core/metering/run";
import type { Context, SQSEvent } from "aws-lambda";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { lifecyclePorts } from "../lifecycle-ports.ts";
import { functions } from "../manifest.ts";
import { meteringPorts } from "../metering-ports.ts";
import { concludeRun } from "./conclude-run.ts";
import { readWake } from "./read-wake.ts";

const environment = readEnvironment("LIFECYCLE_TABLE", "METERING_TABLE", "FOLD_QUEUE_URL", "METER_QUEUE_URL");
const logger = makeLogger();
const measure = makeMeasure();
const clock = clockOfWorld();
const queues = makeQueueClient();
const { store, directory, outbox, runWitness } = lifecyclePorts(environment.LIFECYCLE_TABLE);
const ports = {
  ...meteringPorts(environment.METERING_TABLE, configuration.settings, clock),
  ...{ clock, directory, outbox, runWitness, subscriptions: store },
  foldRequests: sqsFoldRequests(queues, environment.FOLD_QUEUE_URL),
  submitter: marketplaceUsageSubmitter(configuration, logger),
};
const waker = sqsWaker(queues, environment.METER_QUEUE_URL);
const timeoutMs = functions.meter.timeoutSeconds * 1_000;

/** Woken by the schedule, by a fold that is done, by a subscription that changed, or by itself when its time ran out. */
export const handler = async (event: SQSEvent | object, context: Context): Promise<void> => {
  const { request, isScheduled, strangeMessages } = readWake(event);
  if (strangeMessages > 0)
    logger.warn("Messages of the meter's queue say nothing that it knows", { strangeMessages });
  const timeLeft = () => Math.min(Math.max(context.getRemainingTimeInMillis() / timeoutMs, 0), 1);
  const report = await runMeter(ports, configuration, { ...request, timeLeft });
  await concludeRun({ logger, measure, waker }, report, isScheduled);
};
