import type { Configuration } from "../configuration/configuration.ts";
import type { Clock } from "../time/clock.ts";
import { hoursLater, type UtcHour } from "../time/utc-hour.ts";
import { maxShardCount } from "../usage/shard.ts";
import type { DirtyMark, UsageLog } from "../usage/usage-log.ts";
import { type FoldPorts, foldUsage } from "./fold-usage.ts";
import { lastSettledHour, sealHours, type SealPorts } from "./seal-hours.ts";
import { type Submitted, type SubmitPorts, submitRecords } from "./submit.ts";

export type MeterPorts = Omit<FoldPorts, "usageLog"> &
  SealPorts &
  SubmitPorts & { readonly usageLog: UsageLog; readonly clock: Clock };

export interface MeterReport {
  readonly foldedEvents: number;
  readonly sealedRecords: number;
  readonly submitted: Submitted;
  /** What could not be done, in sentences; the next run tries again. */
  readonly problems: readonly string[];
}

/**
 * One run of the meter: folds hours that have settled, seals those folded in every shard, submits what is pending. Each step
 * may fail without stopping what does not depend on it, and the whole may be repeated at any time.
 */
export async function runMeter(ports: MeterPorts, configuration: Configuration): Promise<MeterReport> {
  const { settings } = configuration;
  const now = await ports.clock.now();
  const settled = lastSettledHour(now, settings);
  const problems: string[] = [];
  let foldedEvents = 0;
  for (const mark of await marksOf(ports, configuration, settled)) {
    await foldUsage(ports, configuration, mark).then(
      ({ eventCount }) => (foldedEvents += eventCount),
      (error: unknown) => problems.push(error instanceof Error ? error.message : String(error)),
    );
  }
  const through = await foldedThrough(ports, configuration, settled);
  const { sealed, skipped } = await sealHours(ports, configuration, through, now);
  problems.push(...skipped.map(({ key, reason }) => `${key.account}, ${key.dimension}: ${reason}`));
  const submitted = await submitRecords(ports, configuration);
  return { foldedEvents, sealedRecords: sealed.length, submitted, problems };
}

async function marksOf(
  { usageLog }: MeterPorts,
  { settings }: Configuration,
  through: UtcHour,
): Promise<readonly DirtyMark[]> {
  const shards = Array.from({ length: maxShardCount(settings.shards) }, (_, shard) => shard);
  return (await Promise.all(shards.map((shard) => usageLog.marks(shard, through)))).flat();
}

/** The last hour before any that still waits to be folded: sealing goes no further. */
async function foldedThrough(
  ports: MeterPorts,
  configuration: Configuration,
  settled: UtcHour,
): Promise<UtcHour> {
  const left = await marksOf(ports, configuration, settled);
  return left.reduce((through, { hour }) => (hour <= through ? hoursLater(hour, -1) : through), settled);
}
