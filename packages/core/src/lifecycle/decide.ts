import type { Product } from "../configuration/configuration.ts";
import { hasEntitlements } from "../configuration/product.ts";
import type { OutboxEntry } from "../outbox/outbox.ts";
import { type SubscriptionEventType, subscriptionEvent } from "../outbox/outgoing-event.ts";
import { type Instant, laterBy, minuteMs } from "../time/instant.ts";
import type { Fact } from "./fact.ts";
import { foldSubscription } from "./fold.ts";
import type { LifecycleChange, SubscriptionRecord } from "./store.ts";
import { sameState, type Subscription, type subscriptionKey, unknownSubscription } from "./subscription.ts";

type SubscriptionChange = LifecycleChange["subscriptions"][number];

/** What is known of a subscription when one more fact about it arrives. */
export interface Loaded {
  readonly key: NonNullable<ReturnType<typeof subscriptionKey>>;
  readonly product: Product;
  readonly record: SubscriptionRecord;
  /** Facts of all its agreements, the arriving one's included when it names a license. */
  readonly agreementFacts: readonly Fact[];
}

/**
 * The subscription after one more fact, and what must follow: events for the seller's services, and a read of the
 * entitlements when the fact says that they may have changed.
 */
export function decideSubscription(
  loaded: Loaded,
  fact: Fact,
  now: Instant,
): { change: SubscriptionChange; outbox: readonly OutboxEntry[] } {
  const { record, key, product } = loaded;
  const before = record.subscription ?? unknownSubscription(product.code, key);
  const after = foldSubscription(unknownSubscription(product.code, key), [
    ...record.facts,
    ...loaded.agreementFacts,
    fact,
  ]);
  const version = record.version + 1;
  const agreementIds =
    "agreementId" in fact ? [...new Set([...record.agreementIds, fact.agreementId])] : record.agreementIds;
  const events = transitions(before, after).map((type) => subscriptionEvent(type, after, version, fact.at));
  const outbox: OutboxEntry[] = events.map((event) => ({
    id: event.id,
    dueAt: now,
    task: { kind: "publish", event },
  }));
  for (const minutes of hasEntitlements(product) ? readAfterMinutes(fact) : []) {
    outbox.push({
      id: `${after.id}@${version}:read-entitlements+${minutes}`,
      dueAt: laterBy(now, minutes * minuteMs),
      task: { kind: "read-entitlements", subscriptionId: after.id },
    });
  }
  const { grant } = after;
  if (grant.state === "cancelling" && !endsAt(before, grant.deadlineAt)) {
    const { deadlineAt } = grant;
    const task = { kind: "elapse-window", subscriptionId: after.id, deadlineAt } as const;
    outbox.push({ id: `${after.id}@${version}:elapse-window`, dueAt: deadlineAt, task });
  }
  return { change: { id: key.id, expectedVersion: record.version, after, agreementIds }, outbox };
}

const endsAt = ({ grant }: Subscription, deadlineAt: Instant): boolean =>
  grant.state === "cancelling" && grant.deadlineAt === deadlineAt;

/** What happened to the subscription, in the words of the outgoing events. */
function transitions(before: Subscription, after: Subscription): SubscriptionEventType[] {
  const types: SubscriptionEventType[] = [];
  if (before.registration !== after.registration) types.push("subscription.registered");
  const grantType = before.grant.state === after.grant.state ? undefined : grantTransition[after.grant.state];
  if (grantType !== undefined) types.push(grantType);
  if (types.length === 0 && !sameState(before, after)) types.push("subscription.updated");
  return types;
}

const grantTransition: Record<Subscription["grant"]["state"], SubscriptionEventType | undefined> = {
  unknown: undefined,
  pending: undefined,
  active: "subscription.activated",
  cancelling: "subscription.cancelling",
  ended: "subscription.ended",
  failed: "subscription.failed",
};

/**
 * When to read the entitlements after a fact. After a grant several times: AWS answers empty for a while, until the agreement
 * is finalised (AWS's metering skill, troubleshooting, September 2026).
 */
function readAfterMinutes({ kind }: Fact): readonly number[] {
  switch (kind) {
    case "subscribe-succeeded":
    case "license-updated":
      return [0, 1, 5, 15, 60];
    case "entitlement-updated":
    case "license-deprovisioned":
    case "agreement-ended":
    case "agreement-amended":
    case "unsubscribe-succeeded":
      return [0];
    case "agreement-created":
    case "customer-registered":
    case "subscribe-failed":
    case "unsubscribe-pending":
    case "window-elapsed":
      return [];
    default:
      return kind satisfies never;
  }
}
