import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { SubscriptionRequests } from "@tollhouse/core/outbox/outbox";
import * as z from "zod";

/** What a message says that asks for something to be done about a subscription. */
export const subscriptionRequestSchema = z.object({
  subscriptionId: z
    .string()
    .min(1)
    .max(1_024)
    .transform((id) => id as SubscriptionId),
});

/** SQS takes at most ten messages a call. */
const messagesPerCall = 10;

export const sqsSubscriptionRequests = (client: SQSClient, queueUrl: string): SubscriptionRequests => ({
  async request(subscriptionIds) {
    const taken: SubscriptionId[] = [];
    for (let start = 0; start < subscriptionIds.length; start += messagesPerCall) {
      const batch = subscriptionIds.slice(start, start + messagesPerCall);
      const Entries = batch.map((subscriptionId, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify({ subscriptionId }),
      }));
      const { Successful = [] } = await client.send(
        new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
      );
      taken.push(...Successful.flatMap(({ Id }) => batch[Number(Id)] ?? []));
    }
    return taken;
  },
});
