import { type Catalogue, speaksEvents } from "../catalogue.ts";
import { type Decision, decided, refused } from "../decision.ts";
import { type InformationalEvent, isHeardBySeller } from "../notification/informational-event.ts";
import { planInformational } from "../notification/plan-informational.ts";
import { refusal } from "../refusal.ts";
import type { State } from "../state.ts";
import type { Agreement } from "./agreement.ts";
import { findAgreement } from "./find.ts";

/** An event that changes nothing is sent about the agreement. Refuses one that the seller would not be sent. */
export function inform(
  catalogue: Catalogue,
  state: State,
  agreementId: string,
  event: InformationalEvent,
  nowMs: number,
): Decision<Agreement> {
  const found = findAgreement(catalogue, state, agreementId);
  if ("refusal" in found) return found;
  const { agreement, product } = found;
  if (!speaksEvents(product))
    return refused(refusal("no-events", `${product.code} is an old listing: it sends no events`));
  if (!isHeardBySeller(catalogue, agreement, event))
    return refused(refusal("not-the-proposer", "AWS sends this to the channel partner, not to the seller"));
  const counter = state.counter + 1;
  return decided(agreement, [
    { kind: "counted", counter },
    planInformational({ catalogue, product, state, counter }, agreement, event, nowMs),
  ]);
}
