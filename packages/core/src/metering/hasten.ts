import type { Configuration } from "../configuration/configuration.ts";
import { findProduct, meteredDimensions } from "../configuration/product.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import {
  type GrantPeriod,
  grantPeriods,
  type Subscription,
  type SubscriptionId,
} from "../lifecycle/subscription.ts";
import type { Instant } from "../time/instant.ts";
import type { RecordStore } from "./store.ts";
import { periodIn, recordDeadline } from "./usage-record.ts";

export interface HastenPorts {
  readonly subscriptions: Pick<LifecycleStore, "currentSubscription">;
  readonly records: Pick<RecordStore, "recordsOf" | "hasten" | "prolong">;
}

/** More than there can be in AWS's window of 24 hours. */
const recordsPerBook = 48;

/**
 * Brings a subscription's pending records forward because something about it has changed: what AWS refused it may take now, and what
 * AWS takes of a buyer who leaves must come within the hour. Of one who has come back AWS takes it for longer again.
 */
export async function hastenRecords(
  { subscriptions, records }: HastenPorts,
  configuration: Configuration,
  subscriptionId: SubscriptionId,
): Promise<void> {
  const subscription = await subscriptions.currentSubscription(subscriptionId);
  const product = subscription && findProduct(configuration, subscription.productCode);
  if (subscription === undefined || product === undefined) return;
  for (const dimension of meteredDimensions(product)) {
    for (const record of await records.recordsOf({ subscriptionId, dimension }, recordsPerBook)) {
      if (record.outcome.state !== "pending") continue;
      const { entry, hour, deadlineAt } = record;
      const period = periodOf(subscription, entry.timestamp) ?? periodIn(subscription, hour);
      const until =
        period && recordDeadline(hour, entry.timestamp, configuration.settings, subscription, period);
      if (until !== undefined && until > deadlineAt) await records.prolong(record, until);
      if (entry.quantity > 0n) await records.hasten(record, until ?? deadlineAt);
    }
  }
}

/** The grant that an instant lies in. */
const periodOf = (subscription: Subscription, at: Instant): GrantPeriod | undefined =>
  grantPeriods(subscription).find(({ since, cutAt }) => since <= at && (cutAt === undefined || at < cutAt));
