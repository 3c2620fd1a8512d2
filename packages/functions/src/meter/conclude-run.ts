import type { Logger } from "@tollhouse/aws/logging/logger";
import type { Measure, Measured } from "@tollhouse/aws/metric/measure";
import { type UnbillableReason, unbillableReasons } from "@tollhouse/core/metering/book";
import type { MeterReport } from "@tollhouse/core/metering/run";
import { type Waker, wakeIfPossible } from "@tollhouse/core/outbox/outbox";
import { formatQuantity } from "@tollhouse/core/quantity/micro-units";
import { logName } from "../log-name.ts";

interface ConcludePorts {
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  readonly measure: Measure;
  /** Wakes the meter itself. */
  readonly waker: Waker;
}

/** What ends so in the ordinary course, and is only counted: the rest of a unit, and usage that the configuration leaves to others. */
const ordinary: ReadonlySet<UnbillableReason> = new Set(["fraction", "before-start"]);

/** Something failed that was to be done for subscriptions that messages named. The messages come back. */
export class MeterIncompleteError extends Error {
  readonly code = "meter-incomplete";
  readonly retryable = true;
  constructor() {
    super(
      "Not all could be done for the subscriptions that were named; the warnings say why. They are named again.",
    );
    this.name = "MeterIncompleteError";
  }
}

/**
 * Measures and tells what a run did: what is lost or in dispute as errors, what waits as warnings. Asks for the next run when time ran out.
 * @throws MeterIncompleteError, after all that, when messages must come back
 */
export async function concludeRun(
  { logger, measure, waker }: ConcludePorts,
  report: MeterReport,
  isScheduled: boolean,
): Promise<void> {
  const { problems, skipped, writtenOff, submitted, looked, isToComeAgain, isComplete, ...counts } = report;
  // Only the schedule asks for all that waits to be folded, so only its runs show that it is there.
  measure({ ...measured(report), ...(isScheduled && isComplete && { RunsCompleted: 1 }) });
  const { waiting, ...outcomes } = submitted;
  const { conflicts, refused, expired } = outcomes;
  if (conflicts > 0)
    logger.error("AWS holds other quantities than ours: what it bills of these records is not known", {
      records: conflicts,
    });
  if (refused + expired > 0)
    logger.error("Usage was not billed: AWS accepted it in none of its window", {
      ...{ refusedRecords: refused, expiredRecords: expired },
    });
  if (looked.unbillableEvents > 0)
    logger.error("Usage was given up: nobody was found to bill it to", { events: looked.unbillableEvents });
  for (const { key, reason, units } of writtenOff.filter((each) => !ordinary.has(each.reason)))
    logger.error("Units were written off: nobody is billed for them", {
      ...{ subscription: logName(key.subscriptionId), dimension: key.dimension },
      ...{ units: formatQuantity(units), reason: unbillableReasons[reason] },
    });
  for (const problem of [...problems, ...waiting]) logger.warn("Metering waits", { problem });
  for (const { key, reason } of skipped)
    logger.warn("A book is not sealed", {
      ...{ subscription: logName(key.subscriptionId), dimension: key.dimension, reason },
    });
  const { countedEvents, unbillableEvents } = looked;
  logger.info("Meter ran", {
    ...{ ...counts, countedEvents, unbillableEvents, ...outcomes },
    ...{ waiting: waiting.length, skipped: skipped.length, writtenOff: writtenOff.length },
  });
  if (submitted.isMore) await wakeIfPossible(waker);
  if (isToComeAgain) throw new MeterIncompleteError();
}

const measured = ({ sealedRecords, zeroRecords, submitted, looked, writtenOff }: MeterReport): Measured => ({
  RecordsSealed: sealedRecords + zeroRecords,
  RecordsAccepted: submitted.accepted,
  RecordsConflicting: submitted.conflicts,
  RecordsRefused: submitted.refused,
  RecordsExpired: submitted.expired,
  WriteOffs: writtenOff.filter(({ reason }) => !ordinary.has(reason)).length,
  EventsCounted: looked.countedEvents,
  EventsGivenUp: looked.unbillableEvents,
  MeteringCalls: submitted.calls,
  MeteringCallsThrottled: submitted.throttled,
});
