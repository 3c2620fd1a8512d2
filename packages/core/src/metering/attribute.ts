import type { Configuration } from "../configuration/configuration.ts";
import { findProduct, isMetered } from "../configuration/product.ts";
import type { CustomerId } from "../lifecycle/customer.ts";
import { licenseIdOf } from "../lifecycle/license.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import { grantPeriods, type Subscription, type SubscriptionId } from "../lifecycle/subscription.ts";
import type { Instant } from "../time/instant.ts";
import type { Account } from "./book.ts";

export type SubscriptionReader = Pick<LifecycleStore, "currentSubscription" | "subscriptionsOf">;

const unattributedPrefix = "unattributed:";
export const subscriptionAccount = (id: SubscriptionId): Account => id as string as Account;
const unattributed = (subject: string): Account => `${unattributedPrefix}${subject}` as Account;

/** The subscription that an account belongs to; `undefined` for usage that belongs to nobody yet. */
export const subscriptionOf = (account: Account): SubscriptionId | undefined =>
  account.startsWith(unattributedPrefix) ? undefined : (account as string as SubscriptionId);

/**
 * Finds the account of a subject's usage at an instant: that of the one subscription which it can mean, whose product
 * meters the dimension and whose grant covers the instant. Anything else waits, visibly, under the subject's own name.
 * Answers are kept for as long as the function lives, which is one fold.
 */
export function attributor(
  store: SubscriptionReader,
  configuration: Configuration,
): (subject: string, dimension: string, at: Instant) => Promise<Account> {
  const known = new Map<string, Promise<readonly Subscription[]>>();
  const candidates = (subject: string) => {
    const found = known.get(subject) ?? findSubscriptions(store, subject);
    known.set(subject, found);
    return found;
  };
  return async (subject, dimension, at) => {
    const fitting = (await candidates(subject)).filter((subscription) => {
      const product = findProduct(configuration, subscription.productCode);
      return product !== undefined && isMetered(product, dimension) && grantCovers(subscription, at);
    });
    const [only, second] = fitting;
    return only === undefined || second !== undefined ? unattributed(subject) : subscriptionAccount(only.id);
  };
}

async function findSubscriptions(
  store: SubscriptionReader,
  subject: string,
): Promise<readonly Subscription[]> {
  const ids = subject.startsWith("cus-")
    ? await store.subscriptionsOf(subject as CustomerId)
    : [(licenseIdOf(subject) ?? subject) as SubscriptionId];
  const found = await Promise.all(ids.map((id) => store.currentSubscription(id)));
  return found.filter((subscription) => subscription !== undefined);
}

const grantCovers = (subscription: Subscription, at: Instant): boolean =>
  grantPeriods(subscription).some(({ since, cutAt }) => at >= since && (cutAt === undefined || at < cutAt));
