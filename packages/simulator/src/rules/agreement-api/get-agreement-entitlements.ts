import { type Agreement, isActivated, isEnded } from "../agreement/agreement.ts";
import { type Catalogue, findProduct } from "../catalogue.ts";
import { decided } from "../decision.ts";
import { isSuspended, type State } from "../state.ts";
import { pageOf, type PageRequest } from "./page.ts";
import { findProposed } from "./record.ts";

/** API reference: GetAgreementEntitlements, maxResults; its limit is not documented. */
const maxPageSize = 50;

/**
 * What an agreement has provisioned and why not, if not (Agreement API reference: GetAgreementEntitlements). An agreement
 * whose license went on under the next one has none left.
 */
export function getAgreementEntitlements(
  catalogue: Catalogue,
  state: State,
  request: PageRequest & { readonly agreementId: string },
  nowMs: number,
) {
  const agreement = findProposed(catalogue, state, request.agreementId);
  if ("refusal" in agreement) return agreement;
  const row = {
    key: `0 ${agreement.id}`,
    entitlement: {
      resource: { id: findProduct(catalogue, agreement.productCode)?.id, type: "SaaSProduct" },
      ...conditionOf(agreement, isSuspended(state, agreement.buyerAccountId), nowMs),
      ...(agreement.paymentFails ? {} : { licenseArn: agreement.licenseArn }),
    },
  };
  const page = pageOf(wentOn(agreement, nowMs) ? [] : [row], request, maxPageSize);
  if ("refusal" in page) return page;
  return decided({ agreementEntitlements: page.rows.map(({ entitlement }) => entitlement) });
}

const wentOn = (agreement: Agreement, nowMs: number): boolean =>
  isEnded(agreement, nowMs) && agreement.end?.deprovisionedAtMs === null;

/** The status with its reason (AgreementEntitlement). Which status a suspended buyer's has is not documented. */
function conditionOf(agreement: Agreement, suspended: boolean, nowMs: number) {
  const { startAtMs, end, paymentFails } = agreement;
  if (paymentFails && isEnded(agreement, nowMs))
    return { status: "FAILED", statusReasonCode: "INVALID_PAYMENT_INSTRUMENT" };
  if ((end?.deprovisionedAtMs ?? Infinity) <= nowMs)
    return { status: "DEPROVISIONED", statusReasonCode: "AGREEMENT_INACTIVE" };
  if (startAtMs > nowMs) return { status: "SCHEDULED", statusReasonCode: "FUTURE_START_DATE" };
  if (!isActivated(agreement, nowMs))
    return { status: "PENDING", statusReasonCode: "PROVISIONING_IN_PROGRESS" };
  if (suspended) return { status: "PENDING", statusReasonCode: "ACCOUNT_SUSPENDED" };
  return { status: "PROVISIONED", statusReasonCode: "AGREEMENT_ACTIVE" };
}
