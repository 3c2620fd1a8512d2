import type { Logger } from "@tollhouse/aws/logging/logger";
import type { Measure, Measured } from "@tollhouse/aws/metric/measure";
import type { Settings } from "@tollhouse/core/configuration/configuration";
import { formatInstant, type Instant } from "@tollhouse/core/time/instant";
import { type Gauges, gaugesOf, unfinishedEndings } from "@tollhouse/core/watch/gauge";
import type { Sight } from "@tollhouse/core/watch/sight";
import { logName } from "../log-name.ts";

interface TellPorts {
  readonly logger: Pick<Logger, "info" | "warn">;
  readonly measure: Measure;
}

/** Measures what waits, and tells in the log what numbers cannot: which product is held up and why, whose final hour is unfinished. */
export function tellSight(
  { logger, measure }: TellPorts,
  settings: Settings,
  sight: Sight,
  now: Instant,
): void {
  const gauges = gaugesOf(sight, settings, now);
  measure({ ...measured(gauges), RunsCompleted: 1 });
  for (const { title, productCode, paused, held } of sight.switches) {
    if (paused !== undefined)
      logger.warn("A product is paused: nothing of it is sent", {
        ...{ product: title, productCode, reason: paused.reason, since: formatInstant(paused.at) },
      });
    if (held !== undefined)
      logger.warn("A product is held: AWS takes nothing of it", {
        ...{ product: title, productCode, reason: held.reason, since: formatInstant(held.at) },
      });
  }
  for (const { subscriptionId, cutAt } of unfinishedEndings(sight, settings, now))
    logger.warn("A final hour is not done; AWS takes it for an hour after the end", {
      ...{ subscription: logName(subscriptionId), endedAt: formatInstant(cutAt) },
    });
  for (const what of sight.unseen) logger.warn("Not all that waits was looked at", { what });
  logger.info("Watched", { ...gauges });
}

const measured = (gauges: Gauges): Measured => ({
  OldestUsageHours: gauges.oldestUsageHours,
  NearestDeadlineMinutes: gauges.nearestDeadlineMinutes,
  RecordsPending: gauges.recordsPending,
  BooksUnsealed: gauges.booksUnsealed,
  FinalHoursUnfinished: gauges.finalHoursUnfinished,
  OldestUnattributedHours: gauges.oldestUnattributedHours,
  FoldLagMinutes: gauges.foldLagMinutes,
  HourShardsUnfolded: gauges.hourShardsUnfolded,
  ProductsPaused: gauges.productsPaused,
  ProductsHeld: gauges.productsHeld,
  WatchIncomplete: gauges.isIncomplete ? 1 : 0,
});
