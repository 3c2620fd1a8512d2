import {
  functions,
  queues as schemas,
  type FunctionName,
  type QueueName,
} from "@tollhouse/functions/manifest";
import { accountId } from "./account";
import { bus } from "./bus";
import { named } from "./name";
import { onTable, type Permission } from "./permission";
import { deadLetters, queues } from "./queue";
import { open } from "./source";
import { tables } from "./storage";

/** What doctor looks at in this account. The seller's account it looks at as the seller's audit role (`seller.ts`). */
const describeTables = (): Permission => ({
  actions: ["dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:DescribeContinuousBackups"],
  resources: [tables.Lifecycle.arn, tables.Metering.arn],
});

const describeQueues = (): Permission => ({
  actions: ["sqs:GetQueueAttributes"],
  resources: [
    ...(Object.keys(schemas) as QueueName[]).map((name) => queues[name].arn),
    ...Object.values(deadLetters).map(({ arn }) => arn),
  ],
});

const describeBus = (): Permission => ({ actions: ["events:DescribeEventBus"], resources: [bus.arn] });

const names = Object.keys(functions) as FunctionName[];

/** By name and not by resource: doctor is one of them, and would depend on itself. */
const describeFunctions = (): Permission => ({
  actions: ["lambda:GetFunctionConfiguration"],
  resources: names.map((name) => $interpolate`arn:aws:lambda:us-east-1:${accountId}:function:${named(name)}`),
});

/**
 * AWS offers nothing narrower: ListEventSourceMappings knows no resource types (Service Authorization Reference, "Actions,
 * resources, and condition keys for AWS Lambda").
 */
const listMappings = (): Permission => ({ actions: ["lambda:ListEventSourceMappings"], resources: ["*"] });

const describeSchedules = (): Permission => ({
  actions: ["scheduler:GetSchedule"],
  resources: names
    .filter((name) => functions[name].sources.some(({ kind }) => kind === "schedule"))
    .map((name) => $interpolate`arn:aws:scheduler:us-east-1:${accountId}:schedule/default/${named(name)}`),
});

const listAlarmSubscribers = (): Permission => ({
  actions: ["sns:ListSubscriptionsByTopic"],
  resources: [$interpolate`arn:aws:sns:us-east-1:${accountId}:${named("alarms")}`],
});

open("doctor", [
  // Whether a product is paused or held.
  onTable("Metering", ["GetItem"]),
  describeTables(),
  describeQueues(),
  describeBus(),
  describeFunctions(),
  listMappings(),
  describeSchedules(),
  listAlarmSubscribers(),
]);
