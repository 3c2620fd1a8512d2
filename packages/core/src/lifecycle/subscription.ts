import type { Product } from "../configuration/configuration.ts";
import { type Instant, laterBy, minuteMs } from "../time/instant.ts";
import type { CustomerId } from "./customer.ts";
import { licenseIdOf } from "./license.ts";

/** One buyer's access under one license or, on an old listing, under one product code and CustomerIdentifier. */
export type SubscriptionId = string & { readonly __brand: "SubscriptionId" };

/** What AWS Marketplace knows the subscription by. A closed choice: no request ever carries both. */
export type SubscriptionIdentity =
  | { readonly by: "license"; readonly licenseArn: string }
  | { readonly by: "customer"; readonly customerIdentifier: string };

export type Grant =
  | { readonly state: "unknown" }
  | { readonly state: "pending" }
  | { readonly state: "active"; readonly since: Instant }
  /** Usage before `cutAt` may still be reported, until `deadlineAt`. */
  | {
      readonly state: "cancelling";
      readonly since: Instant | undefined;
      readonly cutAt: Instant;
      readonly deadlineAt: Instant;
    }
  | { readonly state: "ended"; readonly since: Instant | undefined; readonly cutAt: Instant }
  | { readonly state: "failed"; readonly at: Instant };

export interface Subscription {
  readonly id: SubscriptionId;
  readonly productCode: string;
  readonly identity: SubscriptionIdentity;
  readonly registration: "unregistered" | "registered";
  readonly customerId: CustomerId | undefined;
  readonly buyerAccountId: string | undefined;
  readonly grant: Grant;
  /** The agreement that the license belongs to now. */
  readonly agreementId: string | undefined;
  readonly offerId: string | undefined;
  readonly freeTrial: boolean;
}

/** Minutes after the first sign of an end within which AWS still takes usage (Seller Guide, EventBridge integration, 2026). */
const finalWindowMinutes = 60;
export const finalDeadline = (cutAt: Instant): Instant => laterBy(cutAt, finalWindowMinutes * minuteMs);

/**
 * The subscription that a buyer's identifiers mean under a product. The product's generation decides which identifier is the
 * key, never what a message happens to carry. `undefined` when the one that is needed is missing.
 */
export function subscriptionKey(
  product: Product,
  buyer: { licenseArn?: string | undefined; customerIdentifier?: string | undefined },
): { id: SubscriptionId; identity: SubscriptionIdentity } | undefined {
  if (product.generation === "sns") {
    if (buyer.customerIdentifier === undefined) return undefined;
    const { customerIdentifier } = buyer;
    return {
      id: `${product.code}/${customerIdentifier}` as SubscriptionId,
      identity: { by: "customer", customerIdentifier },
    };
  }
  const license = buyer.licenseArn === undefined ? undefined : licenseIdOf(buyer.licenseArn);
  if (buyer.licenseArn === undefined || license === undefined) return undefined;
  return {
    id: license as string as SubscriptionId,
    identity: { by: "license", licenseArn: buyer.licenseArn },
  };
}

export const unknownSubscription = (
  productCode: string,
  key: NonNullable<ReturnType<typeof subscriptionKey>>,
): Subscription => ({
  ...key,
  productCode,
  registration: "unregistered",
  customerId: undefined,
  buyerAccountId: undefined,
  grant: { state: "unknown" },
  agreementId: undefined,
  offerId: undefined,
  freeTrial: false,
});
