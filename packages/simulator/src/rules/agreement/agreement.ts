export interface PurchasedEntitlement {
  readonly dimension: string;
  readonly value: number | boolean | string;
}

/** Why an agreement is over (Agreement API reference, DescribeAgreement, `status`). */
export type EndStatus = "CANCELLED" | "EXPIRED" | "TERMINATED" | "RENEWED" | "REPLACED";

/** When and why an agreement is over. Known in advance for a term that runs out. */
interface AgreementEnd {
  readonly status: EndStatus;
  readonly endedAtMs: number;
  /** `null` when its license goes on under the agreement that follows. */
  readonly deprovisionedAtMs: number | null;
}

/** One acceptance of an offer by a buyer, with the license it grants. */
export interface Agreement {
  readonly id: string;
  readonly intent: "NEW" | "RENEW" | "REPLACE";
  /** The first agreement of the chain of renewals and replacements; its own id for a new one. */
  readonly initialAgreementId: string;
  readonly previousAgreementId: string | null;
  readonly productCode: string;
  readonly buyerAccountId: string;
  /** Who extended the offer: the seller, or a channel partner. */
  readonly proposerAccountId: string;
  readonly offerId: string;
  readonly licenseArn: string;
  readonly acceptedAtMs: number;
  readonly startAtMs: number;
  /** `null` while it runs until cancelled (pay as you go). With `autoRenew`, when it is renewed. */
  readonly endAtMs: number | null;
  readonly autoRenew: boolean;
  /** Who switched the renewal off, if somebody did. */
  readonly renewalDisabledBy: "ACCEPTOR" | "PROPOSER" | null;
  /** From when the license is provisioned, a whole second. `null` when the agreement ended before. */
  readonly activatedAtMs: number | null;
  readonly end: AgreementEnd | null;
  readonly updatedAtMs: number;
  readonly entitlements: readonly PurchasedEntitlement[];
  readonly freeTrial: boolean;
  /** The buyer's payment instrument is refused: the license is never provisioned. */
  readonly paymentFails: boolean;
  /** How many more ResolveCustomer answers leave the license out. */
  readonly licenseArnMissing: number;
}

export const isActivated = (agreement: Agreement, nowMs: number): boolean =>
  agreement.activatedAtMs !== null && agreement.activatedAtMs <= nowMs;

export const isEnded = (agreement: Agreement, nowMs: number): boolean =>
  agreement.end !== null && agreement.end.endedAtMs <= nowMs;

/** Whether nothing more can be done with it: it is over, or its end was decided by somebody. */
export const isSettled = (agreement: Agreement, nowMs: number): boolean =>
  agreement.end !== null && (agreement.end.status !== "EXPIRED" || isEnded(agreement, nowMs));
