import { settledAt } from "./audit-log.ts";
import { hourOf, minuteMs } from "./calendar.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Contract } from "./market.ts";

/** So long after an end everything is sealed, whatever is on its way: 20 minutes before AWS takes nothing more. */
const lastCallMs = 40 * minuteMs;
const defaults = { settleDelayMinutes: 10, monthEndSettleHour: 3, finalSettleMinutes: 15 };

/** When the contract's grant in an hour ended, if it did. */
function cutIn(contract: Contract | undefined, hour: number): number | undefined {
  const span = contract?.spans.find(
    ({ since, cut }) => cut !== undefined && hourOf(since) <= hour && hour <= hourOf(cut - 1),
  );
  return span?.cut;
}

/** Whether an hour was sealed although it has not settled, and no end has made it the last one. */
export function isEarly(
  contract: Contract | undefined,
  hour: number,
  { settings }: Catalogue,
  now: number,
): boolean {
  const all = { ...defaults, ...settings };
  const cut = cutIn(contract, hour) ?? Infinity;
  // Who has come back may have been taken for gone.
  const hasReturned = (contract?.returns.length ?? 0) > 0;
  return now < settledAt(hour, all) && now < cut + all.finalSettleMinutes * minuteMs && !hasReturned;
}

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
  const cut = cutIn(contract, sealedHour);
  const hasCome = cut === undefined ? Infinity : cut + all.finalSettleMinutes * minuteMs;
  if (cut !== undefined && now >= cut + lastCallMs) return undefined;
  return (hour) => {
    const settled = settledAt(hour, all);
    return now >= hasCome ? Math.min(settled, hasCome) : settled;
  };
}
