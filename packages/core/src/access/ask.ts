import type { Configuration } from "../configuration/configuration.ts";
import { findProduct } from "../configuration/product.ts";
import type { AnnouncedSubscription, LifecycleStore } from "../lifecycle/store.ts";
import { type Candidates, renews, subscriptionsMeant } from "../lifecycle/subject.ts";
import { grantPeriods, type SubscriptionId } from "../lifecycle/subscription.ts";
import type { Clock } from "../time/clock.ts";
import type { AccessAnswer, SubscriptionAccess, Verdict } from "./access.ts";
import { combineAccess } from "./combine.ts";
import { decideAccess, nothing, order } from "./decide.ts";

export interface AccessPorts {
  readonly store: Pick<
    LifecycleStore,
    "announcedHolderOf" | "subscriptionsOf" | "customersOf" | "loadEntitlements"
  >;
  readonly clock: Clock;
}

export interface AccessQuestion {
  /** Whom usage events would name so: a license, a subscription, a customer, or the seller's reference of customers. */
  readonly subject: string;
  /** The product's code; left out, the one product that the subject has. */
  readonly product?: string | undefined;
}

/** Subscriptions that are looked at for one answer; a buyer with more is asked about by license. */
const maxSubscriptions = 100;

/** Says whether a subject may use a product. Reads all of it anew, consistently but for who a customer's subscriptions are. */
export async function askAccess(
  { store, clock }: AccessPorts,
  configuration: Configuration,
  { subject, product }: AccessQuestion,
): Promise<AccessAnswer> {
  const asOf = await clock.now();
  const answer = (verdict: Verdict, products: AccessAnswer["products"] = []): AccessAnswer => ({
    ...verdict,
    subject,
    asOf,
    products,
  });
  const held = new Map<SubscriptionId, AnnouncedSubscription>();
  const candidates = await subscriptionsMeant(
    store,
    async (id) => {
      const holder = await store.announcedHolderOf(id);
      if (holder !== undefined) held.set(holder.subscription.id, holder);
      return holder?.subscription;
    },
    subject,
    maxSubscriptions + 1,
  );
  if (candidates.size === 0) return answer({ allowed: false, reason: "unknown-subject" });
  if (candidates.size > maxSubscriptions) return answer({ allowed: false, reason: "too-many-subscriptions" });
  const wanted = [...held.values()].filter(
    ({ subscription }) => product === undefined || subscription.productCode === product,
  );
  const decided = await Promise.all(
    wanted.map(async ({ subscription, version }) => {
      const entitlements = await store.loadEntitlements(subscription.id);
      const standing = { subscription, version, entitlements };
      return decideAccess(
        { ...standing, product: findProduct(configuration, subscription.productCode) },
        asOf,
      );
    }),
  );
  const standing = decided.map((each) => (isSucceeded(each, decided, candidates) ? succeeded(each) : each));
  const products = [...new Set(standing.map(({ productCode }) => productCode))].toSorted(order).map((code) =>
    combineAccess(
      code,
      findProduct(configuration, code),
      standing.filter(({ productCode }) => productCode === code),
    ),
  );
  return answer(verdictOf(products), products);
}

/** Which of several products is meant is not guessed: that one of them may be used says nothing about another. */
function verdictOf(products: AccessAnswer["products"]): Verdict {
  const [only, second] = products;
  if (only === undefined) return { allowed: false, reason: "not-subscribed" };
  if (second !== undefined) return { allowed: false, reason: "several-products" };
  return only.allowed ? { allowed: true } : { allowed: false, reason: only.reason };
}

/**
 * Whether another license renewed this one and counts instead, also when the end of this one was never told. It counts once it is
 * in force and what was bought under it is known: AWS takes a moment to say so, in which the buyer keeps what they had.
 */
function isSucceeded(
  one: SubscriptionAccess,
  all: readonly SubscriptionAccess[],
  candidates: Candidates,
): boolean {
  const earlier = candidates.get(one.subscriptionId);
  return all.some((other) => {
    const later = candidates.get(other.subscriptionId);
    if (earlier === undefined || later === undefined || !renews(later, earlier, candidates)) return false;
    const isAwaited = !other.allowed && other.reason === "entitlements-awaited";
    return grantPeriods(later).length > 0 && !isAwaited;
  });
}

const succeeded = (access: SubscriptionAccess): SubscriptionAccess =>
  access.allowed
    ? { ...access, ...nothing, holdsUntil: undefined, entitlements: [], allowed: false, reason: "succeeded" }
    : access;
