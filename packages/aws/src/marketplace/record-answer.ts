import type {
  BatchMeterUsageCommandOutput,
  UsageRecord as AwsUsageRecord,
  UsageRecordResult,
} from "@aws-sdk/client-marketplace-metering";
import type { RecordAnswer } from "@tollhouse/core/metering/submission";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import type { Logger } from "../logging/logger.ts";

/**
 * What AWS answered about each record, in the order of the records. AWS promises no order in its answer, so results are found by who,
 * what and when.
 */
export function answersTo(
  records: readonly UsageRecord[],
  {
    Results = [],
    UnprocessedRecords = [],
  }: Pick<BatchMeterUsageCommandOutput, "Results" | "UnprocessedRecords">,
  logger: Pick<Logger, "error">,
): readonly RecordAnswer[] {
  const by = records[0]?.entry.identity.by ?? "license";
  const results = new Map(
    Results.flatMap((result) =>
      result.UsageRecord === undefined ? [] : [[nameOf(by, result.UsageRecord), result] as const],
    ),
  );
  const unprocessed = new Set(UnprocessedRecords.map((record) => nameOf(by, record)));
  return records.map((record): RecordAnswer => {
    const name = ownName(record);
    const result = results.get(name);
    if (result !== undefined) return answerOf(result, logger);
    if (unprocessed.has(name)) return { status: "unprocessed" };
    const reason = "AWS did not mention it in its answer";
    logger.error("A usage record waits", { reason });
    return { status: "waiting", reason, effect: "unknown" };
  });
}

/** Every status of the BatchMeterUsage reference (UsageRecordResult); one that it does not name says nothing of what happened. */
function answerOf(
  { Status, MeteringRecordId }: UsageRecordResult,
  logger: Pick<Logger, "error">,
): RecordAnswer {
  switch (Status) {
    case "Success":
      return { status: "success", meteringRecordId: MeteringRecordId };
    case "DuplicateRecord":
      return { status: "duplicate", meteringRecordId: MeteringRecordId };
    case "CustomerNotSubscribed":
      return { status: "waiting", reason: Status, effect: "none", refusedAs: "not-subscribed" };
    case undefined:
    default: {
      const reason = `AWS answered a status that is not documented: ${String(Status)}`;
      logger.error("A usage record waits", { reason });
      return { status: "waiting", reason, effect: "unknown" };
    }
  }
}

type Mode = UsageRecord["entry"]["identity"]["by"];

/** By the identifier that the records of the call carry; AWS may name others beside it. */
const nameOf = (by: Mode, record: AwsUsageRecord): string =>
  JSON.stringify([
    by === "license" ? record.LicenseArn : record.CustomerIdentifier,
    record.Dimension,
    record.Timestamp?.getTime(),
  ]);

const ownName = ({ entry: { identity, dimension, timestamp } }: UsageRecord): string =>
  JSON.stringify([
    identity.by === "license" ? identity.licenseArn : identity.customerIdentifier,
    dimension,
    timestamp,
  ]);
