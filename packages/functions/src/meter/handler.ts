import { makeLogger } from "@tollhouse/aws/logging/logger";
import { marketplaceUsageSubmitter } from "@tollhouse/aws/marketplace/usage-submitter";
import { sqsFoldRequests } from "@tollhouse/aws/message/fold-requests";
import { makeQueueClient } from "@tollhouse/aws/message/queue-client";
import { runMeter } from "@tollhouse/core/metering/run";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { lifecyclePorts } from "../lifecycle-ports.ts";
import { logName } from "../log-name.ts";
import { meteringPorts } from "../metering-ports.ts";

const environment = readEnvironment("LIFECYCLE_TABLE", "METERING_TABLE", "FOLD_QUEUE_URL");
const logger = makeLogger();
const clock = clockOfWorld();
const ports = {
  ...meteringPorts(environment.METERING_TABLE, configuration.settings, clock),
  clock,
  subscriptions: lifecyclePorts(environment.LIFECYCLE_TABLE).store,
  foldRequests: sqsFoldRequests(makeQueueClient(), environment.FOLD_QUEUE_URL),
  submitter: marketplaceUsageSubmitter(configuration),
};

/** Woken by a fold, which is done then, or by the schedule, which also asks for what is to be folded. */
export const handler = async (event: object): Promise<void> => {
  const asksForFolds = !("Records" in event);
  const { problems, skipped, submitted, looked, ...counts } = await runMeter(ports, configuration, {
    asksForFolds,
  });
  const { waiting, ...outcomes } = submitted;
  for (const problem of [...problems, ...waiting]) logger.warn("Metering waits", { problem });
  for (const { key, reason } of skipped)
    logger.warn("A book is not sealed", {
      subscription: logName(key.subscriptionId),
      dimension: key.dimension,
      reason,
    });
  if (looked.unbillableEvents > 0)
    logger.error("Usage was given up: nobody was found to bill it to", { events: looked.unbillableEvents });
  const { countedEvents, unbillableEvents } = looked;
  logger.info("Meter ran", {
    ...{ ...counts, countedEvents, unbillableEvents, ...outcomes },
    ...{ waiting: waiting.length, skipped: skipped.length },
  });
};
