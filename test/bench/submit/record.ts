import { licenseIdOf } from "@tollhouse/core/lifecycle/license";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { at } from "@tollhouse/core/memory/example";
import { hourMs, type Instant, laterBy } from "@tollhouse/core/time/instant";
import { hourOf, hourStart, hoursLater } from "@tollhouse/core/time/utc-hour";
import { untagged } from "@tollhouse/core/usage/usage-event";

/** A listing with as many metered dimensions as one call has records. */
export const productCode = "c0789examplebench00000000";
const dimensionCount = 25;
export const dimensions = Array.from({ length: dimensionCount }, (_, index) => `dimension_${index}`);

/** The world's clock begins here with every license subscribed; records are sent a day's window later. */
export const beginsAt = at("2026-10-14T00:00:00Z");
/** Hours of each license and dimension that records are of: as many as there are in AWS's window, with some to spare. */
export const hourCount = 20;
export const submitsAt = laterBy(beginsAt, (hourCount + 2) * hourMs);

export interface License {
  readonly licenseArn: string;
  readonly buyerAccountId: string;
}

export const recordsOf = (licenses: readonly License[]): number =>
  licenses.length * dimensions.length * hourCount;

/** Records as sealing leaves them, of one unit each, the oldest hour first. */
export function* pendingRecords(licenses: readonly License[]): Generator<UsageRecord> {
  const first = hoursLater(hourOf(beginsAt), 1);
  for (let hour = first; hour < first + hourCount; hour = hoursLater(hour, 1))
    for (const license of licenses)
      for (const dimension of dimensions) yield recordOf(license, dimension, hour);
}

function recordOf(
  { licenseArn, buyerAccountId }: License,
  dimension: string,
  hour: ReturnType<typeof hourOf>,
): UsageRecord {
  const timestamp: Instant = hourStart(hour);
  return {
    subscriptionId: (licenseIdOf(licenseArn) ?? licenseArn) as SubscriptionId,
    ...{ dimension, hour, productCode },
    entry: {
      region: "us-east-1",
      identity: { by: "license", licenseArn, buyerAccountId },
      ...{ dimension, timestamp, quantity: 1n, allocations: [{ tagSet: untagged, units: 1n }] },
    },
    taken: [],
    deadlineAt: laterBy(timestamp, 24 * hourMs),
    attempts: 0,
    outcome: { state: "pending" },
  };
}
