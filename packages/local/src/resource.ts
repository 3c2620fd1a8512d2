import {
  CreateTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  deadLetterOf,
  type Index,
  type QueueName,
  queues,
  type TableName,
  tables,
} from "@tollhouse/functions/manifest";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { type LocalQueue, sellerEventsQueue } from "./places.ts";

/** A message taken by a worker that was killed comes back after this long at most; on AWS it is the manifest's. */
const longestVisibilitySeconds = 15;

/** Every resource's name begins like this, as on AWS. */
export const stageName = ({ name }: Pick<Configuration, "name">): string => `${name}-local`;
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
      new CreateQueueCommand({ QueueName: `${stageName(configuration)}-${queue}`, Attributes }),
    );
    const url = new URL(QueueUrl ?? "");
    return `${endpoint}${url.pathname}`;
  };
  const urls: [string, string][] = [];
  for (const queue of Object.keys(queues) as QueueName[]) {
    const deadLetterUrl = await create(deadLetterOf(queue));
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ["QueueArn"] }),
    );
    const { visibilitySeconds, maxReceives } = queues[queue];
    urls.push([
      queue,
      await create(queue, {
        VisibilityTimeout: String(Math.min(visibilitySeconds, visibleAfterSeconds)),
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: Attributes?.["QueueArn"],
          maxReceiveCount: maxReceives,
        }),
      }),
    ]);
  }
  urls.push([sellerEventsQueue, await create(sellerEventsQueue)]);
  client.destroy();
  return Object.fromEntries(urls) as Record<LocalQueue, string>;
}

/** The emulators take any credentials; these are no secret. */
const localClient = (endpoint: string) => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "LOCAL", secretAccessKey: "local" },
});
