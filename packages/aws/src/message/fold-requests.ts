import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { FoldRequests } from "@tollhouse/core/metering/run";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import * as z from "zod";
import { hourSchema } from "../dynamodb/hour.ts";
import { subscriptionRequestSchema } from "./subscription-requests.ts";

/** What a message of the fold queue asks for: an hour-shard to be folded, or a subscription's usage that waits to be counted. */
export const foldRequestSchema = z.union([
  z.object({ hour: hourSchema, shard: z.int().min(0).max(1_023) }),
  subscriptionRequestSchema,
]);

/** SQS takes at most ten messages a call. */
const messagesPerCall = 10;

/** @throws Error when the queue left some out; the next run asks again */
export const sqsFoldRequests = (client: SQSClient, queueUrl: string): FoldRequests => ({
  async request(places) {
    let refused = 0;
    for (let start = 0; start < places.length; start += messagesPerCall) {
      const Entries = places.slice(start, start + messagesPerCall).map((place, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify({ hour: formatHour(place.hour), shard: place.shard }),
      }));
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      refused += Failed.length;
    }
    if (refused > 0)
      throw new Error(
        `The fold queue left out ${refused} of ${places.length} requests. The next run asks again.`,
      );
  },
});
