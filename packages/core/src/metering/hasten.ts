import type { Configuration } from "../configuration/configuration.ts";
import { findProduct } from "../configuration/product.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import { grantPeriods, type SubscriptionId } from "../lifecycle/subscription.ts";
import type { RecordStore } from "./store.ts";
import { finalDeadlineOf } from "./usage-record.ts";

export interface HastenPorts {
  readonly subscriptions: Pick<LifecycleStore, "currentSubscription">;
  readonly records: Pick<RecordStore, "recordsOf" | "hasten">;
}

/** More than there can be in AWS's window of 24 hours. */
const recordsPerBook = 48;

/**
 * Brings a subscription's pending records forward because something about it has changed: what AWS refused it may take now, and what
 * AWS takes of a buyer who leaves must come within the hour.
 */
export async function hastenRecords(
  { subscriptions, records }: HastenPorts,
  configuration: Configuration,
  subscriptionId: SubscriptionId,
): Promise<void> {
  const subscription = await subscriptions.currentSubscription(subscriptionId);
  const product = subscription && findProduct(configuration, subscription.productCode);
  if (subscription === undefined || product === undefined) return;
  const [period] = grantPeriods(subscription).slice(-1);
  const final = period && finalDeadlineOf(subscription, period, configuration.settings);
  for (const { key, kind } of product.dimensions) {
    if (kind !== "metered") continue;
    for (const record of await records.recordsOf({ subscriptionId, dimension: key }, recordsPerBook)) {
      const { outcome, deadlineAt, entry } = record;
      if (outcome.state === "pending" && entry.quantity > 0n)
        await records.hasten(record, final !== undefined && final < deadlineAt ? final : deadlineAt);
    }
  }
}
