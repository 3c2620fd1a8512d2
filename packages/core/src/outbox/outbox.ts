import type { CustomerId } from "../lifecycle/customer.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import type { Instant } from "../time/instant.ts";
import type { OutgoingEvent } from "./outgoing-event.ts";

/** Work that must follow a change. Stored in the transaction of the change, so that no crash can lose it. */
export interface OutboxEntry {
  readonly id: string;
  /** When it may be done; not before. */
  readonly dueAt: Instant;
  readonly task:
    | { readonly kind: "publish"; readonly event: OutgoingEvent }
    | { readonly kind: "read-entitlements"; readonly subscriptionId: SubscriptionId }
    /** Usage that waits may have become this subscription's. */
    | { readonly kind: "attribute-usage"; readonly subscriptionId: SubscriptionId }
    /** A subscription ends, or something of it changed: what of its usage is not accepted yet has to be metered now. */
    | { readonly kind: "meter-usage"; readonly subscriptionId: SubscriptionId }
    /** A customer gave an e-mail address that is to be confirmed by a link in a mail. */
    | { readonly kind: "send-confirmation"; readonly customerId: CustomerId }
    /** The final window of a subscription is over, if it still ends at this instant. */
    | {
        readonly kind: "elapse-window";
        readonly subscriptionId: SubscriptionId;
        readonly deadlineAt: Instant;
      }
    /** An agreement made for later begins, if it still does at this instant. */
    | { readonly kind: "reach-start"; readonly subscriptionId: SubscriptionId; readonly startsAt: Instant };
}

/** The part of the store that the relay needs. */
export interface Outbox {
  /** Entries due at `now` and not yet done, first due first, at most `limit`; one stored a moment ago may still be missing. */
  undone(now: Instant, limit: number): Promise<readonly OutboxEntry[]>;
  done(entries: readonly OutboxEntry[], at: Instant): Promise<void>;
}

/** Where outgoing events go. Gives the ids that were taken; the rest is offered again later. */
export interface EventBus {
  publish(events: readonly OutgoingEvent[]): Promise<readonly string[]>;
}

/** Asks for something to be done about subscriptions. Gives those whose request is safely queued. */
export interface SubscriptionRequests {
  request(subscriptionIds: readonly SubscriptionId[]): Promise<readonly SubscriptionId[]>;
}

/** Sends the mails that customers were promised. Gives those that are dealt with. */
export interface Mailroom {
  deliver(customerIds: readonly CustomerId[]): Promise<readonly CustomerId[]>;
}

/** Tells a function that there is something to do. Losing a wake costs minutes, since a schedule wakes it as well. */
export interface Waker {
  wake(): Promise<void>;
}

/** What was to follow is stored; a wake that fails is no reason to tell anybody that the change failed. */
export async function wakeIfPossible(waker: Waker): Promise<void> {
  await waker.wake().catch(() => undefined);
}
