import * as z from "zod";
import type { Configuration, Product } from "../configuration/configuration.ts";
import { findProduct } from "../configuration/product.ts";
import { buyerIdOf, know } from "./buyer.ts";
import { agreementKey, type Component, subscriptionRecordKey } from "./component.ts";
import { type Fact, type FactOf, factSchema, type Registered } from "./fact.ts";
import type {
  AgreementLinks,
  AgreementRecord,
  BuyerRecord,
  RecordKey,
  SubscriptionLinks,
  SubscriptionRecord,
} from "./store.ts";
import {
  customerKey,
  licenseKey,
  type SubscriptionId,
  type SubscriptionKey,
  subscriptionKey,
} from "./subscription.ts";

/** Where a fact is filed, and what it ties together. */
export interface Place {
  readonly home: RecordKey;
  /** Every record that the fact says something about, the home included. */
  readonly touches: readonly RecordKey[];
  /** The component with the fact filed and its links made; the one given is left as it is. */
  apply(component: Component): Component;
}

/** Where a fact belongs, or why it belongs nowhere. */
export function placeOf(configuration: Configuration, fact: Fact): Place | { readonly refused: string } {
  const checked = factSchema.safeParse(fact);
  if (!checked.success) return { refused: `what it says is not possible: ${z.prettifyError(checked.error)}` };
  if (fact.kind === "notice") {
    const { agreementId } = fact;
    if (agreementId !== undefined) return inAgreement(agreementId, fact);
    const home = { kind: "seller", id: configuration.seller.accountId } as const;
    return { home, touches: [home], apply: (component) => component };
  }
  if (!("productCode" in fact)) return inAgreement(fact.agreementId, fact);
  const product = findProduct(configuration, fact.productCode);
  if (product === undefined) {
    const remedy = "add the product, then replay this message";
    return { refused: `product code ${fact.productCode} is not in tollhouse.config.ts: ${remedy}` };
  }
  switch (fact.kind) {
    case "customer-registered":
      return registration(product, fact);
    case "license-updated":
    case "license-deprovisioned":
      return license(fact);
    case "window-elapsed":
    case "start-reached":
      return inSubscription(fact.subscriptionId, fact);
    case "subscribe-succeeded":
    case "subscribe-failed":
    case "unsubscribe-pending":
    case "unsubscribe-succeeded":
    case "entitlement-updated":
      return inSubscription(customerKey(product.code, fact.customerIdentifier).id, fact);
    default:
      return fact satisfies never;
  }
}

const inSubscription = (id: SubscriptionId, fact: Fact): Place => ({
  home: subscriptionRecordKey(id),
  touches: [subscriptionRecordKey(id)],
  apply: (component) =>
    changed(component, (draft) => draft.subscription(id, (record) => filed(record, fact))),
});

/** The agreement before and the one after know of each other, so that what happens to one is seen by the other. */
function inAgreement(id: string, fact: Fact): Place {
  const previous = fact.kind === "agreement-created" ? fact.previousAgreementId : undefined;
  const home = agreementKey(id);
  return {
    home,
    touches: previous === undefined ? [home] : [home, agreementKey(previous)],
    apply: (component) =>
      changed(component, (draft) => {
        draft.agreement(id, (record) => filed(record, fact));
        if (previous !== undefined)
          draft.agreement(previous, (record) => joined(record, { successorIds: [id] }));
      }),
  };
}

function license(
  fact: FactOf<"license-updated"> | FactOf<"license-deprovisioned">,
): Place | { refused: string } {
  const key = licenseKey(fact.licenseArn);
  if (key === undefined)
    return { refused: `"${fact.licenseArn}" is no license: its ARN ends with neither l-… nor lic-…` };
  const { agreementId } = fact;
  const buyerId = buyerIdOf(fact.productCode, fact.buyerAccountId);
  return {
    home: subscriptionRecordKey(key.id),
    touches: [subscriptionRecordKey(key.id), agreementKey(agreementId), { kind: "buyer", id: buyerId }],
    apply: (component) =>
      changed(component, (draft) => {
        draft.subscription(key.id, (record) =>
          tied(filed(record, fact), { agreementIds: [agreementId], buyerId }),
        );
        draft.agreement(agreementId, (record) => joined(record, { subscriptionIds: [key.id] }));
        const said = fact.kind === "license-updated" ? { seenAt: fact.at } : { goneAt: fact.at };
        draft.buyer(buyerId, (record) => knowing(record, { id: key.id, visits: [], ...said }));
      }),
  };
}

/** A visit is filed under the subscription that AWS names; under the buyer when AWS has not named the license yet. */
function registration(product: Product, fact: Registered): Place | { refused: string } {
  const key = subscriptionKey(product, fact);
  const { buyerAccountId, customerIdentifier } = fact;
  // Whoever is not named at all would be one customer with all others who are not.
  if (buyerAccountId === undefined && customerIdentifier === undefined) return { refused: unnamed(product) };
  if (key === undefined) {
    if (product.generation === "sns" || buyerAccountId === undefined) return { refused: unnamed(product) };
    return waitingRegistration(product, buyerAccountId, fact);
  }
  const named = fact.licenseArn === undefined ? undefined : licenseKey(fact.licenseArn);
  const buyerId = named && buyerAccountId !== undefined ? buyerIdOf(product.code, buyerAccountId) : undefined;
  return {
    home: subscriptionRecordKey(key.id),
    touches: [
      subscriptionRecordKey(key.id),
      ...(named === undefined ? [] : [subscriptionRecordKey(named.id)]),
      ...(buyerId === undefined ? [] : [{ kind: "buyer", id: buyerId } as const]),
    ],
    apply: (component) =>
      changed(component, (draft) => {
        draft.subscription(key.id, (record) => filed(record, fact));
        if (named !== undefined) link(draft, key, named);
        if (named === undefined || buyerId === undefined) return;
        const visits = fact.visit === undefined ? [] : [fact.visit];
        draft.buyer(buyerId, (record) => knowing(record, { id: named.id, registeredAt: fact.at, visits }));
      }),
  };
}

/** A registration that shows both of a buyer's identifiers ties the license to the subscription known by the other one. */
function link(draft: Draft, owner: SubscriptionKey, named: SubscriptionKey): void {
  if (owner.id === named.id) return;
  draft.subscription(named.id, (record) => tied(record, { ownerId: owner.id }));
  draft.subscription(owner.id, (record) => tied(record, { licenseIds: [named.id] }));
}

function waitingRegistration(product: Product, buyerAccountId: string, fact: Registered): Place {
  const id = buyerIdOf(product.code, buyerAccountId);
  const home = { kind: "buyer", id } as const;
  return {
    home,
    touches: [home],
    apply: (component) =>
      changed(component, (draft) =>
        draft.buyer(id, (record) => ({ ...record, waiting: [...record.waiting, fact] })),
      ),
  };
}

const unnamed = ({ code, generation }: Product): string =>
  generation === "sns"
    ? `it names no customer identifier, but ${code} is configured as "sns" and is keyed by it`
    : `it names neither a license nor an AWS account, and ${code} is configured as "${generation}"`;

interface Draft {
  subscription(id: SubscriptionId, change: (record: SubscriptionRecord) => SubscriptionRecord): void;
  agreement(id: string, change: (record: AgreementRecord) => AgreementRecord): void;
  buyer(id: BuyerRecordId, change: (record: BuyerRecord) => BuyerRecord): void;
}
type BuyerRecordId = Extract<RecordKey, { kind: "buyer" }>["id"];

/** A copy of the component with some of its records replaced. */
function changed(component: Component, change: (draft: Draft) => void): Component {
  const subscriptions = new Map(component.subscriptions);
  const agreements = new Map(component.agreements);
  const buyers = new Map(component.buyers);
  change({
    subscription: replaceIn(subscriptions),
    agreement: replaceIn(agreements),
    buyer: replaceIn(buyers),
  });
  return { subscriptions, agreements, buyers };
}

/** @throws Error for a record that was not loaded, which would be our mistake */
const replaceIn =
  <Id, Held>(records: Map<Id, Held>) =>
  (id: Id, change: (record: Held) => Held): void => {
    const record = records.get(id);
    if (record === undefined) throw new Error(`${String(id)} was not loaded before it was changed`);
    records.set(id, change(record));
  };

const filed = <Held extends { readonly facts: readonly Fact[] }>(record: Held, fact: Fact): Held => ({
  ...record,
  facts: [...record.facts, fact],
});

/** The record with more links; the very same one when it had them all. Should two owners be named, the choice is not the first's. */
function tied(record: SubscriptionRecord, more: Partial<SubscriptionLinks>): SubscriptionRecord {
  const { links } = record;
  const after: SubscriptionLinks = {
    agreementIds: union(links.agreementIds, more.agreementIds),
    licenseIds: union(links.licenseIds, more.licenseIds),
    ownerId: least(links.ownerId, more.ownerId),
    buyerId: least(links.buyerId, more.buyerId),
  };
  return same(links, after) ? record : { ...record, links: after };
}

function joined(record: AgreementRecord, more: Partial<AgreementLinks>): AgreementRecord {
  const { links } = record;
  const after: AgreementLinks = {
    subscriptionIds: union(links.subscriptionIds, more.subscriptionIds),
    successorIds: union(links.successorIds, more.successorIds),
  };
  return same(links, after) ? record : { ...record, links: after };
}

const union = <Id>(some: readonly Id[], more: readonly Id[] = []): readonly Id[] => [
  ...new Set([...some, ...more]),
];
const least = <Id extends string>(a: Id | undefined, b: Id | undefined): Id | undefined =>
  a === undefined || b === undefined ? (a ?? b) : a < b ? a : b;
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function knowing(record: BuyerRecord, said: Parameters<typeof know>[1]): BuyerRecord {
  const licenses = know(record.licenses, said);
  return same(record.licenses, licenses) ? record : { ...record, licenses };
}
