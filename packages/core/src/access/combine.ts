import type { Product } from "../configuration/configuration.ts";
import {
  type ProductAccess,
  type Refusal,
  refusals,
  type SubscriptionAccess,
  type Usable,
  type Verdict,
} from "./access.ts";
import { earliest, nothing, order } from "./decide.ts";

/** What one subject's subscriptions of one product come to. */
export function combineAccess(
  productCode: string,
  product: Product | undefined,
  subscriptions: readonly SubscriptionAccess[],
): ProductAccess {
  const allowed = subscriptions.filter((each) => each.allowed);
  const verdict: Verdict =
    allowed.length > 0 ? { allowed: true } : { allowed: false, reason: nearest(subscriptions) };
  return {
    ...verdict,
    productCode,
    ...(product !== undefined && { title: product.title }),
    ...(product === undefined ? nothing : united(product, allowed)),
    subscriptions: subscriptions.toSorted((a, b) => order(a.subscriptionId, b.subscriptionId)),
  };
}

function united(product: Product, allowed: readonly Usable[]): Usable {
  const titles = new Set(allowed.flatMap(({ plans }) => plans));
  const features = new Set(allowed.flatMap((each) => each.features));
  const holdsUntil = earliest(allowed.map((each) => each.holdsUntil));
  return {
    plans: [...new Set(product.plans.map(({ title }) => title))].filter((title) => titles.has(title)),
    features: [...new Set(product.plans.flatMap((plan) => plan.features))].filter((each) =>
      features.has(each),
    ),
    metered: [...new Set(allowed.flatMap(({ metered }) => metered))],
    ...(holdsUntil !== undefined && { holdsUntil }),
  };
}

/** Of several reasons, the one that is nearest to a yes. */
function nearest(subscriptions: readonly SubscriptionAccess[]): Refusal {
  const reasons = new Set(subscriptions.flatMap((each) => (each.allowed ? [] : [each.reason])));
  const inOrder = Object.keys(refusals) as Refusal[];
  return inOrder.find((reason) => reasons.has(reason)) ?? "not-subscribed";
}
