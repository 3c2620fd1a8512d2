import { makeLogger } from "@tollhouse/aws/logging/logger";
import { marketplaceTokenResolver } from "@tollhouse/aws/marketplace/token-resolver";
import { makeMeasure } from "@tollhouse/aws/metric/measure";
import { makeQueueClient } from "@tollhouse/aws/message/queue-client";
import { sqsWaker } from "@tollhouse/aws/message/waker";
import { handle } from "hono/aws-lambda";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { lifecyclePorts } from "../lifecycle-ports.ts";
import { registrationSite } from "./site.ts";

const { LIFECYCLE_TABLE, RELAY_QUEUE_URL } = readEnvironment("LIFECYCLE_TABLE", "RELAY_QUEUE_URL");
const ports = {
  store: lifecyclePorts(LIFECYCLE_TABLE).store,
  clock: clockOfWorld(),
  measure: makeMeasure(),
  resolver: marketplaceTokenResolver(configuration),
  waker: sqsWaker(makeQueueClient(), RELAY_QUEUE_URL),
};

// eslint-disable-next-line @typescript-eslint/no-deprecated -- its successor @hono/aws-lambda is not published (November 2026).
export const handler = handle(registrationSite(ports, configuration, makeLogger()));
