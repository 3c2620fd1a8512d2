import { type Agreement, isEnded } from "../agreement/agreement.ts";
import { type Catalogue, findProduct } from "../catalogue.ts";
import { type Refusal, refusal } from "../refusal.ts";
import type { State } from "../state.ts";

/** Instants travel as epoch seconds, with a fraction (AWS JSON 1.0). */
export const epochSeconds = (atMs: number): number => atMs / 1_000;

export const invalid = (message: string, reason: string): Refusal =>
  refusal("ValidationException", message, reason);

/** The agreements that the seller proposed: those of channel partners are not for the seller to read. */
export const proposedBySeller = ({ sellerAccountId }: Catalogue, state: State): Agreement[] =>
  Object.values(state.agreements).filter(({ proposerAccountId }) => proposerAccountId === sellerAccountId);

/** The agreement if the seller proposed it. */
export const findProposed = (
  catalogue: Catalogue,
  state: State,
  agreementId: string,
): Agreement | { readonly refusal: Refusal } =>
  proposedBySeller(catalogue, state).find(({ id }) => id === agreementId) ?? {
    refusal: refusal("ResourceNotFoundException", `The agreement ${agreementId} does not exist.`),
  };

export const statusOf = (agreement: Agreement, nowMs: number): string =>
  isEnded(agreement, nowMs) ? (agreement.end?.status ?? "CANCELLED") : "ACTIVE";

export const lastUpdateMs = (agreement: Agreement, nowMs: number): number =>
  isEnded(agreement, nowMs) ? (agreement.end?.endedAtMs ?? nowMs) : agreement.updatedAtMs;

/**
 * What becomes of a term at its end: nothing to say of an agreement without one, or one that is over (Agreement API
 * reference, EndTimeBehavior).
 */
export function endTimeBehavior(agreement: Agreement, nowMs: number) {
  const { endAtMs, autoRenew, renewalDisabledBy, offerId } = agreement;
  if (endAtMs === null || isEnded(agreement, nowMs)) return undefined;
  const renewalSummary = { offerId };
  return autoRenew
    ? { type: "RENEW", renewalSummary }
    : { type: "EXPIRE", reasonCode: `${renewalDisabledBy ?? "ACCEPTOR"}_RENEW_OPTED_OUT`, renewalSummary };
}

/** What a search lists of an agreement and a description begins with (AgreementViewSummary). */
export const summaryOf = (catalogue: Catalogue, agreement: Agreement) => ({
  agreementId: agreement.id,
  agreementType: "PurchaseAgreement",
  acceptanceTime: epochSeconds(agreement.acceptedAtMs),
  startTime: epochSeconds(agreement.startAtMs),
  ...(agreement.endAtMs === null ? {} : { endTime: epochSeconds(agreement.endAtMs) }),
  acceptor: { accountId: agreement.buyerAccountId },
  proposer: { accountId: agreement.proposerAccountId },
  proposalSummary: {
    offerId: agreement.offerId,
    resources: [{ id: findProduct(catalogue, agreement.productCode)?.id, type: "SaaSProduct" }],
  },
  initialAgreementId: agreement.initialAgreementId,
});
