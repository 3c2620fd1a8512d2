import { makeLogger } from "@tollhouse/aws/logging/logger";
import { sqsSubscriptionRequests } from "@tollhouse/aws/message/subscription-requests";
import { eventBridgeBus } from "@tollhouse/aws/message/event-bus";
import { makeQueueClient } from "@tollhouse/aws/message/queue-client";
import { mailSenderOf } from "@tollhouse/aws/message/mail-sender";
import { sqsWaker } from "@tollhouse/aws/message/waker";
import { makeMeasure } from "@tollhouse/aws/metric/measure";
import { relayOutbox } from "@tollhouse/core/outbox/relay";
import configuration from "../../../../tollhouse.config.ts";
import { clockOfWorld, readEnvironment } from "../environment.ts";
import { lifecyclePorts } from "../lifecycle-ports.ts";
import { relayMailroom } from "./mailroom.ts";
import { tellRun } from "./tell-run.ts";
import { timekeeper } from "./timekeeper.ts";

const environment = readEnvironment(
  "LIFECYCLE_TABLE",
  "ENTITLEMENT_QUEUE_URL",
  "FOLD_QUEUE_URL",
  "METER_QUEUE_URL",
  "EVENT_BUS_NAME",
  "RELAY_QUEUE_URL",
  "REGISTRATION_URL",
);
const logger = makeLogger();
const measure = makeMeasure();
const { store, outbox } = lifecyclePorts(environment.LIFECYCLE_TABLE);
const clock = clockOfWorld();
const queues = makeQueueClient();
const waker = sqsWaker(queues, environment.RELAY_QUEUE_URL);
const { registrationPage } = configuration;
const sender = mailSenderOf(registrationPage);
const ports = {
  outbox,
  mailroom: relayMailroom(
    { store, sender, clock, registrationUrl: environment.REGISTRATION_URL, logger, measure },
    registrationPage,
  ),
  timekeeper: timekeeper({ store, clock, waker }, configuration),
  bus: eventBridgeBus(environment.EVENT_BUS_NAME),
  entitlementRequests: sqsSubscriptionRequests(queues, environment.ENTITLEMENT_QUEUE_URL),
  attributionRequests: sqsSubscriptionRequests(queues, environment.FOLD_QUEUE_URL),
  meterRequests: sqsSubscriptionRequests(queues, environment.METER_QUEUE_URL),
  clock,
};

/** Woken by a message or by the schedule; either says nothing but "look". */
export const handler = (): Promise<void> => tellRun({ logger, measure }, relayOutbox(ports));
