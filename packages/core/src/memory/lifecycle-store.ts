import type { EntitlementSnapshot } from "../entitlement/entitlement.ts";
import type { BuyerId, KnownLicense } from "../lifecycle/buyer.ts";
import type { Customer, CustomerId } from "../lifecycle/customer.ts";
import type { Fact, FactId, Registered } from "../lifecycle/fact.ts";
import {
  type AgreementLinks,
  type CommitOutcome,
  type LifecycleChange,
  type LifecycleDirectory,
  type LifecycleStore,
  type Page,
  type Parked,
  parkedAs,
  type RecordKey,
  type SubscriptionLinks,
} from "../lifecycle/store.ts";
import type { Subscription, SubscriptionId } from "../lifecycle/subscription.ts";
import type { Outbox, OutboxEntry } from "../outbox/outbox.ts";
import type { Instant } from "../time/instant.ts";

interface Contents {
  readonly subscriptions: Map<
    SubscriptionId,
    { version: number; subscription: Subscription; announced: boolean; links: SubscriptionLinks }
  >;
  readonly agreements: Map<string, { version: number; links: AgreementLinks }>;
  readonly buyers: Map<BuyerId, { version: number; licenses: readonly KnownLicense[] }>;
  /** By the record they are filed under. */
  readonly facts: Map<string, Map<FactId, Fact>>;
  readonly customers: Map<CustomerId, Customer>;
  readonly entitlements: Map<SubscriptionId, EntitlementSnapshot>;
  readonly outbox: Map<string, { entry: OutboxEntry; doneAt?: Instant }>;
  readonly parked: Map<string, Parked>;
}

export interface MemoryLifecycle {
  readonly store: LifecycleStore;
  readonly outbox: Outbox;
  readonly directory: LifecycleDirectory;
}

/** The lifecycle's state in memory, with the outbox that its changes fill. Each change is one synchronous step. */
export function memoryLifecycle(): MemoryLifecycle {
  const contents: Contents = {
    subscriptions: new Map(),
    agreements: new Map(),
    buyers: new Map(),
    facts: new Map(),
    customers: new Map(),
    entitlements: new Map(),
    outbox: new Map(),
    parked: new Map(),
  };
  return { store: storeOf(contents), outbox: outboxOf(contents), directory: directoryOf(contents) };
}

const nameOf = ({ kind, id }: RecordKey): string => `${kind} ${id}`;
const factsAt = ({ facts }: Contents, home: RecordKey): readonly Fact[] => [
  ...(facts.get(nameOf(home))?.values() ?? []),
];

/** Everything goes in and out by copy, as through a wire. */
const copied = <Value>(value: Value): Promise<Value> => Promise.resolve(structuredClone(value));

function storeOf(contents: Contents): LifecycleStore {
  return {
    loadSubscription(id) {
      const facts = factsAt(contents, { kind: "subscription", id });
      const stored = contents.subscriptions.get(id);
      const links = { agreementIds: [], licenseIds: [] };
      return copied(
        stored === undefined
          ? { version: 0, subscription: undefined, announced: false, links, facts }
          : { ...stored, facts },
      );
    },
    currentSubscription: (id) => copied(contents.subscriptions.get(id)?.subscription),
    holderOf(id) {
      const holderId = contents.subscriptions.get(id)?.links.ownerId ?? id;
      return copied(contents.subscriptions.get(holderId)?.subscription);
    },
    announcedHolderOf(id) {
      const holderId = contents.subscriptions.get(id)?.links.ownerId ?? id;
      const held = contents.subscriptions.get(holderId);
      if (held?.announced !== true) return Promise.resolve(undefined);
      return copied({ subscription: held.subscription, version: held.version });
    },
    loadAgreement(id) {
      const facts = factsAt(contents, { kind: "agreement", id });
      const { version, links } = contents.agreements.get(id) ?? {
        version: 0,
        links: { subscriptionIds: [], successorIds: [] },
      };
      return copied({ version, links, facts });
    },
    loadBuyer(id) {
      const { version, licenses } = contents.buyers.get(id) ?? { version: 0, licenses: [] };
      const waiting = factsAt(contents, { kind: "buyer", id }).filter(
        (fact): fact is Registered => fact.kind === "customer-registered",
      );
      return copied({ version, licenses, waiting });
    },
    hasFact: (home, id) => Promise.resolve(contents.facts.get(nameOf(home))?.has(id) === true),
    loadCustomer: (id) => copied(contents.customers.get(id)),
    storeCustomer(after, outbox) {
      if ((contents.customers.get(after.id)?.version ?? 0) !== after.version - 1)
        return Promise.resolve(false);
      contents.customers.set(after.id, structuredClone(after));
      for (const entry of structuredClone(outbox)) contents.outbox.set(entry.id, { entry });
      return Promise.resolve(true);
    },
    subscriptionsOf: (id) =>
      copied(
        [...contents.subscriptions.values()].flatMap(({ subscription, announced }) =>
          announced && subscription.customerId === id ? [subscription.id] : [],
        ),
      ),
    customersOf: (reference) =>
      copied(
        [...contents.customers.values()]
          .filter((customer) => customer.reference === reference)
          .map(({ id }) => id)
          .toSorted(),
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
  if (isStale(contents, change)) return "conflict";
  const { fact, home, subscriptions, agreements, buyers, customer } = change;
  contents.facts.set(nameOf(home), new Map(contents.facts.get(nameOf(home))).set(fact.id, fact));
  park(contents, `${nameOf(home)} ${fact.id}`, home, parkedAs.fact(fact));
  for (const changed of subscriptions) {
    const { id, expectedVersion, after, announced, links } = changed;
    contents.subscriptions.set(id, { version: expectedVersion + 1, subscription: after, announced, links });
    park(contents, `subscription ${id}`, { kind: "subscription", id }, parkedAs.subscription(changed));
  }
  for (const changed of agreements) {
    const { id, expectedVersion, links } = changed;
    contents.agreements.set(id, { version: expectedVersion + 1, links });
    park(contents, `agreement ${id}`, { kind: "agreement", id }, parkedAs.agreement(changed));
  }
  for (const changed of buyers) {
    const { id, expectedVersion, licenses } = changed;
    contents.buyers.set(id, { version: expectedVersion + 1, licenses });
    park(contents, `buyer ${id}`, { kind: "buyer", id }, parkedAs.buyer(changed));
  }
  if (customer !== undefined) contents.customers.set(customer.after.id, customer.after);
  for (const entry of change.outbox) contents.outbox.set(entry.id, { entry });
  return "stored";
}

function park({ parked }: Contents, name: string, home: RecordKey, why: Parked["why"] | undefined): void {
  if (why === undefined) parked.delete(name);
  else parked.set(name, { why, home });
}

function isStale(contents: Contents, change: LifecycleChange): boolean {
  const { fact, home, subscriptions, agreements, buyers, customer, unchanged } = change;
  const versionOf = (key: RecordKey): number => {
    switch (key.kind) {
      case "subscription":
        return contents.subscriptions.get(key.id)?.version ?? 0;
      case "agreement":
        return contents.agreements.get(key.id)?.version ?? 0;
      case "buyer":
        return contents.buyers.get(key.id)?.version ?? 0;
      case "seller":
        return 0;
      default:
        return key satisfies never;
    }
  };
  return (
    contents.facts.get(nameOf(home))?.has(fact.id) === true ||
    subscriptions.some(
      ({ id, expectedVersion }) => versionOf({ kind: "subscription", id }) !== expectedVersion,
    ) ||
    agreements.some(({ id, expectedVersion }) => versionOf({ kind: "agreement", id }) !== expectedVersion) ||
    buyers.some(({ id, expectedVersion }) => versionOf({ kind: "buyer", id }) !== expectedVersion) ||
    unchanged.some(({ key, version }) => versionOf(key) !== version) ||
    (customer !== undefined &&
      (contents.customers.get(customer.after.id)?.version ?? 0) !== customer.after.version - 1)
  );
}

function directoryOf(contents: Contents): LifecycleDirectory {
  return {
    subscriptions: (limit, after) =>
      page(
        [...contents.subscriptions].flatMap(([id, { subscription, announced }]) =>
          announced ? [[id, subscription] as const] : [],
        ),
        limit,
        after,
      ),
    customers: (limit, after) => page([...contents.customers], limit, after),
    parked: (limit, after) => page([...contents.parked], limit, after),
    facts: (home) => copied(factsAt(contents, home)),
  };
}

function page<Item>(
  named: readonly (readonly [string, Item])[],
  limit: number,
  after: string | undefined,
): Promise<Page<Item>> {
  const sorted = named
    .filter(([name]) => after === undefined || name > after)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const last = sorted.length > limit ? sorted[limit - 1]?.[0] : undefined;
  const items = sorted.slice(0, limit).map(([, item]) => item);
  return copied(last === undefined ? { items } : { items, next: last });
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
