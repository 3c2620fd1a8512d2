import { type Agreement, isActivated, isEnded } from "../../rules/agreement/agreement.ts";
import { type Catalogue, findProduct, speaksSns } from "../../rules/catalogue.ts";
import { customerIdentifierOf } from "../../rules/identity.ts";

const instantOrNull = (atMs: number | null): string | null =>
  atMs === null ? null : new Date(atMs).toISOString();

/** An agreement as the control API shows it at `nowMs`. */
export function agreementView(catalogue: Catalogue, agreement: Agreement, nowMs: number) {
  const { end } = agreement;
  return {
    agreementId: agreement.id,
    intent: agreement.intent,
    initialAgreementId: agreement.initialAgreementId,
    previousAgreementId: agreement.previousAgreementId,
    licenseArn: agreement.licenseArn,
    ...(speaksSns(findProduct(catalogue, agreement.productCode))
      ? { customerIdentifier: customerIdentifierOf(catalogue.sellerAccountId, agreement.buyerAccountId) }
      : {}),
    productCode: agreement.productCode,
    buyerAccountId: agreement.buyerAccountId,
    proposerAccountId: agreement.proposerAccountId,
    offerId: agreement.offerId,
    status: isEnded(agreement, nowMs) ? (end?.status ?? "CANCELLED") : "ACTIVE",
    licenseStatus: licenseStatus(agreement, nowMs),
    acceptedAt: instantOrNull(agreement.acceptedAtMs),
    startAt: instantOrNull(agreement.startAtMs),
    endAt: instantOrNull(agreement.endAtMs),
    autoRenew: agreement.autoRenew,
    activatedAt: instantOrNull(agreement.activatedAtMs),
    endedAt: instantOrNull(end?.endedAtMs ?? null),
    deprovisionedAt: instantOrNull(end?.deprovisionedAtMs ?? null),
    entitlements: agreement.entitlements,
    freeTrial: agreement.freeTrial,
  };
}

function licenseStatus(agreement: Agreement, nowMs: number): "PENDING" | "PROVISIONED" | "DEPROVISIONED" {
  const deprovisionedAtMs = agreement.end?.deprovisionedAtMs ?? null;
  if (deprovisionedAtMs !== null && deprovisionedAtMs <= nowMs) return "DEPROVISIONED";
  return isActivated(agreement, nowMs) ? "PROVISIONED" : "PENDING";
}
