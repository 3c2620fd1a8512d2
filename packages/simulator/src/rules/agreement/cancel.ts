import { type Catalogue, findProduct } from "../catalogue.ts";
import { type Decision, decided, refused } from "../decision.ts";
import { planEnd, withdraw } from "../notification/plan.ts";
import { refusal } from "../refusal.ts";
import type { State } from "../state.ts";
import { type Agreement, isActivated, isEnded } from "./agreement.ts";
import { endOf } from "./subscribe.ts";

/** Messages that a cancellation makes untrue while they are still ahead. */
const overtaken = [
  "license-updated",
  "subscribe-success",
  "entitlement-updated",
  "agreement-ended",
  "license-deprovisioned",
  "unsubscribe-pending",
  "unsubscribe-success",
] as const;

/** The agreement is cancelled at `nowMs`. Refuses an unknown agreement and one that is over. */
export function cancel(
  catalogue: Catalogue,
  state: State,
  agreementId: string,
  nowMs: number,
): Decision<Agreement> {
  const agreement = state.agreements[agreementId];
  const product = agreement && findProduct(catalogue, agreement.productCode);
  if (agreement === undefined || product === undefined)
    return refused(refusal("agreement-unknown", `no agreement has the id ${agreementId}`));
  if (isEnded(agreement, nowMs) || agreement.end?.status === "CANCELLED")
    return refused(refusal("agreement-ended", `${agreementId} is over already`));

  const counter = state.counter + 1;
  const cancelled: Agreement = {
    ...agreement,
    activatedAtMs: isActivated(agreement, nowMs) ? agreement.activatedAtMs : null,
    end: endOf(catalogue, product, nowMs, "CANCELLED"),
  };
  return decided(cancelled, [
    { kind: "counted", counter },
    { kind: "agreement-stored", agreement: cancelled },
    ...withdraw(state, agreementId, nowMs, overtaken),
    ...planEnd(catalogue, product, state, cancelled, counter),
  ]);
}
