import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import type { Logger } from "@tollhouse/aws/logging/logger";
import type { Measure, Measured } from "@tollhouse/aws/metric/measure";
import type { BatchedWaker } from "./batched-waker.ts";
import type { Quarantine, QuarantineEntry } from "@tollhouse/core/quarantine/quarantine";
import type { Clock } from "@tollhouse/core/time/clock";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";

export interface ConsumerPorts {
  readonly logger: Logger;
  readonly measure: Measure;
  readonly clock: Clock;
  readonly quarantine: Pick<Quarantine, "put">;
  /** Woken after a batch in which something changed. */
  readonly waker?: Pick<BatchedWaker, "flush">;
}

/**
 * What became of a message: something to tell in the log, perhaps as a warning, and what to measure of it; or the reason why nobody
 * can use it.
 */
export type Verdict =
  | {
      readonly done: Readonly<Record<string, unknown>>;
      readonly warning?: string;
      readonly counts?: Measured;
    }
  | { readonly refused: string };

/**
 * Takes a batch from a queue, each message for itself: one that fails comes back alone, one that nobody can use goes to the
 * quarantine with its body and reason, and only then is acknowledged. The log names message, attempt and outcome.
 */
export function queueConsumer(
  ports: ConsumerPorts,
  door: QuarantineEntry["door"],
  consume: (body: string) => Promise<Verdict>,
) {
  const processor = new BatchProcessor(EventType.SQS);
  const takeMessage = async ({ messageId, body, attributes }: SQSRecord): Promise<void> => {
    const correlation = { door, messageId, attempt: Number(attributes.ApproximateReceiveCount) };
    try {
      const verdict = await consume(body);
      if ("counts" in verdict) ports.measure(verdict.counts);
      if ("refused" in verdict) {
        await quarantine(messageId, body, verdict.refused);
        ports.measure({ Quarantined: 1 });
        ports.logger.warn("Message quarantined", { ...correlation, reason: verdict.refused });
      } else if (verdict.warning !== undefined) {
        ports.logger.warn(verdict.warning, { ...correlation, ...verdict.done });
      } else ports.logger.info("Message taken", { ...correlation, ...verdict.done });
    } catch (error) {
      ports.logger.error("Message failed; it comes back", { ...correlation, error: error as Error });
      throw error;
    }
  };
  const quarantine = async (messageId: string, body: string, reason: string): Promise<void> => {
    const quarantinedAt = await ports.clock.now();
    await ports.quarantine.put([{ id: `${door}:${messageId}`, quarantinedAt, door, reason, body }]);
  };
  return async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const options = { context, throwOnFullBatchFailure: false };
    const response = await processPartialResponse(event, takeMessage, processor, options);
    await wake();
    return response;
  };

  /** What was taken is stored; a wake that fails costs minutes, and is no reason to take the messages again. */
  async function wake(): Promise<void> {
    try {
      await ports.waker?.flush();
    } catch (error) {
      ports.logger.warn("Nobody was woken; the schedule does it", { error: error as Error });
    }
  }
}
