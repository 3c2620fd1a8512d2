import {
  CreateTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { intakeSenders } from "@tollhouse/aws/message/intake-sender";
import {
  deadLetterOf,
  type Index,
  type QueueName,
  queues,
  type TableName,
  tables,
} from "@tollhouse/functions/manifest";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { Installation } from "@tollhouse/aws/seller/duty";
import { type LocalQueue, sellerEventsQueue } from "./places.ts";

/** A message taken by a worker that was killed comes back after this long at most; on AWS it is the manifest's. */
export const longestVisibilitySeconds = 15;

/** Every resource's name begins like this, as on AWS. */
export const stageName = ({ name }: Pick<Configuration, "name">): string => `${name}-local`;
/** This installation, as the seller's side knows it. */
export const installationOf = ({ name }: Pick<Configuration, "name">): Installation => ({
  name,
  stage: "local",
});
export const tableName = (configuration: Pick<Configuration, "name">, table: TableName): string =>
  `${stageName(configuration)}-${table}`;

/** Makes both tables as the stack does, or keeps those that are there. */
export async function createTables(configuration: Configuration, endpoint: string): Promise<void> {
  const client = new DynamoDBClient(localClient(endpoint));
  for (const table of Object.keys(tables) as TableName[])
    await createTable(client, tableName(configuration, table), tables[table]);
  client.destroy();
}

interface Key {
  readonly partition: string;
  readonly sort: string;
}

async function createTable(
  client: DynamoDBClient,
  name: string,
  {
    key,
    indexes,
    expiryAttribute,
  }: { key: Key; indexes: Readonly<Record<string, Index>>; expiryAttribute: string },
): Promise<void> {
  const keys = [key, ...Object.values(indexes)];
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: keys
          .flatMap(({ partition, sort }) => [partition, sort])
          .map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
        KeySchema: keySchema(key),
        GlobalSecondaryIndexes: Object.entries(indexes).map(([IndexName, index]) => ({
          IndexName,
          KeySchema: keySchema(index),
          Projection:
            index.holds === "all"
              ? { ProjectionType: "ALL" as const }
              : { ProjectionType: "INCLUDE" as const, NonKeyAttributes: [...index.holds] },
        })),
      }),
    );
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: name,
        TimeToLiveSpecification: { Enabled: true, AttributeName: expiryAttribute },
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}

const keySchema = ({ partition, sort }: Key) => [
  { AttributeName: partition, KeyType: "HASH" as const },
  { AttributeName: sort, KeyType: "RANGE" as const },
];

/** Makes every queue with its dead-letter queue and gives their URLs. */
export async function createQueues(
  configuration: Configuration,
  endpoint: string,
  visibleAfterSeconds = longestVisibilitySeconds,
): Promise<Readonly<Record<LocalQueue, string>>> {
  const client = new SQSClient(localClient(endpoint));
  const create = async (queue: string, Attributes: Record<string, string> = {}): Promise<string> => {
    const { QueueUrl } = await client.send(
      new CreateQueueCommand({ QueueName: `${stageName(configuration)}-${queue}` }),
    );
    const url = `${endpoint}${new URL(QueueUrl ?? "").pathname}`;
    // Set, and not given at its making: a kept queue may have been made with others, by an earlier version.
    await client.send(
      new SetQueueAttributesCommand({
        QueueUrl: url,
        Attributes: { SqsManagedSseEnabled: "true", ...Attributes },
      }),
    );
    return url;
  };
  const urls: [string, string][] = [];
  await create(deadLetterOf("Schedule"));
  for (const queue of Object.keys(queues) as QueueName[]) {
    const deadLetterArn = queueArn(await create(deadLetterOf(queue)));
    const { visibilitySeconds, maxReceives } = queues[queue];
    const url = await create(queue, {
      VisibilityTimeout: String(Math.min(visibilitySeconds, visibleAfterSeconds)),
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetterArn, maxReceiveCount: maxReceives }),
    });
    if (queue === "Intake") await admitSenders(client, url, configuration);
    urls.push([queue, url]);
  }
  urls.push([sellerEventsQueue, await create(sellerEventsQueue)]);
  client.destroy();
  return Object.fromEntries(urls) as Record<LocalQueue, string>;
}

/** The emulator enforces no policy; it is there to be looked at. */
async function admitSenders(client: SQSClient, url: string, configuration: Configuration): Promise<void> {
  const Statement = intakeSenders(configuration, installationOf(configuration)).map(
    ({ principals, conditions }) => ({
      Effect: "Allow",
      Principal: Object.fromEntries(principals.map((principal) => principal.split(" "))) as object,
      Action: "sqs:SendMessage",
      Resource: queueArn(url),
      Condition: Object.fromEntries(
        conditions.map(({ operator, key, values }) => [operator, { [key]: values }]),
      ),
    }),
  );
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
  await client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy } }));
}

/** As the emulator names it, by account and name of its URL. */
export function queueArn(url: string): string {
  const [account = "", name = ""] = new URL(url).pathname.split("/").slice(1);
  return `arn:aws:sqs:us-east-1:${account}:${name}`;
}

/** The emulators take any credentials; these are no secret. */
const localClient = (endpoint: string) => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "LOCAL", secretAccessKey: "local" },
});
