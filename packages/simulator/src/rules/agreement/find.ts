import type { Catalogue } from "../catalogue.ts";
import { findListing, type Listing } from "../listing.ts";
import { type Refusal, refusal } from "../refusal.ts";
import type { State } from "../state.ts";
import { type Agreement, isActivated, isSettled } from "./agreement.ts";

interface Found {
  readonly agreement: Agreement;
  readonly product: Listing;
}

/** The agreement with its product, or why there is none. */
export function findAgreement(
  catalogue: Catalogue,
  state: State,
  agreementId: string,
): Found | { readonly refusal: Refusal } {
  const agreement = Object.hasOwn(state.agreements, agreementId) ? state.agreements[agreementId] : undefined;
  const product = agreement && findListing(catalogue, state, agreement.productCode);
  return agreement === undefined || product === undefined
    ? { refusal: refusal("agreement-unknown", `no agreement has the id ${agreementId}`) }
    : { agreement, product };
}

/** The agreement with its product, unless it is over. */
export function findRunning(
  catalogue: Catalogue,
  state: State,
  agreementId: string,
  nowMs: number,
): Found | { readonly refusal: Refusal } {
  const found = findAgreement(catalogue, state, agreementId);
  return "agreement" in found && isSettled(found.agreement, nowMs)
    ? { refusal: refusal("agreement-ended", `${agreementId} is over already`) }
    : found;
}

/** The agreement with its product, once its license is provisioned and until it is over. */
export function findActive(
  catalogue: Catalogue,
  state: State,
  agreementId: string,
  nowMs: number,
): Found | { readonly refusal: Refusal } {
  const found = findRunning(catalogue, state, agreementId, nowMs);
  return "agreement" in found && !isActivated(found.agreement, nowMs)
    ? { refusal: refusal("agreement-not-active", `the license of ${agreementId} is not provisioned yet`) }
    : found;
}
