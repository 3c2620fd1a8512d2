import type { Configuration } from "../configuration/configuration.ts";
import { findProduct, isMetered } from "../configuration/product.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import { type Candidates, renews, subscriptionsMeant } from "../lifecycle/subject.ts";
import { grantPeriods, type Subscription, type SubscriptionId } from "../lifecycle/subscription.ts";
import type { Instant } from "../time/instant.ts";
import type { UsageEvent } from "../usage/usage-event.ts";

export type SubscriptionReader = Pick<LifecycleStore, "holderOf" | "subscriptionsOf" | "customersOf">;

/** Why usage cannot be counted for anybody yet. */
export type WaitingReason = keyof typeof waitingReasons;

/** What each reason means, for people. */
export const waitingReasons = {
  "subject-unknown": "no subscription, customer or reference has this name",
  "dimension-not-metered": "no product of this subject meters the dimension",
  "outside-grant": "no subscription of this subject was in force at the time",
  "several-subscriptions": "several subscriptions of this subject were in force at the time",
} as const;

type Attribution = { readonly subscriptionId: SubscriptionId } | { readonly waits: WaitingReason };

type Attributable = Pick<UsageEvent, "subject" | "dimension" | "at">;

/**
 * Says whose the usage of events is, once what is known of their subjects has been read. Answers about subjects are kept for
 * as long as the function lives, which is one run.
 */
export type Attributor = (events: readonly Attributable[]) => Promise<(event: Attributable) => Attribution>;

/** Subjects looked up at once. */
const lookupsAtOnce = 25;

/**
 * Finds the one subscription that an event's subject can mean, whose product meters the dimension and whose grant covers the
 * instant: as it was then, whatever happened since. Where one renews another under a new license, usage from the new one's
 * start is the new one's, whichever of the two is named.
 */
export function attributor(store: SubscriptionReader, configuration: Configuration): Attributor {
  const known = new Map<string, Subject>();
  return async (events) => {
    const subjects = [...new Set(events.map(({ subject }) => subject))].filter(
      (subject) => !known.has(subject),
    );
    for (let start = 0; start < subjects.length; start += lookupsAtOnce) {
      const together = subjects.slice(start, start + lookupsAtOnce);
      const found = await Promise.all(
        together.map((subject) => subscriptionsMeant(store, (id) => store.holderOf(id), subject)),
      );
      for (const [index, subject] of together.entries())
        known.set(subject, new Subject(found[index] ?? new Map(), configuration));
    }
    return ({ subject, dimension, at }) =>
      known.get(subject)?.attribute(dimension, at) ?? { waits: "subject-unknown" };
  };
}

/** Subscriptions that one subject can mean. */
class Subject {
  private readonly candidates: Candidates;
  private readonly configuration: Configuration;
  /** Those whose product meters a dimension. */
  private readonly metering = new Map<string, readonly Subscription[]>();

  constructor(candidates: Candidates, configuration: Configuration) {
    this.candidates = candidates;
    this.configuration = configuration;
  }

  attribute(dimension: string, at: Instant): Attribution {
    if (this.candidates.size === 0) return { waits: "subject-unknown" };
    const metered = this.meteringOf(dimension);
    if (metered.length === 0) return { waits: "dimension-not-metered" };
    const covering = metered.filter((one) => grantCovers(one, at));
    const newest = covering.filter((one) => !covering.some((other) => renews(other, one, this.candidates)));
    const [only, second] = newest;
    if (only === undefined) return { waits: "outside-grant" };
    return second === undefined ? { subscriptionId: only.id } : { waits: "several-subscriptions" };
  }

  private meteringOf(dimension: string): readonly Subscription[] {
    const known = this.metering.get(dimension);
    if (known !== undefined) return known;
    const found = [...this.candidates.values()].filter(({ productCode }) => {
      const product = findProduct(this.configuration, productCode);
      return product !== undefined && isMetered(product, dimension);
    });
    this.metering.set(dimension, found);
    return found;
  }
}

const grantCovers = (subscription: Subscription, at: Instant): boolean =>
  grantPeriods(subscription).some(({ since, cutAt }) => at >= since && (cutAt === undefined || at < cutAt));
