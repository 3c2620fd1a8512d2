import { createHash } from "node:crypto";
import type { Configuration } from "../configuration/configuration.ts";
import { findProduct } from "../configuration/product.ts";
import { type CustomerId, customerIdOf } from "./customer.ts";
import type { FactId } from "./fact.ts";
import type { Reference } from "./reference.ts";
import { recordFact, type RecordPorts } from "./record-fact.ts";
import { licenseKey, type SubscriptionId, subscriptionKey } from "./subscription.ts";

/** What AWS Marketplace says a registration token stands for. Only this is trusted, never what the browser posted. */
export interface ResolvedBuyer {
  readonly productCode: string;
  readonly buyerAccountId?: string | undefined;
  readonly customerIdentifier?: string | undefined;
  readonly licenseArn?: string | undefined;
}

type TokenRefusal = "expired" | "invalid";

/** ResolveCustomer of AWS Marketplace. Refusals are values; throttling and outages are thrown. */
export interface TokenResolver {
  resolve(token: string): Promise<{ readonly buyer: ResolvedBuyer } | { readonly refused: TokenRefusal }>;
}

export type Registration =
  | {
      readonly kind: "registered";
      readonly customerId: CustomerId;
      readonly productCode: string;
      readonly subscriptionId: SubscriptionId;
    }
  /**
   * AWS has not named the license yet; the same token does a moment later. The buyer is registered meanwhile, and the license
   * follows when it can be only one.
   */
  | {
      readonly kind: "license-awaited";
      readonly customerId: CustomerId;
      readonly productCode: string;
      /** Of a listing in migration, whose key is the identifier. */
      readonly subscriptionId?: SubscriptionId | undefined;
    }
  /** AWS has named neither the license nor the buyer, and nothing was stored; the same token may do both a moment later. */
  | { readonly kind: "buyer-awaited"; readonly productCode: string; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: TokenRefusal | "unknown-product" };

/**
 * Registers the buyer behind a token. The token is resolved at once and never stored. Repeating it changes nothing.
 * @param reference the seller's own name for the buyer, if the page before ours knew one
 * @throws whatever the resolver or the store throws; the buyer may simply try again
 */
export async function register(
  ports: RecordPorts & { readonly resolver: TokenResolver },
  configuration: Configuration,
  token: string,
  reference?: Reference,
): Promise<Registration> {
  const resolved = await ports.resolver.resolve(token);
  if ("refused" in resolved) return { kind: "refused", reason: resolved.refused };
  const { buyer } = resolved;
  const product = findProduct(configuration, buyer.productCode);
  if (product === undefined) return { kind: "refused", reason: "unknown-product" };
  const outcome = await recordFact(ports, configuration, {
    kind: "customer-registered",
    id: registrationFactId(token, buyer, reference),
    at: await ports.clock.now(),
    visit: hashOf([token]),
    ...buyer,
    ...(reference === undefined ? {} : { reference }),
  });
  const productCode = product.code;
  if (outcome.kind === "refused") return { kind: "buyer-awaited", productCode, reason: outcome.reason };
  const customerId = customerIdOf(buyer);
  const isNamed = buyer.licenseArn !== undefined && licenseKey(buyer.licenseArn) !== undefined;
  const key = subscriptionKey(product, buyer);
  if (key === undefined || (product.generation !== "sns" && !isNamed))
    return { kind: "license-awaited", customerId, productCode, subscriptionId: key?.id };
  return { kind: "registered", customerId, productCode, subscriptionId: key.id };
}

/**
 * A new visit has a new token and so is a new fact, and so is a visit that comes again with another reference; the same visit
 * repeated is not. The token cannot be read back from it.
 */
const registrationFactId = (token: string, buyer: ResolvedBuyer, reference: Reference | undefined): FactId =>
  `registration:${hashOf([
    token,
    buyer.productCode,
    buyer.buyerAccountId ?? "",
    buyer.customerIdentifier ?? "",
    buyer.licenseArn ?? "",
    ...(reference === undefined ? [] : [reference]),
  ])}` as FactId;

const hashOf = (texts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(texts)).digest("hex");
