import type { Catalogue } from "../catalogue.ts";
import type { Decision } from "../decision.ts";
import type { State } from "../state.ts";
import type { Agreement } from "./agreement.ts";
import { renew } from "./succeed.ts";

type Renewing = Agreement & { readonly endAtMs: number };

const isDue = (agreement: Agreement, nowMs: number): agreement is Renewing =>
  agreement.autoRenew && agreement.end === null && agreement.endAtMs !== null && agreement.endAtMs <= nowMs;

/**
 * The next thing that happens by itself until `nowMs`, as of the instant at which it happens: the renewal of the term
 * that ends first (Seller Guide, renewals). `undefined` when there is none left; call it until then.
 */
export function passTime(catalogue: Catalogue, state: State, nowMs: number): Decision<Agreement> | undefined {
  const due = Object.values(state.agreements).filter((agreement) => isDue(agreement, nowMs));
  for (const { id, endAtMs } of due.sort((a, b) => a.endAtMs - b.endAtMs)) {
    const renewed = renew(catalogue, state, id, {}, endAtMs);
    // What the configuration no longer sells stays as it is, and holds up no other.
    if ("answer" in renewed) return renewed;
  }
  return undefined;
}
