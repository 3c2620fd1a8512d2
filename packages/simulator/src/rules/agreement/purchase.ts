import { hasDimension, type Product } from "../catalogue.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { type Agreement, isEnded, type PurchasedEntitlement } from "./agreement.ts";

/** What a buyer accepts. */
export interface Purchase {
  readonly productCode: string;
  readonly buyerAccountId: string;
  readonly offerId?: string | undefined;
  /** A channel partner's account; the seller itself when left out. */
  readonly proposerAccountId?: string | undefined;
  readonly startAtMs?: number | undefined;
  readonly endAtMs?: number | undefined;
  readonly autoRenew?: boolean | undefined;
  readonly entitlements?: readonly PurchasedEntitlement[] | undefined;
  readonly freeTrial?: boolean | undefined;
  /** AWS cannot charge the buyer: the subscription fails after the buyer was sent on to register. */
  readonly paymentFails?: boolean | undefined;
  /** How many ResolveCustomer answers leave the license out. */
  readonly licenseArnMissing?: number | undefined;
}

/** API reference, Agreement service quotas: active agreements for one product in one account. */
const maxConcurrentAgreements = 100;

/** Why the listing cannot be sold like this, if it cannot. */
export function problemOfPurchase(product: Product, agreement: Agreement): Refusal | undefined {
  const { endAtMs, activatedAtMs, startAtMs, autoRenew } = agreement;
  if (endAtMs !== null && endAtMs <= Math.max(startAtMs, activatedAtMs ?? startAtMs))
    return refusal("end-before-start", "the term would be over before its license is there: end it later");
  if (endAtMs === null && autoRenew)
    return refusal("no-term", "only a term is renewed: name an endAt, or leave autoRenew out");
  return problemOfEntitlements(product, agreement.entitlements);
}

/** Why the buyer cannot take one more agreement beside those he has, if so. */
export function problemOfNumber(
  product: Product,
  ofBuyer: readonly Agreement[],
  nowMs: number,
): Refusal | undefined {
  const running = ofBuyer.filter((agreement) => !isEnded(agreement, nowMs)).length;
  if (product.generation === "sns" && running > 0)
    return refusal(
      "already-subscribed",
      "an old listing has one agreement a buyer: cancel the running one first",
    );
  return running < maxConcurrentAgreements
    ? undefined
    : refusal(
        "too-many-agreements",
        `a buyer may hold ${maxConcurrentAgreements} agreements for one product`,
      );
}

/** Why `product` cannot sell these entitlements, if it cannot. */
export function problemOfEntitlements(
  product: Product,
  entitlements: readonly PurchasedEntitlement[],
): Refusal | undefined {
  const keys = entitlements.map(({ dimension }) => dimension);
  const unknown = keys.find((key) => !hasDimension(product, key, "Entitled"));
  if (unknown !== undefined)
    return refusal("dimension-unknown", `${product.code} sells no entitlement of dimension ${unknown}`);
  if (new Set(keys).size < keys.length)
    return refusal("dimension-repeated", "name each dimension once: AWS keeps one entitlement for each");
  return undefined;
}
