import type { Configuration, Product } from "../configuration/configuration.ts";
import { findProduct } from "../configuration/product.ts";
import { claims } from "./buyer.ts";
import { type Component, predecessorsOf } from "./component.ts";
import { type Fact, type FactOf, type Registered } from "./fact.ts";
import { foldSubscription } from "./fold.ts";
import type { SubscriptionRecord } from "./store.ts";
import {
  customerKey,
  licenseKey,
  type Subscription,
  type SubscriptionId,
  type SubscriptionKey,
  unknownSubscription,
} from "./subscription.ts";

/** A subscription of a component as its facts, and those of the records it is linked to, tell it. */
export interface Told {
  readonly product: Product;
  readonly state: Subscription;
  /** Whether it is a subscription of its own: it has the key that its product goes by, and belongs to no other one. */
  readonly announced: boolean;
}

/** What a subscription's state is folded from. */
interface Premises {
  readonly product: Product;
  readonly start: Subscription;
  /** Every fact that counts: its own, its agreements', its licenses', claimed and inherited registrations; unsorted. */
  readonly facts: readonly Fact[];
}

/** `undefined` while nothing says what it is, or its product is no longer configured. */
export function premisesOf(
  component: Component,
  configuration: Configuration,
  id: SubscriptionId,
): Premises | undefined {
  const record = component.subscriptions.get(id);
  const origin = record && originOf(component, id, record);
  const product = origin && findProduct(configuration, origin.productCode);
  if (record === undefined || origin === undefined || product === undefined) return undefined;
  const start = unknownSubscription(product.code, origin.key);
  // What belongs to another subscription is told there.
  if (record.links.ownerId !== undefined) return { product, start, facts: [] };
  const inherited = ancestorsOf(component, id).flatMap((ancestor) => registrationsOf(component, ancestor));
  return { product, start, facts: [...inherited.map(withoutLicense), ...ownFacts(component, id)] };
}

/** `undefined` while nothing says what it is, or its product is no longer configured. */
export function tell(
  component: Component,
  configuration: Configuration,
  id: SubscriptionId,
): Told | undefined {
  const premises = premisesOf(component, configuration, id);
  if (premises === undefined) return undefined;
  const { product, start, facts } = premises;
  if (component.subscriptions.get(id)?.links.ownerId !== undefined)
    return { product, state: start, announced: false };
  const state = {
    ...foldSubscription(start, product, facts),
    ...optional("succeeds", newest(ancestorsOf(component, id))),
    ...optional("succeededBy", newest(heirsOf(component, id))),
  };
  return { product, state, announced: isAnnounced(product, state) };
}

const optional = (name: "succeeds" | "succeededBy", id: SubscriptionId | undefined) =>
  id === undefined ? {} : { [name]: id };
const newest = (ids: readonly SubscriptionId[]): SubscriptionId | undefined => ids[0];

function isAnnounced({ generation }: Product, { identity, registration }: Subscription): boolean {
  switch (generation) {
    case "sns":
      return identity.by === "customer";
    case "eventbridge":
      return identity.by === "license";
    case "migrating":
      // A license may yet turn out to be that of a buyer who is known by the other identifier; who registers says so.
      return identity.by === "customer" || registration === "registered";
    default:
      return generation satisfies never;
  }
}

/** Product and identity: as stored, else from the facts filed under the record or under the one that it belongs to. */
function originOf(
  { subscriptions }: Component,
  id: SubscriptionId,
  { facts, subscription, links }: SubscriptionRecord,
): { readonly productCode: string; readonly key: SubscriptionKey } | undefined {
  if (subscription !== undefined)
    return { productCode: subscription.productCode, key: { id, identity: subscription.identity } };
  const owner = links.ownerId && subscriptions.get(links.ownerId);
  for (const fact of [...facts, ...(owner?.facts ?? [])]) {
    if (!("productCode" in fact)) continue;
    const { productCode } = fact;
    const key = keysIn(fact).find((named) => named.id === id);
    if (key !== undefined) return { productCode, key };
  }
  return undefined;
}

/** Every key that a fact names. */
function keysIn(fact: Extract<Fact, { productCode: string }>): readonly SubscriptionKey[] {
  const license =
    "licenseArn" in fact ? fact.licenseArn : "subscriptionId" in fact ? fact.subscriptionId : undefined;
  const customer = "customerIdentifier" in fact ? fact.customerIdentifier : customerIn(fact);
  const byLicense = license === undefined ? undefined : licenseKey(license);
  const byCustomer = customer === undefined ? undefined : customerKey(fact.productCode, customer);
  return [byLicense, byCustomer].filter((key) => key !== undefined);
}

/** The identifier in the id of a subscription that is known by one. */
const customerIn = (fact: Extract<Fact, { productCode: string }>): string | undefined =>
  "subscriptionId" in fact && fact.subscriptionId.startsWith(`${fact.productCode}/`)
    ? fact.subscriptionId.slice(fact.productCode.length + 1)
    : undefined;

/** The licenses whose facts are this subscription's: its own, and those that belong to it. */
const membersOf = ({ subscriptions }: Component, id: SubscriptionId): readonly SubscriptionId[] => [
  id,
  ...(subscriptions.get(id)?.links.licenseIds ?? []).filter(
    (license) => subscriptions.get(license)?.links.ownerId === id,
  ),
];

const agreementsOf = (component: Component, id: SubscriptionId): readonly string[] => [
  ...new Set(
    membersOf(component, id).flatMap(
      (member) => component.subscriptions.get(member)?.links.agreementIds ?? [],
    ),
  ),
];

const ownFacts = (component: Component, id: SubscriptionId): readonly Fact[] => [
  ...membersOf(component, id).flatMap((member) => component.subscriptions.get(member)?.facts ?? []),
  ...agreementsOf(component, id).flatMap((agreement) => component.agreements.get(agreement)?.facts ?? []),
  ...membersOf(component, id).flatMap((member) => claimed(component, member)),
];

/** Registrations that waited under the buyer and mean this subscription. */
function claimed({ subscriptions, buyers }: Component, id: SubscriptionId): readonly Registered[] {
  const buyerId = subscriptions.get(id)?.links.buyerId;
  const buyer = buyerId && buyers.get(buyerId);
  if (buyer === undefined) return [];
  return [...claims(buyer.licenses, buyer.waiting)].flatMap(([fact, license]) =>
    license === id ? [fact] : [],
  );
}

const registrationsOf = (component: Component, id: SubscriptionId): readonly Registered[] =>
  ownFacts(component, id).filter((fact): fact is Registered => fact.kind === "customer-registered");

/** The buyer stays the buyer; the license that was named then is not this one. */
const withoutLicense = (fact: Registered): Registered => ({ ...fact, licenseArn: undefined });

/**
 * The subscriptions that this one renews or replaces under a license of its own, nearest first: those of the agreements
 * before its own, and before those, for the same product and AWS account.
 */
const ancestorsOf = (component: Component, id: SubscriptionId): readonly SubscriptionId[] =>
  kinAlong(component, id, (agreement) => {
    const record = component.agreements.get(agreement);
    return record === undefined ? [] : predecessorsOf(record);
  });

/** The subscriptions that renew this one, nearest first. */
const heirsOf = (component: Component, id: SubscriptionId): readonly SubscriptionId[] =>
  kinAlong(
    component,
    id,
    (agreement) => component.agreements.get(agreement)?.links.successorIds ?? [],
  ).filter((heir) => ancestorsOf(component, heir)[0] === id);

/** Kin that a chain of agreements leads to from the subscription's own, step by step; a circle is gone round once. */
function kinAlong(
  component: Component,
  id: SubscriptionId,
  step: (agreementId: string) => readonly string[],
): readonly SubscriptionId[] {
  const seen = new Set(agreementsOf(component, id));
  const found = new Set<SubscriptionId>();
  let next = [...seen];
  while (next.length > 0) {
    next = [...new Set(next.flatMap(step))].filter((agreement) => !seen.has(agreement));
    for (const agreement of next) seen.add(agreement);
    for (const kin of kinIn(component, id, next)) found.add(kin);
  }
  return [...found];
}

/** The subscriptions of these agreements, other than `id`, that are of the same product and AWS account. */
function kinIn(
  component: Component,
  id: SubscriptionId,
  agreementIds: readonly string[],
): readonly SubscriptionId[] {
  const kin = agreementIds
    .flatMap((agreement) => component.agreements.get(agreement)?.links.subscriptionIds ?? [])
    .map((member) => component.subscriptions.get(member)?.links.ownerId ?? member)
    .filter(
      (other) =>
        other !== id && buyersOf(component, other).some((buyer) => buyersOf(component, id).includes(buyer)),
    );
  return [...new Set(kin)].sort();
}

/** Product and account, by the licenses' own facts. */
const buyersOf = (component: Component, id: SubscriptionId): readonly string[] =>
  membersOf(component, id).flatMap((member) =>
    (component.subscriptions.get(member)?.facts ?? [])
      .filter((fact): fact is FactOf<"license-updated"> => fact.kind === "license-updated")
      .map(({ productCode, buyerAccountId }) => `${productCode} ${buyerAccountId}`),
  );
