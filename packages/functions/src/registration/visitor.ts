import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { findProduct } from "@tollhouse/core/configuration/product";
import { masked } from "@tollhouse/core/contact/email-address";
import type { Customer } from "@tollhouse/core/lifecycle/customer";
import type { LifecycleStore } from "@tollhouse/core/lifecycle/store";
import type { Subscription } from "@tollhouse/core/lifecycle/subscription";
import type { Registered } from "./page/registered-page.ts";
import { type Standing, standingOf } from "./standing.ts";
import type { Buyer, Visit } from "./token.ts";

type Store = Pick<LifecycleStore, "loadCustomer" | "holderOf" | "subscriptionsOf">;

/**
 * The subscription that the visit is about. While AWS has not named its license to the page, an event may have: then it is the only one
 * that the customer has of this product.
 */
async function subscriptionOf(store: Store, visit: Visit): Promise<Subscription | undefined> {
  const { subscriptionId, customerId, productCode } = visit;
  if (subscriptionId !== undefined) return store.holderOf(subscriptionId);
  const all = await Promise.all((await store.subscriptionsOf(customerId)).map((id) => store.holderOf(id)));
  const [only, second] = all.filter((each) => each?.productCode === productCode);
  return second === undefined ? only : undefined;
}

/** How the subscription stands that the visit is about. */
export const standingAt = async (store: Store, visit: Visit): Promise<Standing> =>
  standingOf(await subscriptionOf(store, visit));

/** Who is on the page; `undefined` when the customer was erased since. */
export async function customerOf(store: Store, { customerId }: Visit): Promise<Customer | undefined> {
  const customer = await store.loadCustomer(customerId);
  return customer?.erasedAt === undefined ? customer : undefined;
}

/** What the page shows to who is on it. */
export async function lookAt(
  store: Store,
  configuration: Configuration,
  visit: Visit,
  { contact }: Customer,
): Promise<Omit<Registered, "fields">> {
  return {
    productTitle: findProduct(configuration, visit.productCode)?.title ?? "Your product",
    standing: await standingAt(store, visit),
    known: contact && { email: masked(contact.email), isLost: contact.undeliverableAt !== undefined },
    mails: configuration.registrationPage.mail !== undefined,
  };
}

/** What the seller's page is told of who is on ours, as it is known now. */
export async function buyerOf(store: Store, visit: Visit, customer: Customer): Promise<Buyer> {
  const subscription = await subscriptionOf(store, visit);
  const { identity } = subscription ?? {};
  return {
    ...visit,
    subscriptionId: subscription?.id ?? visit.subscriptionId,
    licenseArn: identity?.by === "license" ? identity.licenseArn : subscription?.licenseArn,
    ...(customer.contact !== undefined && {
      email: customer.contact.email,
      emailVerified: customer.contact.confirmedAt !== undefined,
    }),
    reference: customer.reference,
  };
}
