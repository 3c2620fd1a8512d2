import type { Entitlement } from "@tollhouse/core/entitlement/entitlement";
import type { Subscription } from "@tollhouse/core/lifecycle/subscription";
import { hourMs } from "./calendar.ts";
import { includedDimension } from "./catalogue.ts";
import type { Contract } from "./market.ts";

/** GetEntitlements: nothing for a while after the beginning, nothing after the end, and what was bought a moment ago lags. */
export const entitlementReader = (
  contracts: readonly Contract[],
  now: () => number,
  lagMs: () => number,
) => ({
  read({ id }: Subscription): Promise<readonly Entitlement[]> {
    const contract = contracts.find(({ account }) => account === id);
    // Strangers have a little of everything.
    if (contract === undefined) return Promise.resolve([{ dimension: includedDimension, value: 5 }]);
    return Promise.resolve(answer(contract, now(), lagMs()));
  },
});

function answer(
  { spans, purchases, silentMs }: Contract,
  now: number,
  lagMs: number,
): readonly Entitlement[] {
  const span = spans.at(-1);
  const isOver = span?.cut !== undefined && now >= span.cut + hourMs;
  if (span === undefined || isOver || now < span.since + silentMs) return [];
  const seenFrom = now - lagMs;
  const bought = purchases.findLast(({ from }) => from <= seenFrom) ?? purchases[0];
  if (bought === undefined) return [];
  return [{ dimension: includedDimension, value: bought.quantity }];
}
