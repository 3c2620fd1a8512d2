import type { Settings } from "../configuration/configuration.ts";
import { finalDeadline } from "../lifecycle/subscription.ts";
import { type Instant, laterBy, minuteMs } from "../time/instant.ts";
import { hourOf, type UtcHour } from "../time/utc-hour.ts";
import type { FoldHead } from "./store.ts";

/** So long before AWS takes nothing more of a grant that ended, its last hour is sealed, whatever is still on its way. */
const lastCallMinutes = 20;

/** When usage of a grant that ended has had its time to arrive. */
export const finalSettledAt = (cutAt: Instant, { finalSettleMinutes }: Settings): Instant =>
  laterBy(cutAt, finalSettleMinutes * minuteMs);

/** When the last hour is sealed in any case. */
export const lastCallAt = (cutAt: Instant): Instant =>
  laterBy(finalDeadline(cutAt), -lastCallMinutes * minuteMs);

/**
 * Says of ends of grants whether their last hour is to be sealed: once, when what was stored within `finalSettleMinutes` of the end
 * is folded in every shard, and at the latest 20 minutes before AWS takes nothing more.
 * @param unfolded heads of the marked hour-shards that ordinary sealing has not passed, read when first asked
 */
export function finalBarrier(
  settings: Settings,
  now: Instant,
  unfolded: () => Promise<readonly Pick<FoldHead, "hour" | "coveredUntil">[]>,
): (cutAt: Instant) => Promise<boolean> {
  let heads: ReturnType<typeof unfolded> | undefined;
  return async (cutAt) => {
    const settled = finalSettledAt(cutAt, settings);
    if (now < settled) return false;
    if (now >= lastCallAt(cutAt)) return true;
    heads ??= unfolded();
    const last: UtcHour = hourOf(laterBy(cutAt, -1));
    return (await heads).every(({ hour, coveredUntil }) => hour > last || (coveredUntil ?? 0) >= settled);
  };
}
