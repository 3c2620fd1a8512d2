import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Waker } from "@tollhouse/core/outbox/outbox";

export const sqsWaker = (client: SQSClient, queueUrl: string): Waker => ({
  async wake() {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "{}" }));
  },
});
