import type { Configuration } from "../configuration/configuration.ts";
import { metersUsage } from "../configuration/product.ts";
import { unitsAtRisk, type RiskPorts } from "../ledger/at-risk.ts";
import { findRestored, restoredSentence, type RunReads } from "../metering/restore.ts";
import type { FoldHead, SwitchStore } from "../metering/store.ts";
import { earliestOpenHour } from "../metering/usage-record.ts";
import { hourOf, hoursLater } from "../time/utc-hour.ts";
import { maxShardCount } from "../usage/shard.ts";
import { type EndingPorts, findEndings, type Limits } from "./ending.ts";
import type { Sight } from "./sight.ts";

export type WatchPorts = RiskPorts &
  EndingPorts &
  RunReads & { readonly switches: Pick<SwitchStore, "load"> };

/** Marked hour-shards whose fold's state is looked up, and how many at once. */
const mostHeads = 1_000;
const headsAtOnce = 20;

/**
 * Looks at everything that waits. Reads only. Bounded: what is beyond the bounds, or the time, is named as unseen.
 * @throws whatever the stores throw
 */
export async function lookAround(
  ports: WatchPorts,
  configuration: Configuration,
  limits: Limits,
): Promise<Sight> {
  const { now, hasTime } = limits;
  const { endings, unseen } = await findEndings(ports, configuration, limits);
  const { isMore, ...folding } = await findUnfolded(ports, configuration, limits);
  const switches = await findSwitches(ports, configuration);
  // Last: it reads most, and the others say what is most urgent.
  const risk = await unitsAtRisk(ports, configuration, { now, soonUntil: now, limit: 1, hasTime });
  return {
    ...{ ...folding, risk, endings, switches },
    unseen: [
      ...unseen,
      ...(isMore ? [`more than ${mostHeads} hour-shards wait to be folded; the oldest were looked at`] : []),
      ...(risk.isMore ? ["more usage waits to be accepted than could be looked at"] : []),
    ],
  };
}

/** What holds up each product that is metered: all of them, while the books are a backup's. */
async function findSwitches(ports: WatchPorts, { products }: Configuration): Promise<Sight["switches"]> {
  const restored = await findRestored(ports);
  const byBackup = restored && { reason: restoredSentence(products, restored), at: restored.witnessed.at };
  return Promise.all(
    products.filter(metersUsage).map(async ({ code, title }) => {
      const switched = await ports.switches.load(code);
      return { ...switched, held: byBackup ?? switched.held, title };
    }),
  );
}

/** Usage for hours that sealing has passed marks them again and holds up nothing: how many they are says enough. */
async function findUnfolded(
  { usageLog, folds, progress }: WatchPorts,
  { settings }: Configuration,
  { now }: Limits,
): Promise<Pick<Sight, "unfolded" | "unfoldedCount"> & { readonly isMore: boolean }> {
  const through = (await progress.load()) ?? hoursLater(earliestOpenHour(now, settings), -1);
  const shards = Array.from({ length: maxShardCount(settings.shards) }, (_, shard) => shard);
  const closed = hoursLater(hourOf(now), -1);
  const marked = (await Promise.all(shards.map((shard) => usageLog.marks(shard, closed)))).flat();
  const open = marked.filter(({ hour }) => hour > through).toSorted((a, b) => a.hour - b.hour);
  const unfolded: FoldHead[] = [];
  for (let start = 0; start < Math.min(open.length, mostHeads); start += headsAtOnce) {
    const together = open.slice(start, start + headsAtOnce);
    unfolded.push(...(await Promise.all(together.map((place) => folds.head(place)))));
  }
  return { unfolded, unfoldedCount: marked.length, isMore: open.length > mostHeads };
}
