import { hasBus } from "@tollhouse/aws/doctor/notification-reader";
import { queueReader } from "@tollhouse/aws/doctor/queue-reader";
import { intakeSenders } from "@tollhouse/aws/message/intake-sender";
import type { Check } from "@tollhouse/core/doctor/examine";
import { fail, pass } from "@tollhouse/core/doctor/finding";
import { judgeDeadLetters, judgeQueue, judgeSenders, type SeenQueue } from "@tollhouse/core/doctor/queue";
import { deadLetterOf, type QueueName, queues } from "../manifest.ts";
import { deadLetterNames, type Installation } from "./installation.ts";
import { once } from "./once.ts";

const names = Object.keys(queues) as QueueName[];

/** Whether messages wait, come back and are given up as the manifest says. */
export function queueChecks(installation: Installation): {
  readonly checks: readonly Check[];
  readonly intake: () => Promise<SeenQueue | undefined>;
} {
  const { own, queueUrls, deadLetterUrl, busName, configuration, stage, remedies } = installation;
  const reader = queueReader(own);
  const intake = once(() => reader.queue(queueUrls.Intake));
  return {
    intake,
    checks: [
      ...names.map((name): Check => ({
        id: `queues.${name}`,
        group: "queues",
        tried: `${name} holds a taken message back, and gives up what keeps failing`,
        async look() {
          const deadLetter = await reader.queue(deadLetterUrl(deadLetterOf(name)));
          return judgeQueue(
            await reader.queue(queueUrls[name]),
            deadLetter,
            wanted(name, installation),
            remedies,
          );
        },
      })),
      {
        id: "queues.Intake.senders",
        group: "queues",
        tried: "Intake takes messages from AWS Marketplace's topics and the seller's rule alone",
        look: async () =>
          judgeSenders(
            await intake(),
            intakeSenders(configuration, { name: configuration.name, stage }),
            remedies,
          ),
      },
      {
        id: "queues.bus",
        group: "queues",
        tried: "The event bus is there, on which the seller's services hear what happened",
        look: async () =>
          (await hasBus(own, busName))
            ? pass(`It is ${busName}.`)
            : fail(
                `There is no event bus ${busName}: what happens waits in the outbox.`,
                remedies.deployStack,
              ),
      },
      {
        id: "queues.dead-letters",
        group: "queues",
        tried: "No message was given up on",
        async look() {
          const seen = await Promise.all(
            deadLetterNames(names).map(async (name) => ({
              name,
              queue: await reader.queue(deadLetterUrl(name)),
            })),
          );
          return judgeDeadLetters(
            seen,
            installation.place === "local" ? originOf(queueUrls.Intake) : undefined,
            remedies,
          );
        },
      },
    ],
  };
}

const wanted = (name: QueueName, { longestVisibilitySeconds }: Installation) => ({
  maxReceives: queues[name].maxReceives,
  visibilitySeconds: Math.min(queues[name].visibilitySeconds, longestVisibilitySeconds),
});

const originOf = (url: string): string => new URL(url).origin;
