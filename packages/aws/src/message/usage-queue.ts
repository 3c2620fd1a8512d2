import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** Sends usage events, CloudEvents as the seller's services write them, in one message. */
export async function sendUsage(
  client: SQSClient,
  queueUrl: string,
  events: readonly unknown[],
): Promise<void> {
  await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(events) }));
}
