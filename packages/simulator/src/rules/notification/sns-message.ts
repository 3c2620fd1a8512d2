import type { Agreement } from "../agreement/agreement.ts";
import type { Catalogue } from "../catalogue.ts";
import { customerIdentifierOf } from "../identity.ts";
import type { SnsContent } from "./notification.ts";

export type SubscriptionAction =
  "subscribe-success" | "subscribe-fail" | "unsubscribe-pending" | "unsubscribe-success";

export type Topic = "subscription" | "entitlement";

export const topicArn = (catalogue: Catalogue, topic: Topic, productCode: string): string =>
  `arn:aws:sns:us-east-1:${catalogue.topicAccountId}:aws-mp-${topic}-notification-${productCode}`;

const buyerOf = (catalogue: Catalogue, agreement: Agreement) => ({
  "customer-identifier": customerIdentifierOf(catalogue.sellerAccountId, agreement.buyerAccountId),
  "product-code": agreement.productCode,
});

/**
 * The subscription topic's message (Seller Guide, "Amazon SNS notifications for SaaS products"): no account id, no
 * license, and the trial flag as a text. The offer is named only when a subscription begins or fails to.
 */
export function subscriptionMessage(
  catalogue: Catalogue,
  agreement: Agreement,
  action: SubscriptionAction,
): SnsContent {
  const begins = action === "subscribe-success" || action === "subscribe-fail";
  return {
    channel: "sns",
    topicArn: topicArn(catalogue, "subscription", agreement.productCode),
    message: {
      action,
      ...buyerOf(catalogue, agreement),
      ...(begins ? { "offer-identifier": agreement.offerId } : {}),
      isFreeTrialTermPresent: String(agreement.freeTrial),
    },
  };
}

/** The entitlement topic's message: the same for a purchase, an upgrade and an end. */
export const entitlementMessage = (catalogue: Catalogue, agreement: Agreement): SnsContent => ({
  channel: "sns",
  topicArn: topicArn(catalogue, "entitlement", agreement.productCode),
  message: { action: "entitlement-updated", ...buyerOf(catalogue, agreement) },
});
