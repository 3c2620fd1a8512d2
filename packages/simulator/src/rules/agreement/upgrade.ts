import { type Catalogue, findProduct } from "../catalogue.ts";
import { type Decision, decided, refused } from "../decision.ts";
import { planUpgrade } from "../notification/plan.ts";
import { refusal } from "../refusal.ts";
import type { State } from "../state.ts";
import { type Agreement, isEnded, type PurchasedEntitlement } from "./agreement.ts";
import { problemOfEntitlements } from "./subscribe.ts";

/** Replaces what the agreement entitles to, at once. Refuses what the product does not sell. */
export function upgrade(
  catalogue: Catalogue,
  state: State,
  agreementId: string,
  entitlements: readonly PurchasedEntitlement[],
  nowMs: number,
): Decision<Agreement> {
  const agreement = state.agreements[agreementId];
  const product = agreement && findProduct(catalogue, agreement.productCode);
  if (agreement === undefined || product === undefined)
    return refused(refusal("agreement-unknown", `no agreement has the id ${agreementId}`));
  if (isEnded(agreement, nowMs)) return refused(refusal("agreement-ended", `${agreementId} is over already`));
  const problem = problemOfEntitlements(product, entitlements);
  if (problem !== undefined) return refused(problem);

  const counter = state.counter + 1;
  const upgraded: Agreement = { ...agreement, entitlements };
  return decided(upgraded, [
    { kind: "counted", counter },
    { kind: "agreement-stored", agreement: upgraded },
    ...planUpgrade(catalogue, product, state, upgraded, { nowMs, counter }),
  ]);
}
