import { settledAt } from "./audit-log.ts";
import { hourOf, minuteMs } from "./calendar.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Contract } from "./market.ts";

/** So long after an end everything is sealed, whatever is on its way: 20 minutes before AWS takes nothing more. */
const lastCallMs = 40 * minuteMs;
const defaults = { settleDelayMinutes: 10, monthEndSettleHour: 3, finalSettleMinutes: 15 };

/**
 * Until when usage of an hour had to come, to be in the books when an hour of a contract was sealed: until it settled or, where the
 * contract has ended, for `finalSettleMinutes` after that. `undefined` when it is the last call, which waits for nothing.
 */
export function comeByOf(
  contract: Contract | undefined,
  sealedHour: number,
  { settings }: Catalogue,
  now: number,
): ((hour: number) => number) | undefined {
  const all = { ...defaults, ...settings };
  const cuts = (contract?.spans ?? []).flatMap(({ since, cut }) =>
    cut !== undefined && hourOf(since) <= sealedHour && sealedHour <= hourOf(cut - 1) ? [cut] : [],
  );
  const [cut] = cuts;
  const hasCome = cut === undefined ? Infinity : cut + all.finalSettleMinutes * minuteMs;
  if (cut !== undefined && now >= cut + lastCallMs) return undefined;
  return (hour) => {
    const settled = settledAt(hour, all);
    return now >= hasCome ? Math.min(settled, hasCome) : settled;
  };
}
