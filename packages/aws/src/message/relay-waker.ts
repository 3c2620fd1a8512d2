import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { RelayWaker } from "@tollhouse/core/outbox/outbox";

export const sqsRelayWaker = (client: SQSClient, queueUrl: string): RelayWaker => ({
  async wake() {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "{}" }));
  },
});
