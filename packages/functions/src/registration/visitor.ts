import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { findProduct } from "@tollhouse/core/configuration/product";
import { masked } from "@tollhouse/core/contact/email-address";
import type { LifecycleStore } from "@tollhouse/core/lifecycle/store";
import type { Subscription } from "@tollhouse/core/lifecycle/subscription";
import type { Registered } from "./page/registered-page.ts";
import { type Standing, standingOf } from "./standing.ts";
import type { Buyer, Visit } from "./token.ts";

type Store = Pick<LifecycleStore, "loadCustomer" | "holderOf">;

const subscriptionOf = async (store: Store, { subscriptionId }: Visit): Promise<Subscription | undefined> =>
  subscriptionId === undefined ? undefined : store.holderOf(subscriptionId);

/** How the subscription stands that the visit is about. */
export const standingAt = async (store: Store, visit: Visit): Promise<Standing> =>
  standingOf(await subscriptionOf(store, visit));

/** What the page shows to who is on it. */
export async function lookAt(
  store: Store,
  configuration: Configuration,
  visit: Visit,
): Promise<Omit<Registered, "fields">> {
  const [standing, customer] = await Promise.all([
    standingAt(store, visit),
    store.loadCustomer(visit.customerId),
  ]);
  const email = customer?.contact?.email;
  return {
    productTitle: findProduct(configuration, visit.productCode)?.title ?? "Your product",
    standing,
    knownEmail: email === undefined ? undefined : masked(email),
    mails: configuration.registrationPage.mail !== undefined,
  };
}

/** What the seller's page is told of who is on ours, as it is known now. */
export async function buyerOf(store: Store, visit: Visit): Promise<Buyer> {
  const [subscription, customer] = await Promise.all([
    subscriptionOf(store, visit),
    store.loadCustomer(visit.customerId),
  ]);
  const { identity } = subscription ?? {};
  return {
    ...visit,
    subscriptionId: subscription?.id ?? visit.subscriptionId,
    licenseArn: identity?.by === "license" ? identity.licenseArn : subscription?.licenseArn,
    ...(customer?.contact !== undefined && {
      email: customer.contact.email,
      emailVerified: customer.contact.confirmedAt !== undefined,
    }),
    reference: customer?.reference,
  };
}

/** Whether an address is known to write to. */
export const hasEmail = async (store: Store, { customerId }: Visit): Promise<boolean> =>
  ((await store.loadCustomer(customerId))?.contact?.email) !== undefined;
