import type { Configuration, Product } from "../configuration/configuration.ts";
import { hasEntitlements, metersUsage } from "../configuration/product.ts";
import { finalSettledAt, lastCallAt } from "../metering/final-hour.ts";
import type { OutboxEntry } from "../outbox/outbox.ts";
import { customerEvent, type SubscriptionEventType, subscriptionEvent } from "../outbox/outgoing-event.ts";
import { type Instant, laterBy, minuteMs } from "../time/instant.ts";
import { unclaimed } from "./buyer.ts";
import type { Component } from "./component.ts";
import { type Customer, registerCustomer } from "./customer.ts";
import type { Fact } from "./fact.ts";
import type { Place } from "./place.ts";
import type { LifecycleChange, RecordKey } from "./store.ts";
import { tell } from "./story.ts";
import {
  finalDeadline,
  grantPeriods,
  sameState,
  type Subscription,
  type SubscriptionId,
} from "./subscription.ts";

type SubscriptionChange = LifecycleChange["subscriptions"][number];

/** What is known when one more fact arrives. */
export interface Known {
  readonly component: Component;
  /** The buyer's customer record, when the fact is a registration. */
  readonly customer: Customer | undefined;
}

/**
 * What one more fact changes: every subscription that it says something about, directly or through an agreement, and what
 * must follow: events for the seller's services, reads of entitlements, and what is due later.
 */
export function decideChange(
  known: Known,
  place: Place,
  configuration: Configuration,
  fact: Fact,
  now: Instant,
): LifecycleChange {
  const after = place.apply(known.component);
  const decisions = [...after.subscriptions.keys()].flatMap(
    (id) => decideSubscription(known.component, after, configuration, id, fact, now) ?? [],
  );
  const subscriptions = decisions.map(({ change }) => change);
  const agreements = changedIn(known.component.agreements, after.agreements).map(
    ([id, { version, links }]) => ({
      id,
      expectedVersion: version,
      links,
    }),
  );
  const buyers = changedIn(known.component.buyers, after.buyers).map(([id, buyer]) => ({
    id,
    expectedVersion: buyer.version,
    licenses: buyer.licenses,
    waits: unclaimed(buyer.licenses, buyer.waiting).length > 0,
  }));
  const customer = fact.kind === "customer-registered" ? registerCustomer(known.customer, fact) : undefined;
  const written = new Set([
    ...subscriptions.map(({ id }) => `subscription ${id}`),
    ...agreements.map(({ id }) => `agreement ${id}`),
    ...buyers.map(({ id }) => `buyer ${id}`),
  ]);
  // A fact that leaves the version of its record as it is would not be missed by who read the record before.
  if (place.home.kind !== "seller" && !written.has(`${place.home.kind} ${place.home.id}`))
    throw new Error(
      `Fact ${fact.id} is filed under ${place.home.kind} ${place.home.id} without changing it.`,
    );
  return {
    fact,
    home: place.home,
    subscriptions,
    agreements,
    buyers,
    ...(customer === undefined ? {} : { customer: { after: customer } }),
    unchanged: versionsIn(known.component).filter(({ key }) => !written.has(`${key.kind} ${key.id}`)),
    outbox: [
      ...decisions.flatMap(({ outbox }) => outbox),
      ...(customer === undefined
        ? []
        : [toPublish(customerEvent("customer.registered", customer, fact.at), now)]),
    ],
  };
}

/** Records that are not the ones that were loaded. */
const changedIn = <Id, Held>(
  before: ReadonlyMap<Id, Held>,
  after: ReadonlyMap<Id, Held>,
): readonly [Id, Held][] => [...after].filter(([id, record]) => before.get(id) !== record);

const versionsIn = ({ subscriptions, agreements, buyers }: Component): LifecycleChange["unchanged"] => {
  const of = (key: RecordKey, { version }: { readonly version: number }) => ({ key, version });
  return [
    ...[...subscriptions].map(([id, record]) => of({ kind: "subscription", id }, record)),
    ...[...agreements].map(([id, record]) => of({ kind: "agreement", id }, record)),
    ...[...buyers].map(([id, record]) => of({ kind: "buyer", id }, record)),
  ];
};

/** `undefined` when the fact says nothing about the subscription. */
function decideSubscription(
  component: Component,
  after: Component,
  configuration: Configuration,
  id: SubscriptionId,
  fact: Fact,
  now: Instant,
): { change: SubscriptionChange; outbox: readonly OutboxEntry[] } | undefined {
  const record = component.subscriptions.get(id);
  const linked = after.subscriptions.get(id);
  const told = tell(after, configuration, id);
  if (record === undefined || linked === undefined || told === undefined) return undefined;
  const { product, state, announced } = told;
  const { subscription: stored, version: expectedVersion } = record;
  if (linked === record && stored !== undefined && sameState(stored, state)) return undefined;
  const version = expectedVersion + 1;
  const before = record.announced ? stored : undefined;
  const outbox = announced
    ? followUps(before, { product, settings: configuration.settings, state, version }, fact, now)
    : before === undefined
      ? []
      : takenBack({ product, state, version }, fact, now);
  return { change: { id, expectedVersion, after: state, links: linked.links, announced }, outbox };
}

interface After {
  readonly product: Product;
  readonly state: Subscription;
  readonly version: number;
}

function followUps(
  before: Subscription | undefined,
  { product, settings, state, version }: After & Pick<Configuration, "settings">,
  fact: Fact,
  now: Instant,
): readonly OutboxEntry[] {
  const { id: subscriptionId, grant } = state;
  const name = `${subscriptionId}@${version}`;
  const events = transitions(before, state).map((type) =>
    toPublish(subscriptionEvent(type, state, version, fact.at), now),
  );
  const reads = hasEntitlements(product)
    ? readAfterMinutes(before, state, fact).map((minutes) => toRead(subscriptionId, version, minutes, now))
    : [];
  const due: OutboxEntry[] = [];
  if (grant.state === "cancelling" && deadlineOf(before) !== grant.deadlineAt) {
    const { deadlineAt } = grant;
    due.push({
      id: `${name}:elapse-window`,
      dueAt: deadlineAt,
      task: { kind: "elapse-window", subscriptionId, deadlineAt },
    });
  }
  if (grant.state === "pending" && grant.startsAt !== undefined && startOf(before) !== grant.startsAt) {
    const { startsAt } = grant;
    due.push({
      id: `${name}:reach-start`,
      dueAt: startsAt,
      task: { kind: "reach-start", subscriptionId, startsAt },
    });
  }
  const looks =
    metersUsage(product) && mayTakeUsage(before, state, fact)
      ? [toAttribute(subscriptionId, version, now)]
      : [];
  const flushes = metersUsage(product) ? flushesOf(before, { settings, state, version }, now) : [];
  return [...events, ...reads, ...due, ...looks, ...flushes];
}

/**
 * When the usage of a subscription that ends is to be metered besides the schedule: at once, when what was on its way has had its
 * time, and once more before AWS takes nothing more of it; when it has ended, to write off what is left; and when it was reinstated
 * or begins, for what AWS refused before.
 */
function flushesOf(
  before: Subscription | undefined,
  { settings, state, version }: Pick<After, "state" | "version"> & Pick<Configuration, "settings">,
  now: Instant,
): readonly OutboxEntry[] {
  const { id: subscriptionId, grant } = state;
  const flush = (name: string, dueAt: Instant): OutboxEntry => ({
    id: `${subscriptionId}@${version}:meter-usage+${name}`,
    dueAt: dueAt > now ? dueAt : now,
    task: { kind: "meter-usage", subscriptionId },
  });
  if (before !== undefined && JSON.stringify(before.grant) === JSON.stringify(grant)) return [];
  switch (grant.state) {
    case "cancelling":
      return [
        flush("now", now),
        flush("settled", finalSettledAt(grant.cutAt, settings)),
        flush("last-call", lastCallAt(grant.cutAt)),
      ];
    case "ended":
      return [flush("ended", finalDeadline(grant.cutAt))];
    case "active":
      return before === undefined || grantPeriods(before).length === 0 ? [] : [flush("active", now)];
    case "unknown":
    case "pending":
    case "failed":
      return [];
    default:
      return grant satisfies never;
  }
}

/** Whether usage that nobody could be found for may have become the subscription's: by who it is, or when it was in force. */
function mayTakeUsage(before: Subscription | undefined, after: Subscription, fact: Fact): boolean {
  const told = (state: Subscription) =>
    JSON.stringify([grantPeriods(state), state.customerId, state.licenseArn, state.succeeds]);
  if (grantPeriods(after).length === 0 && (before === undefined || grantPeriods(before).length === 0))
    return false;
  return fact.kind === "customer-registered" || before === undefined || told(before) !== told(after);
}

const toAttribute = (subscriptionId: SubscriptionId, version: number, now: Instant): OutboxEntry => ({
  id: `${subscriptionId}@${version}:attribute-usage`,
  dueAt: now,
  task: { kind: "attribute-usage", subscriptionId },
});

/** It was told as a subscription and turned out to be none of its own: those who were told learn that it gives no access. */
function takenBack({ product, state, version }: After, fact: Fact, now: Instant): readonly OutboxEntry[] {
  const without: Subscription = { ...state, grant: { state: "unknown" }, registration: "unregistered" };
  return [
    toPublish(subscriptionEvent("subscription.updated", without, version, fact.at), now),
    ...(hasEntitlements(product) ? [toRead(state.id, version, 0, now)] : []),
    // Usage that could mean it or another one can mean only the other one now.
    ...(metersUsage(product) ? [toAttribute(state.id, version, now)] : []),
  ];
}

const toRead = (
  subscriptionId: SubscriptionId,
  version: number,
  minutes: number,
  now: Instant,
): OutboxEntry => ({
  id: `${subscriptionId}@${version}:read-entitlements+${minutes}`,
  dueAt: laterBy(now, minutes * minuteMs),
  task: { kind: "read-entitlements", subscriptionId },
});

const toPublish = (event: ReturnType<typeof subscriptionEvent>, dueAt: Instant): OutboxEntry => ({
  id: event.id,
  dueAt,
  task: { kind: "publish", event },
});

const deadlineOf = (state: Subscription | undefined): Instant | undefined =>
  state?.grant.state === "cancelling" ? state.grant.deadlineAt : undefined;
const startOf = (state: Subscription | undefined): Instant | undefined =>
  state?.grant.state === "pending" ? state.grant.startsAt : undefined;

/** What happened to the subscription, in the words of the outgoing events. */
function transitions(
  before: Subscription | undefined,
  after: Subscription,
): readonly SubscriptionEventType[] {
  const types: SubscriptionEventType[] = [];
  if (before?.registration !== "registered" && after.registration === "registered")
    types.push("subscription.registered");
  const grantType =
    (before?.grant.state ?? "unknown") === after.grant.state ? undefined : grantTransition[after.grant.state];
  if (grantType !== undefined) types.push(grantType);
  if (isRenewed(before, after)) types.push("subscription.renewed");
  // Nothing is told of a subscription of which nothing is known yet but that it exists.
  if (
    types.length === 0 &&
    (before === undefined ? after.grant.state !== "unknown" : !sameState(before, after))
  )
    types.push("subscription.updated");
  return types;
}

/** An agreement renewed the one before it: the license goes on under it, or a new license took its place. */
function isRenewed(before: Subscription | undefined, after: Subscription): boolean {
  const renewal = renewalOf(after);
  return before !== undefined && renewal !== undefined && renewal !== renewalOf(before);
}

const renewalOf = ({ agreementId, term, succeededBy }: Subscription): string | undefined =>
  succeededBy ?? (term?.intent === "RENEW" ? agreementId : undefined);

const grantTransition: Record<Subscription["grant"]["state"], SubscriptionEventType | undefined> = {
  unknown: undefined,
  pending: undefined,
  active: "subscription.activated",
  cancelling: "subscription.cancelling",
  ended: "subscription.ended",
  failed: "subscription.failed",
};

/** What a license was changed to may take AWS a moment to answer with; after a grant the reads themselves ask for more. */
const afterGrantMinutes = [0, 5];

/** When to read the entitlements after a fact that may have changed them. */
function readAfterMinutes(
  before: Subscription | undefined,
  after: Subscription,
  { kind }: Fact,
): readonly number[] {
  if (before?.grant.state !== "active" && after.grant.state === "active") return afterGrantMinutes;
  switch (kind) {
    case "subscribe-succeeded":
    case "license-updated":
      return afterGrantMinutes;
    case "entitlement-updated":
    case "license-deprovisioned":
    case "agreement-ended":
    case "agreement-amended":
    case "unsubscribe-succeeded":
    case "window-elapsed":
    // Whoever read before it was told could not know that a new term had begun.
    case "agreement-created":
      return [0];
    case "customer-registered":
    case "subscribe-failed":
    case "unsubscribe-pending":
    case "start-reached":
    case "notice":
      return [];
    default:
      return kind satisfies never;
  }
}
