import type { Entitlement } from "../entitlement/entitlement.ts";
import type { CustomerId } from "../lifecycle/customer.ts";
import type { Grant, SubscriptionId } from "../lifecycle/subscription.ts";
import type { Instant } from "../time/instant.ts";

/** Why somebody may not use a product, nearest to a yes first, and what each means, for people. */
export const refusals = {
  "entitlements-awaited":
    "the subscription is in force, and AWS has not yet said what was bought: ask again in a minute",
  "grant-pending": "the agreement is made and not in force yet",
  "nothing-entitled": "the subscription is in force, and AWS says that nothing is bought under it",
  "grant-unknown": "AWS has not said yet that the subscription is in force",
  "grant-cancelling": "the subscription is ending: usage from now on can no longer be billed",
  succeeded: "the agreement was renewed under another license, which counts now",
  "grant-ended": "the subscription has ended",
  "grant-failed": "AWS could not set the subscription up",
  "product-unknown": "the subscription's product is not in tollhouse.config.ts",
  "not-subscribed": "this subject has no subscription of the product",
  "several-products": "this subject has subscriptions of several products: name the one that is meant",
  "too-many-subscriptions": "this subject has more subscriptions than are looked at: ask by license",
  "unknown-subject": "no subscription, customer or reference has this name",
} as const;

export type Refusal = keyof typeof refusals;

/** Yes, or no with the reason. */
export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: Refusal };

/** What may be used; nothing while it is not allowed. */
export interface Usable {
  /** Titles of the plans that were bought, in the order of the configuration. */
  readonly plans: readonly string[];
  /** Of all those plans together, each once, in the order of the configuration. */
  readonly features: readonly string[];
  /** Dimensions of which usage may be reported. */
  readonly metered: readonly string[];
  /** The next instant at which something of this may be over; who keeps the answer asks again then. */
  readonly holdsUntil?: Instant | undefined;
}

/** What was bought of one dimension. */
export type Bought = Entitlement & {
  readonly title?: string | undefined;
  /** Its date has passed. That proves no lapse: a renewal may have moved it, and AWS is being asked. */
  readonly expired: boolean;
};

export type SubscriptionAccess = Verdict &
  Usable & {
    readonly subscriptionId: SubscriptionId;
    readonly productCode: string;
    readonly customerId?: CustomerId | undefined;
    /** Told and not required: a buyer may use what they pay for before they were seen on the registration page. */
    readonly registered: boolean;
    readonly grant: Grant;
    readonly freeTrial: boolean;
    /** Of the state that this rests on; outgoing events carry the same number. */
    readonly version: number;
    readonly entitlements: readonly Bought[];
    /** When AWS was last asked for them. */
    readonly entitlementsReadAt?: Instant | undefined;
    /** Since when AWS has answered with nothing; until that is believed, what was known before counts. */
    readonly entitlementsDoubtedSince?: Instant | undefined;
  };

/**
 * All subscriptions of one product together: allowed if any is. Plans and features are united. Quantities are not added up: ten
 * seats under each of two licenses are ten seats twice, for different teams perhaps, and stay with their subscriptions.
 */
export type ProductAccess = Verdict &
  Usable & {
    readonly productCode: string;
    readonly title?: string | undefined;
    /** By id. */
    readonly subscriptions: readonly SubscriptionAccess[];
  };

/** "May this customer use this?" */
export type AccessAnswer = Verdict & {
  readonly subject: string;
  /** All that was stored by then has been looked at. */
  readonly asOf: Instant;
  /** By product code. */
  readonly products: readonly ProductAccess[];
};
