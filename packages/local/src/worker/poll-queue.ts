import { setTimeout as pause } from "node:timers/promises";
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { FunctionName } from "@tollhouse/functions/manifest";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import * as z from "zod";
import { type Handler, invoke } from "./invoke.ts";

/** SQS hands over at most ten messages a call; a batch is filled by several calls while there are more. */
const messagesPerCall = 10;
const waitSeconds = 5;
/** A queue that fails is not asked again at once. */
const pauseAfterFailureMs = 500;

export interface Polling {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly functionName: FunctionName;
  readonly handler: Handler;
  readonly batchSize: number;
  readonly stopped: AbortSignal;
}

/**
 * Does what Lambda's event source mapping does: takes batches, calls the handler, deletes what it did not report as failed.
 * When the handler throws, nothing is deleted, and every message comes back after its visibility time-out.
 */
export async function pollQueue(polling: Polling): Promise<void> {
  while (!isAborted(polling.stopped)) {
    try {
      const messages = await receiveBatch(polling);
      if (messages.length > 0) await handleBatch(polling, messages);
    } catch (error) {
      if (isAborted(polling.stopped)) return;
      await pause(pauseAfterFailureMs);
      console.error(
        JSON.stringify({
          level: "ERROR",
          service: polling.functionName,
          message: "Batch failed; it comes back",
          error: String(error),
        }),
      );
    }
  }
}

/** Asked anew: it may have changed while we waited. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

async function receiveBatch({ client, queueUrl, batchSize, stopped }: Polling): Promise<readonly Message[]> {
  const messages: Message[] = [];
  for (;;) {
    const request = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: Math.min(messagesPerCall, batchSize - messages.length),
      WaitTimeSeconds: messages.length === 0 ? waitSeconds : 0,
      MessageSystemAttributeNames: ["All"],
    });
    const { Messages = [] } = await client.send(request, { abortSignal: stopped });
    messages.push(...Messages);
    if (Messages.length < messagesPerCall || messages.length >= batchSize) return messages;
  }
}

const responseSchema = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) })
  .optional();

async function handleBatch(
  { client, queueUrl, functionName, handler }: Polling,
  messages: readonly Message[],
): Promise<void> {
  const event: SQSEvent = { Records: messages.map((message) => toRecord(queueUrl, message)) };
  const response: SQSBatchResponse | undefined = responseSchema.parse(
    await invoke(handler, functionName, event),
  );
  const failed = new Set(response?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const done = messages.filter(({ MessageId }) => MessageId !== undefined && !failed.has(MessageId));
  for (let start = 0; start < done.length; start += messagesPerCall) {
    const Entries = done
      .slice(start, start + messagesPerCall)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle: ReceiptHandle ?? "" }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

function toRecord(
  queueUrl: string,
  { MessageId, ReceiptHandle, Body, Attributes, MD5OfBody }: Message,
): SQSRecord {
  return {
    messageId: MessageId ?? "",
    receiptHandle: ReceiptHandle ?? "",
    body: Body ?? "",
    attributes: {
      ApproximateReceiveCount: Attributes?.ApproximateReceiveCount ?? "1",
      SentTimestamp: Attributes?.SentTimestamp ?? "0",
      SenderId: Attributes?.SenderId ?? "",
      ApproximateFirstReceiveTimestamp: Attributes?.ApproximateFirstReceiveTimestamp ?? "0",
    },
    messageAttributes: {},
    md5OfBody: MD5OfBody ?? "",
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queueUrl.slice(queueUrl.lastIndexOf("/") + 1)}`,
    awsRegion: "us-east-1",
  };
}
