import type { Catalogue } from "../catalogue.ts";
import { decided } from "../decision.ts";
import type { State } from "../state.ts";
import { endTimeBehavior, findProposed, statusOf, summaryOf } from "./record.ts";

/** One agreement that the seller proposed (Agreement API reference: DescribeAgreement). Refuses any other. */
export function describeAgreement(
  catalogue: Catalogue,
  state: State,
  request: { readonly agreementId: string },
  nowMs: number,
) {
  const agreement = findProposed(catalogue, state, request.agreementId);
  if ("refusal" in agreement) return agreement;
  const behavior = endTimeBehavior(agreement, nowMs);
  return decided({
    ...summaryOf(catalogue, agreement),
    status: statusOf(agreement, nowMs),
    // Prices are not the simulator's; a buyer of usage alone has nothing to pay in advance.
    estimatedCharges: { currencyCode: "USD", agreementValue: "0" },
    ...(behavior === undefined ? {} : { endTimeBehavior: behavior }),
  });
}
