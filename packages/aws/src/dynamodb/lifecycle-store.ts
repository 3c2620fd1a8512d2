import { entitlementSchema } from "@tollhouse/core/entitlement/entitlement";
import type { CustomerId } from "@tollhouse/core/lifecycle/customer";
import { type Fact, factSchema } from "@tollhouse/core/lifecycle/fact";
import type { LifecycleChange, LifecycleStore } from "@tollhouse/core/lifecycle/store";
import { type SubscriptionId, subscriptionSchema } from "@tollhouse/core/lifecycle/subscription";
import type { OutboxEntry } from "@tollhouse/core/outbox/outbox";
import { instant } from "@tollhouse/core/time/instant";
import * as z from "zod";
import { stream } from "./key.ts";
import type { LifecycleEntities } from "./lifecycle-entity.ts";
import { outboxItem } from "./outbox.ts";

const ids = z.array(z.string());
const subscriptionIds = z.array(z.string().transform((id) => id as SubscriptionId));
const consistent = { consistent: true } as const;

/** The lifecycle's state in DynamoDB. Every change is one transaction against the versions that were read. */
export function dynamoLifecycleStore(entities: LifecycleEntities): LifecycleStore {
  const { subscription, agreement, fact, customer, entitlements } = entities.entities;
  /** Read after the state: a fact that is missing here was stored later, and its version stops us. */
  const factsOf = async (streamName: string): Promise<readonly Fact[]> => {
    const { data } = await fact.query.all({ stream: streamName }).go({ ...consistent, pages: "all" });
    return data.map((item) => factSchema.parse(item.fact));
  };
  return {
    async loadSubscription(id) {
      const { data } = await subscription.get({ id }).go(consistent);
      const facts = await factsOf(stream.subscription(id));
      if (data === null) return { subscription: undefined, version: 0, facts, agreementIds: [] };
      return {
        subscription: subscriptionSchema.parse(data.state),
        version: data.version,
        facts,
        agreementIds: ids.parse(data.agreementIds),
      };
    },
    async currentSubscription(id) {
      const { data } = await subscription.get({ id }).go(consistent);
      return data === null ? undefined : subscriptionSchema.parse(data.state);
    },
    async loadAgreement(id) {
      const { data } = await agreement.get({ id }).go(consistent);
      const facts = await factsOf(stream.agreement(id));
      return {
        version: data?.version ?? 0,
        facts,
        subscriptionIds: subscriptionIds.parse(data?.subscriptionIds ?? []),
      };
    },
    async loadCustomer(id) {
      const { data } = await customer.get({ id }).go(consistent);
      if (data === null) return undefined;
      const { buyerAccountId, customerIdentifier, registeredAt } = data;
      return {
        id: data.id as CustomerId,
        buyerAccountId,
        customerIdentifier,
        registeredAt: instant(registeredAt),
      };
    },
    async subscriptionsOf(id) {
      const { data } = await subscription.query.byCustomer({ customerId: id }).go({ pages: "all" });
      return data.map((item) => item.id as SubscriptionId);
    },
    commit: (change) => commit(entities, change),
    async loadEntitlements(id) {
      const { data } = await entitlements.get({ subscriptionId: id }).go(consistent);
      if (data === null) return undefined;
      return {
        subscriptionId: id,
        readAt: instant(data.readAt),
        version: data.version,
        entitlements: z.array(entitlementSchema).parse(data.entitlements),
      };
    },
    async storeEntitlements({ version, ...snapshot }, outbox) {
      const result = await entities.transaction
        .write((to) => [
          to.entitlements
            .put({ ...snapshot, version })
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

async function commit(entities: LifecycleEntities, change: LifecycleChange): Promise<"stored" | "conflict"> {
  const streamName = stream[change.stream.kind](change.stream.id);
  const { agreement, customer } = change;
  const result = await entities.transaction
    .write((to) => [
      to.fact.create({ stream: streamName, factId: change.fact.id, fact: change.fact }).commit(),
      ...change.subscriptions.map(({ id, after, expectedVersion, agreementIds }) =>
        to.subscription
          .put({
            id,
            state: after,
            agreementIds,
            version: expectedVersion + 1,
            ...given("customerId", after.customerId),
          })
          .where((attribute, { notExists, eq }) =>
            expectedVersion === 0 ? notExists(attribute.version) : eq(attribute.version, expectedVersion),
          )
          .commit(),
      ),
      ...(agreement === undefined
        ? []
        : [
            to.agreement
              .put({
                id: agreement.id,
                subscriptionIds: agreement.subscriptionIds,
                version: agreement.expectedVersion + 1,
              })
              .where((attribute, { notExists, eq }) =>
                agreement.expectedVersion === 0
                  ? notExists(attribute.version)
                  : eq(attribute.version, agreement.expectedVersion),
              )
              .commit(),
          ]),
      ...(customer === undefined
        ? []
        : [
            to.customer
              .upsert({
                id: customer.id,
                ...given("buyerAccountId", customer.buyerAccountId),
                ...given("customerIdentifier", customer.customerIdentifier),
              })
              .ifNotExists({ registeredAt: customer.registeredAt })
              .commit(),
          ]),
      ...change.outbox.map((entry: OutboxEntry) => to.outbox.put(outboxItem(entry)).commit()),
    ])
    .go();
  return result.canceled ? "conflict" : "stored";
}

const given = <Key extends string, Value>(key: Key, value: Value | undefined): Partial<Record<Key, Value>> =>
  value === undefined ? {} : ({ [key]: value } as Record<Key, Value>);
