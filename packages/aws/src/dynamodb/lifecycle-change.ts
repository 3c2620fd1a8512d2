import { createHash } from "node:crypto";
import type { Fact } from "@tollhouse/core/lifecycle/fact";
import type { Customer } from "@tollhouse/core/lifecycle/customer";
import { type CommitOutcome, type LifecycleChange, parkedAs } from "@tollhouse/core/lifecycle/store";
import { customerListing, streamOf, subscriptionListing } from "./key.ts";
import type { LifecycleEntities } from "./lifecycle-entity.ts";
import { outboxItem } from "./outbox.ts";

/** DynamoDB takes at most so many items a transaction (TransactWriteItems reference). */
const maxItems = 100;

/** One fact would change more than a transaction holds. */
class ChangeTooLargeError extends Error {
  readonly code = "lifecycle-change-too-large";
  readonly retryable = false;
  constructor(factId: string, items: number) {
    super(
      `Fact ${factId} changes ${items} items at once; DynamoDB takes ${maxItems}. Its message goes to the dead-letter queue.`,
    );
    this.name = "ChangeTooLargeError";
  }
}

/**
 * Stores a change whole or not at all: the fact, every record it changes against the version that was read, and a check of
 * every other record that was read.
 * @throws ChangeTooLargeError
 */
export async function commitChange(
  entities: LifecycleEntities,
  change: LifecycleChange,
): Promise<CommitOutcome> {
  const { fact, home, subscriptions, agreements, buyers, customer, unchanged, outbox } = change;
  const checked = unchanged.flatMap(({ key, version }) => (key.kind === "seller" ? [] : [{ key, version }]));
  const items =
    1 +
    subscriptions.length +
    agreements.length +
    buyers.length +
    checked.length +
    outbox.length +
    (customer === undefined ? 0 : 1);
  if (items > maxItems) throw new ChangeTooLargeError(fact.id, items);
  const result = await entities.transaction
    .write((to) => [
      to.fact
        .create({
          stream: streamOf(home),
          factId: fact.id,
          fact,
          ...listedAs(fact, streamOf(home)),
        })
        .commit(),
      ...subscriptions.map((changed) =>
        to.subscription
          .put({
            id: changed.id,
            state: changed.after,
            links: changed.links,
            announced: changed.announced,
            version: changed.expectedVersion + 1,
            ...given("listing", changed.announced ? subscriptionListing : parkedAs.subscription(changed)),
            ...given("customerId", changed.announced ? changed.after.customerId : undefined),
          })
          .where(isAt(changed.expectedVersion))
          .commit(),
      ),
      ...agreements.map((changed) =>
        to.agreement
          .put({
            id: changed.id,
            links: changed.links,
            version: changed.expectedVersion + 1,
            ...given("listing", parkedAs.agreement(changed)),
          })
          .where(isAt(changed.expectedVersion))
          .commit(),
      ),
      ...buyers.map((changed) =>
        to.buyer
          .put({
            id: changed.id,
            licenses: changed.licenses,
            version: changed.expectedVersion + 1,
            ...given("listing", parkedAs.buyer(changed)),
          })
          .where(isAt(changed.expectedVersion))
          .commit(),
      ),
      ...(customer === undefined
        ? []
        : [
            to.customer
              .put(customerItem(customer.after))
              .where(isAt(customer.after.version - 1))
              .commit(),
          ]),
      ...checked.map(({ key, version }) => {
        switch (key.kind) {
          case "subscription":
            return to.subscription.check({ id: key.id }).where(isAt(version)).commit();
          case "agreement":
            return to.agreement.check({ id: key.id }).where(isAt(version)).commit();
          case "buyer":
            return to.buyer.check({ id: key.id }).where(isAt(version)).commit();
          default:
            return key satisfies never;
        }
      }),
      ...outbox.map((entry) => to.outbox.put(outboxItem(entry)).commit()),
    ])
    .go();
  return result.canceled ? "conflict" : "stored";
}

/** The record is as it was read; version 0: it is not there. */
export const isAt =
  (version: number) =>
  <Attribute>(
    attribute: { readonly version: Attribute },
    { notExists, eq }: { notExists: (of: Attribute) => string; eq: (of: Attribute, value: number) => string },
  ): string =>
    version === 0 ? notExists(attribute.version) : eq(attribute.version, version);

function listedAs(fact: Fact, stream: string): { listing?: string; place?: string } {
  const listing = parkedAs.fact(fact);
  if (listing === undefined) return {};
  return { listing, place: createHash("sha256").update(`${stream}#${fact.id}`).digest("hex") };
}

/** A customer as it is stored; ElectroDB wants what is unknown to be absent. */
export function customerItem({ id, version, registeredAt, ...rest }: Customer) {
  return {
    ...{ id, version, registeredAt, listing: customerListing },
    ...given("buyerAccountId", rest.buyerAccountId),
    ...given("customerIdentifier", rest.customerIdentifier),
    ...given("erasedAt", rest.erasedAt),
    ...given("reference", rest.reference),
    ...given("referencedAt", rest.referencedAt),
    ...given("referencedBy", rest.referencedBy),
    ...given("contact", rest.contact),
  };
}

const given = <Key extends string, Value>(key: Key, value: Value | undefined): Partial<Record<Key, Value>> =>
  value === undefined ? {} : ({ [key]: value } as Record<Key, Value>);
