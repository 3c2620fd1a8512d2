import { DescribeTableCommand, UpdateTableCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  type QueueAttributeName,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import type { QueueName } from "@tollhouse/functions/manifest";
import { instant } from "@tollhouse/core/time/instant";
import { vi } from "vitest";
import type { Break } from "./doctor-break.ts";
import type { DoctorWorld } from "./doctor-world.ts";

const stack = /npm start/;
const mailer = "n0123examplemailer0000000";
const at = instant(Date.parse("2026-11-22T01:02:03Z"));

/** Gives a queue another attribute, and its own again. */
function attribute(queue: QueueName, name: QueueAttributeName, value: string) {
  let before = "";
  const set = ({ queues, queueUrls }: DoctorWorld, to: string) =>
    queues.send(new SetQueueAttributesCommand({ QueueUrl: queueUrls[queue], Attributes: { [name]: to } }));
  return {
    break: async (world: DoctorWorld) => {
      const { Attributes } = await world.queues.send(
        new GetQueueAttributesCommand({ QueueUrl: world.queueUrls[queue], AttributeNames: [name] }),
      );
      before = Attributes?.[name] ?? "";
      await set(world, value);
    },
    mend: (world: DoctorWorld) => set(world, before),
  };
}

const policyFor = (principal: unknown) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: "sqs:SendMessage", Resource: "*" }],
  });

const deadLetterUrl = ({ queueUrls }: DoctorWorld, queue: QueueName | "Schedule") =>
  queueUrls.Intake.replace(/Intake$/, `${queue}DeadLetter`);

const deadLettersGone = (queue: QueueName | "Schedule") => ({
  break: (world: DoctorWorld) =>
    world.queues.send(new DeleteQueueCommand({ QueueUrl: deadLetterUrl(world, queue) })),
  mend: (world: DoctorWorld) =>
    world.queues.send(
      new CreateQueueCommand({
        QueueName: `tollhouse-local-${queue}DeadLetter`,
        Attributes: { SqsManagedSseEnabled: "true" },
      }),
    ),
});

const switched = (change: (switches: DoctorWorld["switches"]) => Promise<void>) => ({
  break: ({ switches }: DoctorWorld) => change(switches),
  mend: async ({ switches }: DoctorWorld) => {
    await switches.resume(mailer);
    await switches.release(mailer);
  },
});

const indexStatus = async ({ tables, tableNames }: DoctorWorld): Promise<string | undefined> => {
  const { Table } = await tables.send(new DescribeTableCommand({ TableName: tableNames.Metering }));
  return Table?.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === "pending")?.IndexStatus;
};

const timeToLive =
  (Enabled: boolean) =>
  ({ tables, tableNames }: DoctorWorld) =>
    tables.send(
      new UpdateTimeToLiveCommand({
        TableName: tableNames.Lifecycle,
        TimeToLiveSpecification: { Enabled, AttributeName: "expiresAt" },
      }),
    );

/** What can be wrong on our own side. */
export const ownBreaks: readonly Break[] = [
  {
    name: "a queue hands a message out again while it is being handled",
    ...attribute("Relay", "VisibilityTimeout", "3"),
    found: { "queues.Relay": ["fail", /comes back after 3 s, not 15 s/, stack] },
  },
  {
    name: "a queue never gives up",
    ...attribute("Fold", "RedrivePolicy", ""),
    found: { "queues.Fold": ["fail", /there is no redrive/, stack] },
  },
  {
    name: "a queue gives up into another's dead letters",
    ...attribute(
      "Fold",
      "RedrivePolicy",
      JSON.stringify({
        deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:tollhouse-local-MeterDeadLetter",
        maxReceiveCount: 5,
      }),
    ),
    found: { "queues.Fold": ["fail", /goes to .*MeterDeadLetter, not after 5 to .*FoldDeadLetter/, stack] },
  },
  {
    name: "a queue lies in clear on disk",
    ...attribute("Usage", "SqsManagedSseEnabled", "false"),
    found: { "queues.Usage": ["fail", /not encrypted at rest/, stack] },
  },
  {
    name: "a dead-letter queue is gone",
    ...deadLettersGone("Meter"),
    found: {
      "queues.Meter": ["fail", /dead-letter queue does not exist/, stack],
      "queues.dead-letters": ["fail", /^MeterDeadLetter does not exist/, stack],
    },
  },
  {
    name: "the schedules' dead-letter queue is gone",
    ...deadLettersGone("Schedule"),
    found: { "queues.dead-letters": ["fail", /^ScheduleDeadLetter does not exist/, stack] },
  },
  {
    name: "anybody may fill the intake",
    ...attribute("Intake", "Policy", policyFor("*")),
    found: {
      "queues.Intake.senders": [
        "fail",
        /AWS Marketplace's topics may not send.*event rule may not send.*it lets \* in/,
        stack,
      ],
    },
  },
  {
    name: "SNS of any account may fill the intake, as by SST's own policy",
    ...attribute("Intake", "Policy", policyFor({ Service: "sns.amazonaws.com" })),
    found: { "queues.Intake.senders": ["fail", /it lets Service sns\.amazonaws\.com in/, stack] },
  },
  {
    name: "the event bus is gone",
    break: ({ changeAccount }) => changeAccount({ goneBuses: ["tollhouse-local"] }),
    mend: ({ restoreAccount }) => restoreAccount(),
    found: { "queues.bus": ["fail", /no event bus tollhouse-local: what happens waits/, stack] },
  },
  {
    name: "a message was given up on",
    break: (world) =>
      world.queues.send(
        new SendMessageCommand({ QueueUrl: deadLetterUrl(world, "Intake"), MessageBody: "poison" }),
      ),
    mend: (world) => world.queues.send(new PurgeQueueCommand({ QueueUrl: deadLetterUrl(world, "Intake") })),
    found: {
      "queues.dead-letters": [
        "warn",
        /^IntakeDeadLetter holds 1\.$/,
        /aws sqs receive-message --endpoint-url http:.*IntakeDeadLetter/,
      ],
    },
  },
  {
    name: "a table lacks an index",
    break: async (world) => {
      await world.tables.send(
        new UpdateTableCommand({
          TableName: world.tableNames.Metering,
          GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "pending" } }],
        }),
      );
      await vi.waitUntil(async () => (await indexStatus(world)) === undefined, {
        timeout: 20_000,
        interval: 50,
      });
    },
    mend: async (world) => {
      await world.tables.send(
        new UpdateTableCommand({
          TableName: world.tableNames.Metering,
          AttributeDefinitions: ["pk", "sk", "gsi1pk", "gsi1sk"].map((AttributeName) => ({
            AttributeName,
            AttributeType: "S",
          })),
          GlobalSecondaryIndexUpdates: [
            {
              Create: {
                IndexName: "pending",
                KeySchema: [
                  { AttributeName: "gsi1pk", KeyType: "HASH" },
                  { AttributeName: "gsi1sk", KeyType: "RANGE" },
                ],
                Projection: {
                  ProjectionType: "INCLUDE",
                  NonKeyAttributes: ["subscriptionId", "dimension"],
                },
              },
            },
          ],
        }),
      );
      await vi.waitUntil(async () => (await indexStatus(world)) === "ACTIVE", {
        timeout: 20_000,
        interval: 50,
      });
    },
    found: { "tables.Metering.shape": ["fail", /^It has no index pending\.$/, stack] },
  },
  {
    name: "a table keeps everything for ever",
    break: timeToLive(false),
    mend: timeToLive(true),
    found: { "tables.Lifecycle.expiry": ["fail", /never go.*not after that in expiresAt/, stack] },
  },
  {
    name: "a product is paused",
    ...switched((switches) => switches.pause(mailer, "the exporter counts twice", at)),
    found: {
      [`marketplace.metering.${mailer}`]: [
        "warn",
        /^Paused since 2026-11-22T01:02:03.*the exporter counts twice/,
        /metering resume n0123/,
      ],
    },
  },
  {
    name: "a product is held",
    ...switched((switches) => switches.hold(mailer, "AWS does not let us", at)),
    found: {
      [`marketplace.metering.${mailer}`]: [
        "warn",
        /^Held since 2026-11-22T01:02:03.*AWS does not let us/,
        /ledger at-risk/,
      ],
    },
  },
];
