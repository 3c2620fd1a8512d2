import { entitlementSnapshotSchema } from "@tollhouse/core/entitlement/entitlement";
import { knownLicenseSchema } from "@tollhouse/core/lifecycle/buyer";
import { type CustomerId, customerSchema } from "@tollhouse/core/lifecycle/customer";
import type { Registered } from "@tollhouse/core/lifecycle/fact";
import {
  agreementLinksSchema,
  type LifecycleStore,
  type RecordKey,
  subscriptionLinksSchema,
} from "@tollhouse/core/lifecycle/store";
import { type SubscriptionId, subscriptionSchema } from "@tollhouse/core/lifecycle/subscription";
import * as z from "zod";
import { readFacts } from "./facts.ts";
import { streamOf } from "./key.ts";
import { commitChange, customerItem, isAt } from "./lifecycle-change.ts";
import type { LifecycleEntities } from "./lifecycle-entity.ts";
import { outboxItem } from "./outbox.ts";

const consistent = { consistent: true } as const;
const knownLicenses = z.array(knownLicenseSchema);

/** The lifecycle's state in DynamoDB. Every change is one transaction against the versions that were read. */
export function dynamoLifecycleStore(entities: LifecycleEntities): LifecycleStore {
  const { subscription, agreement, buyer, fact, customer, entitlements } = entities.entities;
  /**
   * Read after the state: a fact that is missing here was stored later, and its version stops us. Where there is no state there
   * are no facts, since none is filed without raising the version.
   */
  const factsOf = (home: RecordKey) => readFacts(entities, home);
  const holder = async (id: SubscriptionId) => {
    const { data } = await subscription.get({ id }).go(consistent);
    const { ownerId } = subscriptionLinksSchema.parse(data?.links ?? {});
    if (ownerId === undefined) return data;
    const { data: owner } = await subscription.get({ id: ownerId }).go(consistent);
    return owner;
  };
  return {
    async loadSubscription(id) {
      const { data } = await subscription.get({ id }).go(consistent);
      const facts = data === null ? [] : await factsOf({ kind: "subscription", id });
      return {
        version: data?.version ?? 0,
        subscription: data === null ? undefined : subscriptionSchema.parse(data.state),
        announced: data?.announced ?? false,
        links: subscriptionLinksSchema.parse(data?.links ?? {}),
        facts,
      };
    },
    async currentSubscription(id) {
      const { data } = await subscription.get({ id }).go(consistent);
      return data === null ? undefined : subscriptionSchema.parse(data.state);
    },
    async holderOf(id) {
      const data = await holder(id);
      return data === null ? undefined : subscriptionSchema.parse(data.state);
    },
    async announcedHolderOf(id) {
      const data = await holder(id);
      if (data?.announced !== true) return undefined;
      return { subscription: subscriptionSchema.parse(data.state), version: data.version };
    },
    async loadAgreement(id) {
      const { data } = await agreement.get({ id }).go(consistent);
      const facts = data === null ? [] : await factsOf({ kind: "agreement", id });
      return { version: data?.version ?? 0, links: agreementLinksSchema.parse(data?.links ?? {}), facts };
    },
    async loadBuyer(id) {
      const { data } = await buyer.get({ id }).go(consistent);
      const facts = data === null ? [] : await factsOf({ kind: "buyer", id });
      return {
        version: data?.version ?? 0,
        licenses: knownLicenses.parse(data?.licenses ?? []),
        waiting: facts.filter((each): each is Registered => each.kind === "customer-registered"),
      };
    },
    async hasFact(home, id) {
      const { data } = await fact.get({ stream: streamOf(home), factId: id }).go(consistent);
      return data !== null;
    },
    async loadCustomer(id) {
      const { data } = await customer.get({ id }).go(consistent);
      return data === null ? undefined : customerSchema.parse(data);
    },
    async storeCustomer(after, outbox) {
      const { canceled } = await entities.transaction
        .write((to) => [
          to.customer
            .put(customerItem(after))
            .where(isAt(after.version - 1))
            .commit(),
          ...outbox.map((entry) => to.outbox.put(outboxItem(entry)).commit()),
        ])
        .go();
      return !canceled;
    },
    async subscriptionsOf(id) {
      const { data } = await subscription.query.byCustomer({ customerId: id }).go({ pages: "all" });
      return data.map((item) => item.id as SubscriptionId);
    },
    async customersOf(reference) {
      const { data } = await customer.query.byReference({ reference }).go({ pages: "all" });
      return data.map((item) => item.id as CustomerId);
    },
    commit: (change) => commitChange(entities, change),
    async loadEntitlements(id) {
      const { data } = await entitlements.get({ subscriptionId: id }).go(consistent);
      return data === null ? undefined : entitlementSnapshotSchema.parse(data);
    },
    async storeEntitlements({ version, emptySince, ...snapshot }, outbox) {
      const result = await entities.transaction
        .write((to) => [
          to.entitlements
            .put({ ...snapshot, version, ...(emptySince !== undefined && { emptySince }) })
            .where((attribute, { notExists, eq }) =>
              version === 1 ? notExists(attribute.version) : eq(attribute.version, version - 1),
            )
            .commit(),
          ...outbox.map((entry) => to.outbox.put(outboxItem(entry)).commit()),
        ])
        .go();
      return !result.canceled;
    },
  };
}
