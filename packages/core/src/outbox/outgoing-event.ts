import type { Entitlement } from "../entitlement/entitlement.ts";
import type { Subscription, SubscriptionId } from "../lifecycle/subscription.ts";
import { formatInstant, type Instant, instant } from "../time/instant.ts";

export type SubscriptionEventType =
  | "subscription.registered"
  | "subscription.activated"
  | "subscription.cancelling"
  | "subscription.ended"
  | "subscription.failed"
  /** Something else about it changed, e.g. its offer. */
  | "subscription.updated";

export type EntitlementEventType = "entitlement.granted" | "entitlement.changed" | "entitlement.revoked";

/**
 * What the seller's services are told: a CloudEvent (1.0) that carries its subject's whole state after the change and its version.
 * Whoever keeps the highest version per subject ends in the final state, in whatever order events arrive.
 */
export interface OutgoingEvent {
  readonly specversion: "1.0";
  /** Made of subject, version and type, so that a repeat has the same id. */
  readonly id: string;
  readonly source: "tollhouse";
  readonly type: SubscriptionEventType | EntitlementEventType;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly data: { readonly schema: 1; readonly version: number } & Readonly<Record<string, unknown>>;
}

const event = (
  type: OutgoingEvent["type"],
  subject: string,
  at: Instant,
  data: OutgoingEvent["data"],
): OutgoingEvent => ({
  specversion: "1.0",
  id: `${subject}@${data.version}:${type}`,
  source: "tollhouse",
  type,
  subject,
  time: formatInstant(at),
  datacontenttype: "application/json",
  data,
});

/** @param at when the change happened */
export const subscriptionEvent = (
  type: SubscriptionEventType,
  after: Subscription,
  version: number,
  at: Instant,
): OutgoingEvent =>
  event(type, after.id, at, { schema: 1, version, subscription: describeSubscription(after) });

/** @param at when the answer was asked for */
export const entitlementEvent = (
  type: EntitlementEventType,
  subscriptionId: SubscriptionId,
  entitlements: readonly Entitlement[],
  version: number,
  at: Instant,
): OutgoingEvent =>
  // A subject of its own: its versions are not those of the subscription.
  event(type, `${subscriptionId}/entitlements`, at, {
    schema: 1,
    version,
    subscriptionId,
    entitlements: entitlements.map(({ dimension, value, expiresAt }) => ({
      dimension,
      value,
      ...(expiresAt === undefined ? {} : { expiresAt: formatInstant(expiresAt) }),
    })),
  });

/** The subscription as other services see it: instants as text, what is unknown left out. */
const describeSubscription = (subscription: Subscription): unknown =>
  JSON.parse(
    JSON.stringify(subscription, (key, value: unknown) =>
      instantFields.has(key) && typeof value === "number" ? formatInstant(instant(value)) : value,
    ),
  );

const instantFields = new Set(["since", "cutAt", "deadlineAt", "at"]);
