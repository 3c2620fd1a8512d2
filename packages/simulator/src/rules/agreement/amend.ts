import type { Catalogue, Product } from "../catalogue.ts";
import { type Decision, decided, refused } from "../decision.ts";
import { planAmendment, planEnd, withdraw } from "../notification/plan.ts";
import { refusal } from "../refusal.ts";
import type { State } from "../state.ts";
import type { Agreement, PurchasedEntitlement } from "./agreement.ts";
import { findRunning } from "./find.ts";
import { problemOfEntitlements } from "./purchase.ts";
import { endOf } from "./term.ts";

/** What is changed in a running agreement; what is left out stays. */
export interface Amendment {
  readonly entitlements?: readonly PurchasedEntitlement[] | undefined;
  readonly autoRenew?: boolean | undefined;
  /** Who switches the renewal off: the buyer unless the seller is named. */
  readonly disabledBy?: "ACCEPTOR" | "PROPOSER" | undefined;
}

const messagesOfAnEnd = [
  "agreement-ended",
  "license-deprovisioned",
  "unsubscribe-pending",
  "unsubscribe-success",
  "entitlement-updated",
] as const;

/**
 * Changes a running agreement at once: what it entitles to, or whether it is renewed (Seller Guide, "Amazon EventBridge
 * events", Purchase Agreement Amended). Refuses what the product does not sell, and a renewal where there is no term.
 */
export function amend(
  catalogue: Catalogue,
  state: State,
  agreementId: string,
  amendment: Amendment,
  nowMs: number,
): Decision<Agreement> {
  const found = findRunning(catalogue, state, agreementId, nowMs);
  if ("refusal" in found) return found;
  const { agreement, product } = found;
  const problem = problemOfEntitlements(product, amendment.entitlements ?? []);
  if (problem !== undefined) return refused(problem);
  if (amendment.autoRenew === true && agreement.endAtMs === null)
    return refused(refusal("no-term", `${agreementId} has no end, so that nothing of it is renewed`));

  const counter = state.counter + 1;
  const act = { catalogue, product, state, counter };
  const amended = amendedBy(catalogue, product, agreement, amendment, nowMs);
  return decided(amended, [
    { kind: "counted", counter },
    { kind: "agreement-stored", agreement: amended },
    ...(amendment.autoRenew === undefined
      ? []
      : [
          ...withdraw(state, agreementId, (agreement.endAtMs ?? nowMs) - 1, messagesOfAnEnd),
          ...withdraw(state, agreementId, nowMs, ["agreement-ending"]),
          ...planEnd(act, amended, nowMs),
        ]),
    ...planAmendment(act, amended, nowMs, amendment.entitlements !== undefined),
  ]);
}

function amendedBy(
  catalogue: Catalogue,
  product: Product,
  agreement: Agreement,
  { entitlements = agreement.entitlements, autoRenew, disabledBy = "ACCEPTOR" }: Amendment,
  nowMs: number,
): Agreement {
  const amended = { ...agreement, entitlements, updatedAtMs: nowMs };
  if (autoRenew === undefined || agreement.endAtMs === null) return amended;
  return {
    ...amended,
    autoRenew,
    renewalDisabledBy: autoRenew ? null : disabledBy,
    end: autoRenew ? null : endOf(catalogue, product, agreement.endAtMs, "EXPIRED"),
  };
}
