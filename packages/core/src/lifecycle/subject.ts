import type { CustomerId } from "./customer.ts";
import { licenseIdOf } from "./license.ts";
import type { LifecycleStore } from "./store.ts";
import type { Subscription, SubscriptionId } from "./subscription.ts";

/** Who may stand behind a name. */
export type NameReader = Pick<LifecycleStore, "subscriptionsOf" | "customersOf">;

export type Candidates = ReadonlyMap<SubscriptionId, Subscription>;

/** Renewals that are followed from a subscription; a year of monthly terms and more. */
const maxRenewals = 24;

/**
 * Every subscription that a subject can mean, those that renewed it included. A subject is a customer of ours, the seller's own
 * reference of customers, or a subscription by its id or license.
 * @param holderOf the subscription that an id belongs to, as its reader wants it
 * @param atMost so many of those that the subject names are looked at
 */
export async function subscriptionsMeant(
  names: NameReader,
  holderOf: (id: SubscriptionId) => Promise<Subscription | undefined>,
  subject: string,
  atMost = Number.POSITIVE_INFINITY,
): Promise<Candidates> {
  const found = new Map<SubscriptionId, Subscription>();
  let next = (await namedBy(names, subject)).slice(0, atMost);
  for (let step = 0; step <= maxRenewals && next.length > 0; step += 1) {
    const subscriptions = await Promise.all(next.map((id) => holderOf(id)));
    const fresh = subscriptions.filter((one) => one !== undefined).filter(({ id }) => !found.has(id));
    for (const one of fresh) found.set(one.id, one);
    next = fresh.flatMap(({ succeededBy }) => succeededBy ?? []);
  }
  return found;
}

async function namedBy(names: NameReader, subject: string): Promise<readonly SubscriptionId[]> {
  if (subject.startsWith("cus-")) return names.subscriptionsOf(subject as CustomerId);
  const license = licenseIdOf(subject);
  if (license !== undefined) return [license as string as SubscriptionId];
  const customers = await names.customersOf(subject);
  const theirs = await Promise.all(customers.map((id) => names.subscriptionsOf(id)));
  return [subject as SubscriptionId, ...theirs.flat()];
}

/** Whether one renews another, directly or through renewals in between. */
export function renews(later: Subscription, earlier: Subscription, candidates: Candidates): boolean {
  let before = later.succeeds;
  for (let step = 0; step <= maxRenewals && before !== undefined; step += 1) {
    if (before === earlier.id) return true;
    before = candidates.get(before)?.succeeds;
  }
  return false;
}
