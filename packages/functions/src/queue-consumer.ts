import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import type { Logger } from "@tollhouse/aws/logging/logger";
import type { Quarantine, QuarantineEntry } from "@tollhouse/core/quarantine/quarantine";
import type { Clock } from "@tollhouse/core/time/clock";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";

export interface ConsumerPorts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly quarantine: Pick<Quarantine, "put">;
}

/** What became of a message: something to tell in the log, perhaps as a warning, or the reason why nobody can use it. */
export type Verdict =
  | { readonly done: Readonly<Record<string, unknown>>; readonly warning?: string }
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
      if ("refused" in verdict) {
        await quarantine(messageId, body, verdict.refused);
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
  return (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    processPartialResponse(event, takeMessage, processor, { context, throwOnFullBatchFailure: false });
}
