import { makeLogger } from "@tollhouse/aws/logging/logger";
import { makeMeasure } from "@tollhouse/aws/metric/measure";
import { makeQueueClient } from "@tollhouse/aws/message/queue-client";
import { sqsWaker } from "@tollhouse/aws/message/waker";
import { snsCertificates } from "@tollhouse/aws/sns/certificate";
import { snsSubscriptionConfirmer } from "@tollhouse/aws/sns/subscription";
import configuration from "../../../../tollhouse.config.ts";
import { certificateOriginOfWorld, clockOfWorld, readEnvironment } from "../environment.ts";
import { httpHandler } from "../http-handler.ts";
import { lifecyclePorts } from "../lifecycle-ports.ts";
import { snsSite } from "./site.ts";

const { LIFECYCLE_TABLE, RELAY_QUEUE_URL } = readEnvironment("LIFECYCLE_TABLE", "RELAY_QUEUE_URL");
const { store, quarantine } = lifecyclePorts(LIFECYCLE_TABLE);
const ports = {
  store,
  quarantine,
  measure: makeMeasure(),
  clock: clockOfWorld(),
  waker: sqsWaker(makeQueueClient(), RELAY_QUEUE_URL),
  confirmer: snsSubscriptionConfirmer(),
  certificates: snsCertificates(certificateOriginOfWorld()),
};

export const handler = httpHandler(snsSite(ports, configuration, makeLogger()));
