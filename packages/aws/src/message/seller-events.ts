import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import * as z from "zod";

const eventSchema = z.object({
  type: z.string(),
  subject: z.string(),
  id: z.string(),
  time: z.string(),
  data: z.looseObject({ version: z.number() }),
});
/** An outgoing event as the seller's services find it: EventBridge's envelope with ours as its detail. */
const envelopeSchema = z.object({ detail: eventSchema });
export type SellerEvent = z.output<typeof eventSchema>;

/** Takes what has arrived in a queue behind the event bus, waiting at most a second for the first. */
export async function takeSellerEvents(client: SQSClient, queueUrl: string): Promise<readonly SellerEvent[]> {
  const request = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 1,
  });
  const { Messages = [] } = await client.send(request);
  if (Messages.length === 0) return [];
  const events = Messages.map(({ Body = "" }) => envelopeSchema.parse(JSON.parse(Body)).detail);
  const Entries = Messages.map(({ ReceiptHandle = "" }, index) => ({ Id: String(index), ReceiptHandle }));
  await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  return events;
}
