import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { latest, MemoryLatest } from "@tollhouse/client/latest";
import { type LifecycleEvent, parseLifecycleEvent } from "@tollhouse/client/events";
import { setTimeout as pause } from "node:timers/promises";

interface Ear {
  readonly queue: SQSClient;
  readonly queueUrl: string;
  readonly stopped: AbortSignal;
}

/**
 * Hears what happens to subscriptions, from a queue that the event bus fills. Events come at least once and in no promised order: only
 * what is newer than all before it about the same subject is acted on.
 */
export async function listen(
  { queue, queueUrl, stopped }: Ear,
  act: (event: LifecycleEvent) => void,
): Promise<void> {
  const take = latest(new MemoryLatest(), act);
  const isOver = () => stopped.aborted;
  while (!isOver()) {
    try {
      const request = new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 5,
      });
      const { Messages = [] } = await queue.send(request, { abortSignal: stopped });
      for (const { Body = "", ReceiptHandle } of Messages) {
        const parsed = parseLifecycleEvent(Body);
        if (parsed.kind === "event") await take(parsed.event);
        else process.stderr.write(`An event was not understood: ${parsed.kind}\n`);
        // What a newer version of this app may understand comes again, and ends in the queue's dead letters.
        if (parsed.kind === "other-schema" || parsed.kind === "unreadable") continue;
        // Only now: who dies before this hears it again.
        await queue.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
      }
    } catch (error) {
      if (isOver()) return;
      process.stderr.write(`The queue of events is away: ${error instanceof Error ? error.name : "?"}\n`);
      await pause(1_000, undefined, { signal: stopped }).catch(() => undefined);
    }
  }
}
