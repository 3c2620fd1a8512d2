import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { buildApp } from "fauxqs";
import { exampleCatalogue } from "@tollhouse/simulator/rules/example";
import {
  parseConfiguration,
  type SimulatorConfigurationInput,
} from "@tollhouse/simulator/server/configuration";
import { startSimulator } from "@tollhouse/simulator/server/start";

export const buyer = "123456789012";
export const externalId = "tried-in-a-test";
export const callerArn = "arn:aws:iam::444455556666:role/tollhouse-local";
export const caller = { accessKeyId: "LOCALPRODUCTION", secretAccessKey: "of-no-worth" };
export const roleArn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
export const startAt = "2026-08-20T14:23:11.013Z";

const allActions = [
  "ResolveCustomer",
  "BatchMeterUsage",
  "GetEntitlements",
  "SearchAgreements",
  "DescribeAgreement",
  "GetAgreementTerms",
  "GetAgreementEntitlements",
].map((name) => `aws-marketplace:${name}`);

/** The caller as the configuration names it; the SDK writes notes of its own into credentials it was given. */
export const configuredCaller = (principalArn: string, actions: string[] = []) => ({
  accessKeyId: caller.accessKeyId,
  secretAccessKey: caller.secretAccessKey,
  principalArn,
  actions,
});

/** The configuration of a simulator whose clock stands, with a role for everything and one for metering alone. */
export function configurationInput(
  sqsUrl: string,
  change: Partial<SimulatorConfigurationInput> = {},
): SimulatorConfigurationInput {
  const { sellerAccountId, topicAccountId, products } = exampleCatalogue;
  return {
    sellerAccountId,
    topicAccountId,
    callers: [
      configuredCaller(callerArn),
      {
        accessKeyId: "STRANGER",
        secretAccessKey: "also-of-no-worth",
        principalArn: "arn:aws:iam::999900001111:user/stranger",
      },
    ],
    roles: [
      { arn: roleArn("Everything"), externalId, trusts: [callerArn], actions: allActions },
      {
        arn: roleArn("Metering"),
        externalId,
        trusts: [callerArn],
        actions: ["aws-marketplace:BatchMeterUsage"],
      },
    ],
    products: products.map((product) => ({
      ...product,
      dimensions: product.dimensions.map(({ key, types }) => ({ key, types: [...types] })),
    })),
    sqs: { endpoint: sqsUrl },
    notificationQueueUrl: queueUrl(sqsUrl, "intake"),
    buses: [
      {
        name: "tollhouse",
        rules: [
          { name: "all", pattern: {}, queueUrl: queueUrl(sqsUrl, "all") },
          { name: "usage", pattern: { source: ["usage"] }, queueUrl: queueUrl(sqsUrl, "usage") },
          { name: "lost", pattern: { "detail-type": ["lost"] }, queueUrl: queueUrl(sqsUrl, "no-such-queue") },
        ],
      },
    ],
    clock: { startAt, rate: 0 },
    ...change,
  };
}

export const queueUrl = (sqsUrl: string, name: string) => `${sqsUrl}/000000000000/${name}`;

/** A local SQS with the given queues. */
export async function startQueues(...names: string[]) {
  const app = buildApp({ logger: false });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const client = new SQSClient({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "TEST", secretAccessKey: "test" },
  });
  const create = (name: string) =>
    app.inject({
      method: "POST",
      url: "/",
      headers: { "x-amz-target": "AmazonSQS.CreateQueue", "content-type": "application/x-amz-json-1.0" },
      payload: JSON.stringify({ QueueName: name }),
    });
  for (const name of names) await create(name);

  /** Takes every message out of the queue, oldest first. */
  async function drain(name: string): Promise<Record<string, unknown>[]> {
    const QueueUrl = queueUrl(url, name);
    const bodies: Record<string, unknown>[] = [];
    for (;;) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
      );
      if (Messages.length === 0) return bodies;
      for (const { Body = "{}", ReceiptHandle } of Messages) {
        bodies.push(JSON.parse(Body) as Record<string, unknown>);
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  }
  return {
    url,
    create,
    drain,
    close: async () => {
      client.destroy();
      await app.close();
    },
  };
}

export interface Agreed {
  readonly agreementId: string;
  readonly licenseArn: string;
  readonly customerIdentifier?: string;
  readonly registrationToken: string;
}

/** A simulator in this process, with the control API as functions. */
export async function startWorld(
  sqsUrl: string,
  change: Partial<SimulatorConfigurationInput> = {},
  elapsedMs?: () => number,
) {
  const configuration = parseConfiguration(configurationInput(sqsUrl, change));
  const simulator = await startSimulator({ configuration, elapsedMs });
  const control = controlOf(simulator.url);
  return {
    ...simulator,
    ...control,
    /** Client settings with a session of the role. */
    as: (role: string) => asRole(simulator.url, role),
  };
}

/** The control API of a running simulator. */
export function controlOf(url: string) {
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/_simulator${path}`, {
      method,
      ...(method === "GET" ? {} : { headers: { "content-type": "application/json" } }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return {
    call,
    subscribe: async (productCode: string, more: object = {}) => {
      const { body } = await call("POST", "/agreements", { productCode, buyerAccountId: buyer, ...more });
      return body as unknown as Agreed;
    },
    advance: (advanceSeconds: number) => call("POST", "/clock", { advanceSeconds }),
    flush: async () => (await call("POST", "/notifications/flush")).body,
  };
}

export function asRole(url: string, role: string) {
  const clientConfig = { endpoint: url, region: "us-east-1" };
  return {
    ...clientConfig,
    maxAttempts: 1,
    credentials: fromTemporaryCredentials({
      masterCredentials: caller,
      clientConfig,
      params: { RoleArn: roleArn(role), ExternalId: externalId, RoleSessionName: "test" },
    }),
  };
}

/** The name of the error that `promise` ends with, or `none`. */
export const errorName = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "none",
    (error: unknown) => (error instanceof Error ? error.name : "not an Error"),
  );
