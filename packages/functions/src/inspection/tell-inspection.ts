import type { Logger } from "@tollhouse/aws/logging/logger";
import type { Measure } from "@tollhouse/aws/metric/measure";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { Inspection } from "@tollhouse/core/watch/inspect";
import { logName } from "../log-name.ts";

interface TellPorts {
  readonly logger: Pick<Logger, "info" | "error">;
  readonly measure: Measure;
}

/** Measures what an inspection came to, and tells each difference in the log. One that was cut short never passes for one that found nothing. */
export function tellInspection(
  { logger, measure }: TellPorts,
  inspection: Inspection,
  tables: { readonly LIFECYCLE_TABLE: string; readonly METERING_TABLE: string },
): void {
  if (inspection.kind === "cut-short") {
    measure({ InspectionCutShort: 1 });
    logger.error("Time ran out before all books were looked at; the command has all the time there is", {
      ...{ looked: inspection.looked, command: commandFor(tables) },
    });
    return;
  }
  const { report, lasting, looks, sameEachLook } = inspection;
  measure({
    ...{ LedgerDifferences: lasting.length, RecordsInConflict: report.conflictCount },
    ...{ InspectionCutShort: 0, RunsCompleted: 1 },
  });
  for (const difference of lasting)
    logger.error("The books do not balance", { difference: withoutIdentifier(difference) });
  logger.info("Books inspected", {
    ...{ differences: lasting.length, conflicts: report.conflictCount, looks, sameEachLook },
    ...report.looked,
  });
}

const commandFor = ({ LIFECYCLE_TABLE, METERING_TABLE }: Parameters<typeof tellInspection>[2]): string =>
  `npx tollhouse ledger check --table ${LIFECYCLE_TABLE} --metering-table ${METERING_TABLE}`;

/** A difference begins with the subscription whose book it is in; its id may hold AWS's identifier of the buyer. */
const withoutIdentifier = (difference: string): string =>
  difference.replace(
    /^(record of )?([^\s,]+\/[^\s,]+)(?=,)/,
    (_, before: string | undefined, id: string) => `${before ?? ""}${logName(id as SubscriptionId)}`,
  );
