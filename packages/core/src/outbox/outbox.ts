import type { SubscriptionId } from "../lifecycle/subscription.ts";
import type { Instant } from "../time/instant.ts";
import type { OutgoingEvent } from "./outgoing-event.ts";

/** Work that must follow a change. Stored in the transaction of the change, so that no crash can lose it. */
export interface OutboxEntry {
  readonly id: string;
  readonly createdAt: Instant;
  readonly task:
    | { readonly kind: "publish"; readonly event: OutgoingEvent }
    | { readonly kind: "read-entitlements"; readonly subscriptionId: SubscriptionId };
}

/** The part of the store that the relay needs. */
export interface Outbox {
  /** Entries not yet done, oldest first, at most `limit`; an entry stored a moment ago may still be missing. */
  undone(limit: number): Promise<readonly OutboxEntry[]>;
  done(entries: readonly OutboxEntry[], at: Instant): Promise<void>;
}

/** Where outgoing events go. Gives the ids that were taken; the rest is offered again later. */
export interface EventBus {
  publish(events: readonly OutgoingEvent[]): Promise<readonly string[]>;
}

/** Asks for an entitlement read. Gives the subscriptions whose request is safely queued. */
export interface EntitlementRequests {
  request(subscriptionIds: readonly SubscriptionId[]): Promise<readonly SubscriptionId[]>;
}

/** Tells the relay that there is something to do. Losing a wake costs a minute, since a schedule wakes it as well. */
export interface RelayWaker {
  wake(): Promise<void>;
}
