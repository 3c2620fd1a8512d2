import {
  deadLetterOf,
  deadLetterRetentionDays,
  queues as settings,
  type QueueName,
} from "@tollhouse/functions/manifest";
import { named } from "./name";

/** SQS counts a message's age from its first sending also in a dead-letter queue, so these keep longer than the others' 4 days. */
const deadLetter = (source: QueueName | "Schedule") =>
  new sst.aws.Queue(deadLetterOf(source), {
    transform: {
      queue: {
        name: named(deadLetterOf(source)),
        messageRetentionSeconds: deadLetterRetentionDays * 24 * 60 * 60,
        sqsManagedSseEnabled: true,
      },
    },
  });

export const deadLetters = {
  Intake: deadLetter("Intake"),
  Relay: deadLetter("Relay"),
  Entitlement: deadLetter("Entitlement"),
  Usage: deadLetter("Usage"),
  Fold: deadLetter("Fold"),
  Meter: deadLetter("Meter"),
  Schedule: deadLetter("Schedule"),
} satisfies Record<QueueName | "Schedule", sst.aws.Queue>;

const queue = (name: QueueName) =>
  new sst.aws.Queue(name, {
    visibilityTimeout: `${settings[name].visibilitySeconds} seconds`,
    dlq: { queue: deadLetters[name].arn, retry: settings[name].maxReceives },
    transform: { queue: { name: named(name), sqsManagedSseEnabled: true } },
  });

export const queues = {
  Intake: queue("Intake"),
  Relay: queue("Relay"),
  Entitlement: queue("Entitlement"),
  Usage: queue("Usage"),
  Fold: queue("Fold"),
  Meter: queue("Meter"),
} satisfies Record<QueueName, sst.aws.Queue>;
