import type { EntitlementSnapshot } from "../entitlement/entitlement.ts";
import type { Customer, CustomerId } from "../lifecycle/customer.ts";
import type { Fact, FactId } from "../lifecycle/fact.ts";
import type { CommitOutcome, LifecycleChange, LifecycleStore } from "../lifecycle/store.ts";
import type { Subscription, SubscriptionId } from "../lifecycle/subscription.ts";
import type { Outbox, OutboxEntry } from "../outbox/outbox.ts";
import type { Instant } from "../time/instant.ts";

interface Contents {
  readonly subscriptions: Map<
    SubscriptionId,
    { version: number; subscription: Subscription; agreementIds: readonly string[] }
  >;
  readonly agreements: Map<string, { version: number; subscriptionIds: readonly SubscriptionId[] }>;
  /** By the state they are filed under. */
  readonly facts: Map<string, Map<FactId, Fact>>;
  readonly customers: Map<CustomerId, Customer>;
  readonly entitlements: Map<SubscriptionId, EntitlementSnapshot>;
  readonly outbox: Map<string, { entry: OutboxEntry; doneAt?: Instant }>;
}

/** The lifecycle's state in memory, with the outbox that its changes fill. Each change is one synchronous step. */
export function memoryLifecycle(): { readonly store: LifecycleStore; readonly outbox: Outbox } {
  const contents: Contents = {
    subscriptions: new Map(),
    agreements: new Map(),
    facts: new Map(),
    customers: new Map(),
    entitlements: new Map(),
    outbox: new Map(),
  };
  return { store: storeOf(contents), outbox: outboxOf(contents) };
}

const streamName = ({ kind, id }: LifecycleChange["stream"]): string => `${kind} ${id}`;

/** Everything goes in and out by copy, as through a wire. */
const copied = <Value>(value: Value): Promise<Value> => Promise.resolve(structuredClone(value));

function storeOf(contents: Contents): LifecycleStore {
  const factsOf = (stream: LifecycleChange["stream"]): readonly Fact[] => [
    ...(contents.facts.get(streamName(stream))?.values() ?? []),
  ];
  return {
    loadSubscription(id) {
      const facts = factsOf({ kind: "subscription", id });
      const stored = contents.subscriptions.get(id);
      return copied(
        stored === undefined
          ? { subscription: undefined, version: 0, facts, agreementIds: [] }
          : { ...stored, facts },
      );
    },
    currentSubscription: (id) => copied(contents.subscriptions.get(id)?.subscription),
    loadAgreement(id) {
      const { version, subscriptionIds } = contents.agreements.get(id) ?? { version: 0, subscriptionIds: [] };
      return copied({ version, subscriptionIds, facts: factsOf({ kind: "agreement", id }) });
    },
    loadCustomer: (id) => copied(contents.customers.get(id)),
    subscriptionsOf: (id) =>
      copied(
        [...contents.subscriptions.values()].flatMap(({ subscription }) =>
          subscription.customerId === id ? [subscription.id] : [],
        ),
      ),
    commit: (change) => Promise.resolve(commit(contents, structuredClone(change))),
    loadEntitlements: (id) => copied(contents.entitlements.get(id)),
    storeEntitlements(snapshot, outbox) {
      const known = contents.entitlements.get(snapshot.subscriptionId)?.version ?? 0;
      if (known !== snapshot.version - 1) return Promise.resolve(false);
      contents.entitlements.set(snapshot.subscriptionId, structuredClone(snapshot));
      for (const entry of structuredClone(outbox)) contents.outbox.set(entry.id, { entry });
      return Promise.resolve(true);
    },
  };
}

function commit(contents: Contents, change: LifecycleChange): CommitOutcome {
  const { fact, subscriptions, agreement, customer } = change;
  const stream = streamName(change.stream);
  const isStale =
    contents.facts.get(stream)?.has(fact.id) === true ||
    subscriptions.some(
      ({ id, expectedVersion }) => (contents.subscriptions.get(id)?.version ?? 0) !== expectedVersion,
    ) ||
    (agreement !== undefined &&
      (contents.agreements.get(agreement.id)?.version ?? 0) !== agreement.expectedVersion);
  if (isStale) return "conflict";
  contents.facts.set(stream, new Map(contents.facts.get(stream)).set(fact.id, fact));
  for (const { id, expectedVersion, after, agreementIds } of subscriptions)
    contents.subscriptions.set(id, { version: expectedVersion + 1, subscription: after, agreementIds });
  if (agreement !== undefined) {
    const { id, expectedVersion, subscriptionIds } = agreement;
    contents.agreements.set(id, { version: expectedVersion + 1, subscriptionIds });
  }
  if (customer !== undefined) putCustomer(contents, customer);
  for (const entry of change.outbox) contents.outbox.set(entry.id, { entry });
  return "stored";
}

/** What is said anew replaces what was known; the first registration stays the first. */
function putCustomer({ customers }: Contents, customer: Customer): void {
  const known = customers.get(customer.id);
  customers.set(customer.id, {
    id: customer.id,
    buyerAccountId: customer.buyerAccountId ?? known?.buyerAccountId,
    customerIdentifier: customer.customerIdentifier ?? known?.customerIdentifier,
    registeredAt: known?.registeredAt ?? customer.registeredAt,
  });
}

const outboxOf = ({ outbox }: Contents): Outbox => ({
  undone: (now, limit) =>
    copied(
      [...outbox.values()]
        .flatMap(({ entry, doneAt }) => (doneAt === undefined ? [entry] : []))
        .filter(({ dueAt }) => dueAt <= now)
        .toSorted((a, b) => a.dueAt - b.dueAt)
        .slice(0, limit),
    ),
  done(entries, at) {
    for (const entry of structuredClone(entries)) outbox.set(entry.id, { entry, doneAt: at });
    return Promise.resolve();
  },
});
