import type { Product } from "../configuration/configuration.ts";
import { hasEntitlements, meteredDimensions } from "../configuration/product.ts";
import { doubtedSince, type EntitlementSnapshot, isOfEarlierGrant } from "../entitlement/entitlement.ts";
import type { Subscription } from "../lifecycle/subscription.ts";
import type { Instant } from "../time/instant.ts";
import type { Bought, Refusal, SubscriptionAccess, Usable, Verdict } from "./access.ts";

/** What is stored about one subscription. */
export interface Standing {
  readonly subscription: Subscription;
  readonly version: number;
  readonly product: Product | undefined;
  readonly entitlements: EntitlementSnapshot | undefined;
}

/** Whether a subscription may be used, and what of it. What is not stored is a no. */
export function decideAccess(standing: Standing, asOf: Instant): SubscriptionAccess {
  const { subscription, version, product, entitlements: snapshot } = standing;
  const { id, productCode, customerId, registration, grant, freeTrial } = subscription;
  const bought = boughtNow(standing, asOf);
  const refusal = refusalOf(standing, bought);
  const verdict: Verdict = refusal === undefined ? { allowed: true } : { allowed: false, reason: refusal };
  const doubted = snapshot === undefined ? undefined : doubtedSince(snapshot);
  return {
    ...verdict,
    ...{
      subscriptionId: id,
      productCode,
      registered: registration === "registered",
      grant,
      freeTrial,
      version,
    },
    ...(customerId !== undefined && { customerId }),
    ...(snapshot !== undefined && { entitlementsReadAt: snapshot.readAt }),
    ...(doubted !== undefined && { entitlementsDoubtedSince: doubted }),
    ...(refusal === undefined && product !== undefined
      ? { entitlements: bought, ...usableOf(product, bought, subscription, asOf) }
      : { entitlements: [], ...nothing }),
  };
}

/** Nothing may be used. */
export const nothing: Usable = { plans: [], features: [], metered: [] };

function refusalOf(
  { subscription, product, entitlements }: Standing,
  bought: readonly Bought[],
): Refusal | undefined {
  const { grant } = subscription;
  if (grant.state !== "active") return `grant-${grant.state}`;
  if (product === undefined) return "product-unknown";
  if (!hasEntitlements(product) || bought.some(({ value }) => isPositive(value))) return undefined;
  const isKnown =
    entitlements !== undefined &&
    doubtedSince(entitlements) === undefined &&
    !isOfEarlierGrant(entitlements, subscription);
  return isKnown ? "nothing-entitled" : "entitlements-awaited";
}

/** An amount above none, a yes, or a text: what AWS gives of what was bought. */
const isPositive = (value: Bought["value"]): boolean =>
  typeof value === "string" ? value.trim() !== "" : Number(value) > 0;

function boughtNow({ subscription, product, entitlements }: Standing, asOf: Instant): readonly Bought[] {
  if (entitlements === undefined || isOfEarlierGrant(entitlements, subscription)) return [];
  return entitlements.entitlements
    .map((each): Bought => {
      const title = product?.dimensions.find(({ key }) => key === each.dimension)?.title;
      const expired = each.expiresAt !== undefined && each.expiresAt <= asOf;
      return { ...each, ...(title !== undefined && { title }), expired };
    })
    .toSorted((a, b) => order(a.dimension, b.dimension));
}

function usableOf(
  product: Product,
  bought: readonly Bought[],
  { term }: Subscription,
  asOf: Instant,
): Usable {
  const positive = new Set(bought.filter(({ value }) => isPositive(value)).map(({ dimension }) => dimension));
  const plans = product.plans.filter(({ dimension }) => positive.has(dimension));
  const ends = [term?.endsAt, ...bought.map(({ expiresAt }) => expiresAt)];
  const holdsUntil = earliest(ends.filter((end) => end !== undefined && end > asOf));
  return {
    plans: plans.map(({ title }) => title),
    features: [...new Set(plans.flatMap(({ features }) => features))],
    metered: meteredDimensions(product),
    ...(holdsUntil !== undefined && { holdsUntil }),
  };
}

export const earliest = (instants: readonly (Instant | undefined)[]): Instant | undefined =>
  instants.filter((each) => each !== undefined).toSorted((a, b) => a - b)[0];

export const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
