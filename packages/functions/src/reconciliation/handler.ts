import { makeLogger } from "@tollhouse/aws/logging/logger";
import { marketplaceAgreementReader } from "@tollhouse/aws/marketplace/agreement-reader";
import { sqsSubscriptionRequests } from "@tollhouse/aws/message/subscription-requests";
import { makeQueueClient } from "@tollhouse/aws/message/queue-client";
import { sqsWaker } from "@tollhouse/aws/message/waker";
import { makeMeasure } from "@tollhouse/aws/metric/measure";
import { reconcile } from "@tollhouse/core/reconciliation/reconcile";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { lifecyclePorts } from "../lifecycle-ports.ts";

const environment = readEnvironment("LIFECYCLE_TABLE", "RELAY_QUEUE_URL", "ENTITLEMENT_QUEUE_URL");
const logger = makeLogger();
const measure = makeMeasure();
const queues = makeQueueClient();
const { store, directory, suspicions } = lifecyclePorts(environment.LIFECYCLE_TABLE);
const ports = {
  ...{ store, directory, suspicions },
  clock: clockOfWorld(),
  waker: sqsWaker(queues, environment.RELAY_QUEUE_URL),
  agreements: marketplaceAgreementReader(configuration, "reconciliation", logger),
  entitlementRequests: sqsSubscriptionRequests(queues, environment.ENTITLEMENT_QUEUE_URL),
};

/** Run by the schedule; what to compare is found in the table. */
export const handler = async (): Promise<void> => {
  const { suspected, healed, ...counts } = await reconcile(ports, configuration);
  if (healed.length > 0) logger.warn("A lost notification was made good", { healed });
  if (suspected.length > 0)
    logger.warn("AWS shows what we were not told; it is compared again", { suspected });
  logger.info("Compared with AWS Marketplace", counts);
  measure({ RunsCompleted: 1 });
};
