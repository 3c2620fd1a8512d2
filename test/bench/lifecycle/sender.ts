import { setTimeout as pause } from "node:timers/promises";
import { SendMessageBatchCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { makeLocalQueueClient } from "@tollhouse/aws/message/queue-client";

/** SQS takes at most ten messages a call. */
const messagesPerCall = 10;

/** What puts notifications into the queue: SNS and EventBridge, as far as the queue can see. */
export function makeSender(endpoint: string, queueUrl: string, random: () => number) {
  const client = makeLocalQueueClient(endpoint);
  return {
    /** All of them, before anybody takes one. */
    async fill(bodies: readonly string[]): Promise<void> {
      for (let start = 0; start < bodies.length; start += messagesPerCall) {
        const Entries = bodies
          .slice(start, start + messagesPerCall)
          .map((MessageBody, index) => ({ Id: String(index), MessageBody }));
        const { Failed = [] } = await client.send(
          new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
        );
        if (Failed.length > 0) throw new Error(`The queue refused ${Failed.length} messages.`);
      }
    },
    /** One by one, at random moments, so many a second on average (a Poisson process). */
    async trickle(bodies: readonly string[], perSecond: number): Promise<void> {
      const beganAtMs = performance.now();
      let dueMs = 0;
      const sent: Promise<unknown>[] = [];
      for (const MessageBody of bodies) {
        dueMs += (-Math.log(1 - random()) / perSecond) * 1_000;
        const waitMs = beganAtMs + dueMs - performance.now();
        if (waitMs >= 1) await pause(waitMs);
        sent.push(client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody })));
      }
      await Promise.all(sent);
    },
    stop: () => client.destroy(),
  };
}
export type Sender = ReturnType<typeof makeSender>;
