import type { Configuration, Product } from "./configuration.ts";
import { hasEntitlements } from "./product.ts";

type Sellers = Pick<Configuration, "seller" | "products">;

/**
 * The SNS topics of AWS Marketplace that tell of the configured listings, and the only ones we listen to: one of subscriptions
 * for each listing that SNS tells of, and one of entitlements where something is sold up front (Seller Guide, "Amazon SNS
 * notifications for SaaS products", autumn 2026). They belong to AWS and are all in us-east-1.
 */
export const topicArns = ({ seller, products }: Sellers): readonly string[] =>
  products.filter(isToldBySns).flatMap((product) => {
    const topicOf = (kind: "subscription" | "entitlement") =>
      `arn:aws:sns:us-east-1:${seller.topicAccountId}:aws-mp-${kind}-notification-${product.code}`;
    return hasEntitlements(product)
      ? [topicOf("subscription"), topicOf("entitlement")]
      : [topicOf("subscription")];
  });

/** A listing in migration keeps its topics: SNS decides until the hour of its change, and late messages of that time may follow. */
const isToldBySns = ({ generation }: Product): boolean => generation !== "eventbridge";
