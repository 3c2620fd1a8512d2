import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { SimulatorConfiguration } from "./configuration.ts";

/** Puts one message into a queue; resolves when SQS has accepted it. */
export type Send = (queueUrl: string, body: string) => Promise<void>;

/** The queues of a local SQS, whose credentials mean nothing. A queue URL's own origin wins over the endpoint. */
export function connectQueues({ sqs }: Pick<SimulatorConfiguration, "sqs">): {
  readonly send: Send;
  readonly close: () => void;
} {
  const client = new SQSClient({
    endpoint: sqs.endpoint,
    region: sqs.region,
    credentials: { accessKeyId: "SIMULATOR", secretAccessKey: "simulator" },
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
  return {
    send: async (QueueUrl, MessageBody) => {
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    },
    close: () => client.destroy(),
  };
}
