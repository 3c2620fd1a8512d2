import type { Catalogue } from "../catalogue.ts";
import { type Decision, decided } from "../decision.ts";
import { overtaken, planEnd, withdraw } from "../notification/plan.ts";
import type { State } from "../state.ts";
import { type Agreement, isActivated } from "./agreement.ts";
import { findRunning } from "./find.ts";
import { endOf } from "./term.ts";

/** The agreement is cancelled at `nowMs`. Refuses an unknown agreement and one that is over. */
export const cancel = (
  catalogue: Catalogue,
  state: State,
  agreementId: string,
  nowMs: number,
): Decision<Agreement> => endNow(catalogue, state, agreementId, "CANCELLED", nowMs);

/** AWS ends the agreement, for example because the buyer no longer pays. Refuses what a cancellation refuses. */
export const terminate = (
  catalogue: Catalogue,
  state: State,
  agreementId: string,
  nowMs: number,
): Decision<Agreement> => endNow(catalogue, state, agreementId, "TERMINATED", nowMs);

function endNow(
  catalogue: Catalogue,
  state: State,
  agreementId: string,
  status: "CANCELLED" | "TERMINATED",
  nowMs: number,
): Decision<Agreement> {
  const found = findRunning(catalogue, state, agreementId, nowMs);
  if ("refusal" in found) return found;
  const { agreement, product } = found;
  const counter = state.counter + 1;
  const ended: Agreement = {
    ...agreement,
    activatedAtMs: isActivated(agreement, nowMs) ? agreement.activatedAtMs : null,
    end: endOf(catalogue, product, nowMs, status),
    updatedAtMs: nowMs,
  };
  return decided(ended, [
    { kind: "counted", counter },
    { kind: "agreement-stored", agreement: ended },
    ...withdraw(state, agreementId, nowMs, overtaken),
    ...planEnd({ catalogue, product, state, counter }, ended, nowMs),
  ]);
}
