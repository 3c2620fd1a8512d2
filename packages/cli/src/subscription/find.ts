import type { CustomerId } from "@tollhouse/core/lifecycle/customer";
import { licenseKey, type SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { unknownCustomer } from "../customer/unknown.ts";
import { CommandError } from "../failure.ts";
import type { Source } from "../source.ts";

/** A license in any of AWS's spellings means its subscription; everything else is taken for the subscription's own id. */
export const subscriptionNamed = (name: string): SubscriptionId =>
  licenseKey(name)?.id ?? (name.trim() as SubscriptionId);

/**
 * The subscriptions that a name means: one by its id or license, or all of a customer.
 * @throws CommandError when there is no such customer, or the customer has none
 */
export async function subscriptionsNamed(
  { store }: Pick<Source, "store">,
  name: string,
): Promise<readonly SubscriptionId[]> {
  if (!name.startsWith("cus-")) return [subscriptionNamed(name)];
  const id = name as CustomerId;
  if ((await store.loadCustomer(id)) === undefined) throw unknownCustomer(name);
  const found = await store.subscriptionsOf(id);
  if (found.length === 0) throw new CommandError("not-found", `Customer ${name} has no subscription.`);
  return found;
}
