import type { Configuration } from "../configuration/configuration.ts";
import type { Clock } from "../time/clock.ts";
import { formatHour, hoursLater, type UtcHour } from "../time/utc-hour.ts";
import { maxShardCount } from "../usage/shard.ts";
import type { DirtyMark, UsageLog } from "../usage/usage-log.ts";
import { type FoldPorts, foldUsage } from "./fold-usage.ts";
import { lastSettledHour, sealHours, type SealPorts } from "./seal-hours.ts";
import { addSubmitted, type Submitted, type SubmitPorts, submitRecords } from "./submit.ts";

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
 * One run of the meter: submits what is pending, folds hours that have settled, seals those folded in every shard, submits the new records. Each step
 * may fail without stopping what does not depend on it, and the whole may be repeated at any time.
 */
export async function runMeter(ports: MeterPorts, configuration: Configuration): Promise<MeterReport> {
  const now = await ports.clock.now();
  const settled = lastSettledHour(now, configuration.settings);
  // What is due goes first: a long fold must not make it late.
  const due = await submitRecords(ports, configuration);
  const folded = await foldSettled(ports, configuration, settled);
  const { sealed, skipped } = await sealHours(ports, configuration, folded.through, now);
  const submitted = addSubmitted(due, await submitRecords(ports, configuration));
  return {
    foldedEvents: folded.eventCount,
    sealedRecords: sealed.length,
    submitted,
    problems: [
      ...folded.problems,
      ...skipped.map(({ key, reason }) => `${key.account}, ${key.dimension}: ${reason}`),
    ],
  };
}

/**
 * Folds every settled hour-shard that is marked. Gives the last hour before any that could not be folded: sealing goes no
 * further. A mark that is set again meanwhile holds up nothing; its usage is late and goes into a later record.
 */
async function foldSettled(
  ports: MeterPorts,
  configuration: Configuration,
  settled: UtcHour,
): Promise<{ eventCount: number; through: UtcHour; problems: readonly string[] }> {
  let eventCount = 0;
  let through = settled;
  const problems: string[] = [];
  for (const mark of await marksOf(ports, configuration, settled)) {
    try {
      const folded = await foldUsage(ports, configuration, mark);
      eventCount += folded.eventCount;
      if (folded.unattributedCount > 0) {
        problems.push(
          `${place(mark)}: ${folded.unattributedCount} usage events fit no subscription, or several; they wait unbilled`,
        );
      }
    } catch (error) {
      problems.push(`${place(mark)}: ${error instanceof Error ? error.message : String(error)}`);
      if (mark.hour <= through) through = hoursLater(mark.hour, -1);
    }
  }
  return { eventCount, through, problems };
}

const place = ({ hour, shard }: DirtyMark): string => `${formatHour(hour)} shard ${shard}`;

async function marksOf(
  { usageLog }: MeterPorts,
  { settings }: Configuration,
  through: UtcHour,
): Promise<readonly DirtyMark[]> {
  const shards = Array.from({ length: maxShardCount(settings.shards) }, (_, shard) => shard);
  return (await Promise.all(shards.map((shard) => usageLog.marks(shard, through)))).flat();
}
