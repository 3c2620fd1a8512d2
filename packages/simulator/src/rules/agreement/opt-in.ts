import { type Catalogue, findProduct } from "../catalogue.ts";
import { type Decision, decided, refused } from "../decision.ts";
import { asListed, findListing, type Listing, takesProductCode } from "../listing.ts";
import { planEventsAhead } from "../notification/plan.ts";
import { refusal } from "../refusal.ts";
import type { State } from "../state.ts";

/**
 * AWS opts an old listing in to Concurrent Agreements: from `nowMs` on its product code is refused for metering, buyers may
 * hold several agreements, and events are sent, for the agreements it has too. There is no way back.
 */
export function optIn(
  catalogue: Catalogue,
  state: State,
  productCode: string,
  nowMs: number,
): Decision<Listing> {
  const product = findProduct(catalogue, productCode);
  const before = findListing(catalogue, state, productCode);
  if (product === undefined || before === undefined)
    return refused(refusal("product-unknown", `no product has the code ${productCode}`));
  if (!takesProductCode(before))
    return refused(refusal("already-opted-in", `${productCode} has Concurrent Agreements already`));
  const counter = state.counter + 1;
  const listing = asListed({ ...state, optIns: { ...state.optIns, [productCode]: nowMs } }, product);
  const act = { catalogue, product: listing, state, counter };
  const unheard =
    before.generation === "sns"
      ? Object.values(state.agreements).filter((one) => one.productCode === productCode)
      : [];
  return decided(listing, [
    { kind: "counted", counter },
    { kind: "product-opted-in", productCode, atMs: nowMs },
    ...unheard.flatMap((agreement) => planEventsAhead(act, agreement, nowMs)),
  ]);
}
