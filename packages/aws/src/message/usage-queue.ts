import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { UsageQueue } from "@tollhouse/core/usage/receive-usage";
import type { Logger } from "../logging/logger.ts";

/** Sends usage events, CloudEvents as the seller's services write them, in one message. */
export async function sendUsage(
  client: SQSClient,
  queueUrl: string,
  events: readonly unknown[],
): Promise<void> {
  await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(events) }));
}

/** What one call takes (SendMessageBatch reference): ten messages, 1 MiB together. */
const callBounds = { messages: 10, bytes: 1_048_576 };
/** How often a message is offered that SQS refused although it took others of the same call. */
const maxOffers = 3;

/** The usage queue behind a door. A call that fails, after the client's own retries, fails its messages and no others. */
export const sqsUsageQueue = (
  client: SQSClient,
  queueUrl: string,
  logger: Pick<Logger, "warn">,
): UsageQueue => ({
  async put(bodies) {
    const stored = bodies.map(() => false);
    await Promise.all(
      callsOf(bodies).map(async (places) => {
        let left = places;
        for (let offers = 0; offers < maxOffers && left.length > 0; offers += 1) {
          const taken = await offer(left).catch((error: unknown) => {
            logger.warn("The usage queue took nothing of a call", { error: error as Error });
          });
          if (taken === undefined) return;
          for (const place of taken) stored[place] = true;
          left = left.filter((place) => stored[place] !== true);
        }
        if (left.length > 0) logger.warn("The usage queue refused messages", { messageCount: left.length });
      }),
    );
    return stored;

    async function offer(places: readonly number[]): Promise<readonly number[]> {
      const Entries = places.map((place) => ({ Id: String(place), MessageBody: bodies[place] ?? "" }));
      const request = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries });
      const { Successful = [] } = await client.send(request);
      return Successful.map(({ Id }) => Number(Id));
    }
  },
});

/** Which messages go together, by their places. */
function callsOf(bodies: readonly string[]): readonly (readonly number[])[] {
  const calls: number[][] = [];
  let bytes = callBounds.bytes;
  bodies.forEach((body, place) => {
    const more = Buffer.byteLength(body);
    if (bytes + more > callBounds.bytes || calls.at(-1)?.length === callBounds.messages) {
      calls.push([]);
      bytes = 0;
    }
    calls.at(-1)?.push(place);
    bytes += more;
  });
  return calls;
}
