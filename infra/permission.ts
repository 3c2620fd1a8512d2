import type { QueueName, tables as schemas, TableName } from "@tollhouse/functions/manifest";
import { bus } from "./bus";
import { deadLetters, queues } from "./queue";
import { tables } from "./storage";

/**
 * What a function may do, action by action. SST's `link` would grant `dynamodb:*` and `sqs:*`, so nothing is linked.
 * A DynamoDB transaction needs the permission of each of its parts and none of its own.
 */
export type Permission = {
  actions: string[];
  resources: $util.Input<string>[];
  conditions?: { test: string; variable: string; values: string[] }[];
};

type TableAction =
  | "BatchGetItem"
  | "BatchWriteItem"
  | "ConditionCheckItem"
  | "DeleteItem"
  | "GetItem"
  | "PutItem"
  | "Query"
  | "Scan"
  | "UpdateItem";

export const onTable = (table: TableName, actions: TableAction[]): Permission => ({
  actions: actions.map((action) => `dynamodb:${action}`),
  resources: [tables[table].arn],
});

export const queryIndex = <Table extends TableName>(
  table: Table,
  index: keyof (typeof schemas)[Table]["indexes"] & string,
): Permission => ({
  actions: ["dynamodb:Query"],
  resources: [$interpolate`${tables[table].arn}/index/${index}`],
});

export const sendTo = (queue: QueueName): Permission => ({
  actions: ["sqs:SendMessage"],
  resources: [queues[queue].arn],
});

/** What Lambda's poller asks of the function's role (AWS Lambda guide, "Using Lambda with Amazon SQS"). */
export const receiveFrom = (queue: QueueName): Permission => ({
  actions: [
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
  ],
  resources: [queues[queue].arn],
});

export const giveUpTicks = (): Permission => ({
  actions: ["sqs:SendMessage"],
  resources: [deadLetters.Schedule.arn],
});

export const publish = (): Permission => ({ actions: ["events:PutEvents"], resources: [bus.arn] });
