import type { Catalogue, Product } from "../catalogue.ts";
import { hourMs } from "../time.ts";

export interface PurchasedEntitlement {
  readonly dimension: string;
  readonly value: number | boolean | string;
}

/** When and why an agreement is over. Known in advance for a term that runs out. */
interface AgreementEnd {
  readonly status: "CANCELLED" | "EXPIRED";
  readonly endedAtMs: number;
  readonly deprovisionedAtMs: number;
}

/** One acceptance of an offer by a buyer, with the license it grants. */
export interface Agreement {
  readonly id: string;
  readonly productCode: string;
  readonly buyerAccountId: string;
  /** Who extended the offer: the seller, or a channel partner. */
  readonly proposerAccountId: string;
  readonly offerId: string;
  readonly licenseArn: string;
  readonly acceptedAtMs: number;
  readonly startAtMs: number;
  /** `null` while it runs until cancelled (pay as you go). */
  readonly endAtMs: number | null;
  /** From when the license is provisioned, a whole second. `null` when the agreement ended before. */
  readonly activatedAtMs: number | null;
  readonly end: AgreementEnd | null;
  readonly entitlements: readonly PurchasedEntitlement[];
  readonly freeTrial: boolean;
}

export const isActivated = (agreement: Agreement, nowMs: number): boolean =>
  agreement.activatedAtMs !== null && agreement.activatedAtMs <= nowMs;

export const isEnded = (agreement: Agreement, nowMs: number): boolean =>
  agreement.end !== null && agreement.end.endedAtMs <= nowMs;

/** From when usage no longer belongs to the license; never for an agreement without an end. */
export function usageEndsAtMs(agreement: Agreement, product: Product): number {
  if (agreement.end === null) return Infinity;
  // An old listing's buyer keeps the product through the hour after `unsubscribe-pending`.
  return product.generation === "sns" ? agreement.end.endedAtMs + hourMs : agreement.end.deprovisionedAtMs;
}

/**
 * The first instant at which BatchMeterUsage takes nothing more for the agreement: an hour after its end
 * (Seller Guide, "SaaS EventBridge integration", final usage; "SNS notifications" for old listings).
 */
export function meteringEndsAtMs(agreement: Agreement, product: Product, catalogue: Catalogue): number {
  if (agreement.end === null) return Infinity;
  const atEnded = product.generation === "sns" || catalogue.conflicts.finalHourStartsAt === "agreement-ended";
  return (atEnded ? agreement.end.endedAtMs : agreement.end.deprovisionedAtMs) + hourMs;
}
