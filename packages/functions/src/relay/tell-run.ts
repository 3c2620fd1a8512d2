import type { Logger } from "@tollhouse/aws/logging/logger";
import type { Measure } from "@tollhouse/aws/metric/measure";
import { RelayError, type relayOutbox } from "@tollhouse/core/outbox/relay";

interface TellPorts {
  readonly logger: Pick<Logger, "info" | "warn">;
  readonly measure: Measure;
}

/** Tells what a run of the relay did, also of one that failed. @throws whatever the run threw */
export async function tellRun(
  { logger, measure }: TellPorts,
  run: ReturnType<typeof relayOutbox>,
): Promise<void> {
  const { done, refused } = await run.catch((error: unknown) => {
    if (error instanceof RelayError) measure({ OutboxRelayed: error.done, OutboxLeft: error.left });
    throw error;
  });
  measure({ OutboxRelayed: done, OutboxLeft: refused, RunsCompleted: 1 });
  if (refused > 0) logger.warn("Outbox entries were refused; the schedule tries again", { done, refused });
  else if (done > 0) logger.info("Outbox relayed", { done });
}
