import type { Product, Settings } from "../configuration/configuration.ts";
import {
  finalDeadline,
  type GrantPeriod,
  grantPeriods,
  type Subscription,
  type SubscriptionId,
} from "../lifecycle/subscription.ts";
import { hourMs, type Instant, instant, laterBy, secondMs } from "../time/instant.ts";
import {
  formatHour,
  hourEnd,
  hourOf,
  hoursLater,
  hourStart,
  monthStart,
  nextMonthStart,
  type UtcHour,
} from "../time/utc-hour.ts";
import type { Allocation } from "./allocation.ts";
import type { Taken } from "./book.ts";

/**
 * Everything a call says about one record, frozen when the hour is sealed: a resend is the same to the byte, whatever
 * happens to configuration or clock in between.
 */
export interface UsageRecordEntry {
  readonly region: string;
  /** A license or a product code, never both. */
  readonly identity:
    | { readonly by: "license"; readonly licenseArn: string; readonly buyerAccountId: string }
    | { readonly by: "product-code"; readonly productCode: string; readonly customerIdentifier: string };
  readonly dimension: string;
  /** Whole seconds. */
  readonly timestamp: Instant;
  readonly quantity: bigint;
  readonly allocations: readonly Allocation[];
}

/** One quantity for a subscription, dimension and hour; there is never a second one. */
export interface UsageRecord {
  readonly subscriptionId: SubscriptionId;
  readonly dimension: string;
  readonly hour: UtcHour;
  readonly productCode: string;
  readonly entry: UsageRecordEntry;
  /** The hours whose usage it holds, and how much of each. */
  readonly taken: readonly Taken[];
  /** From then on AWS Marketplace refuses it. */
  readonly deadlineAt: Instant;
  /**
   * Calls that carried it and may have reached AWS, counted before each is made: whoever resends after a crash knows that the
   * answer may have been lost.
   */
  readonly attempts: number;
  readonly outcome: Outcome;
}

export type Outcome =
  /** Not accepted yet: money at risk. `refusal` says what AWS answered last, and when. */
  | {
      readonly state: "pending";
      readonly refusal?: string | undefined;
      readonly refusedAs?: RefusedAs | undefined;
      readonly triedAt?: Instant | undefined;
      /** Not sent again before. */
      readonly retryAt?: Instant | undefined;
    }
  | { readonly state: "accepted"; readonly meteringRecordId?: string | undefined; readonly at: Instant }
  /** AWS has another quantity for this hour, sent by somebody else; how much of ours is billed is not known. */
  | { readonly state: "conflict"; readonly meteringRecordId?: string | undefined; readonly at: Instant }
  /** AWS refused it until its window shut. */
  | { readonly state: RefusedAs; readonly refusal?: string | undefined; readonly at: Instant }
  /** Its window shut before AWS said that it took it. */
  | { readonly state: "expired"; readonly refusal?: string | undefined; readonly at: Instant }
  /** It never reached AWS and never can: its units are in the balance again. */
  | { readonly state: "returned"; readonly refusal?: string | undefined; readonly at: Instant };

/** Answers of AWS about one record by which it did not take it. */
export type RefusedAs =
  /** `CustomerNotSubscribed`: no agreement in force, or the buyer is suspended. May change within the window. */
  | "not-subscribed"
  /** The call was refused because of this record. May change when the configuration is mended. */
  | "rejected";

/** Whether a call that failed may have been taken by AWS all the same. */
export type Effect = "none" | "unknown";

export type FinalOutcome = Exclude<Outcome, { state: "pending" }>;

export const recordName = ({
  subscriptionId,
  dimension,
  hour,
}: Pick<UsageRecord, "subscriptionId" | "dimension" | "hour">): string =>
  `${subscriptionId} ${dimension} ${formatHour(hour)}`;

/** A record that nobody has sent yet, or why AWS would not take one. */
export function newRecord(
  subscription: Subscription,
  period: GrantPeriod,
  product: Product,
  { settings, region }: { readonly settings: Settings; readonly region: string },
  { taken, ...sealed }: Parameters<typeof freezeEntry>[4] & Pick<UsageRecord, "taken">,
): UsageRecord | { readonly refused: string } {
  const entry = freezeEntry(subscription, period, product, region, sealed);
  if ("refused" in entry) return entry;
  const { hour, dimension } = sealed;
  return {
    ...{ subscriptionId: subscription.id, dimension, hour, productCode: product.code, entry, taken },
    deadlineAt: recordDeadline(hour, entry.timestamp, settings, subscription, period),
    ...{ attempts: 0, outcome: { state: "pending" } },
  };
}

/**
 * Freezes the request entry of a record, or says why AWS would not take one.
 * @param period the grant whose usage it holds: one hour may have parts of two
 */
export function freezeEntry(
  subscription: Subscription,
  period: GrantPeriod,
  product: Product,
  region: string,
  sealed: { hour: UtcHour; dimension: string; quantity: bigint; allocations: readonly Allocation[] },
): UsageRecordEntry | { readonly refused: string } {
  const identity = recordIdentity(subscription, product, sealed.hour);
  if ("refused" in identity) return identity;
  const timestamp = recordTimestamp(sealed.hour, period);
  return {
    region,
    identity,
    dimension: sealed.dimension,
    timestamp,
    quantity: sealed.quantity,
    allocations: sealed.allocations,
  };
}

/** A listing in migration changes from the product code to the license at an hour's start, so that no hour is reported twice. */
function recordIdentity(
  { identity, buyerAccountId, licenseArn: ownLicenseArn, registeredLicenseArn }: Subscription,
  { code, metersByLicenseFrom }: Product,
  hour: UtcHour,
): UsageRecordEntry["identity"] | { refused: string } {
  const byLicense = (arn: string) =>
    buyerAccountId === undefined
      ? { refused: "the buyer's AWS account is not known yet" }
      : { by: "license" as const, licenseArn: arn, buyerAccountId };
  switch (identity.by) {
    case "license":
      return byLicense(identity.licenseArn);
    case "customer": {
      const { customerIdentifier } = identity;
      if (metersByLicenseFrom === undefined || hour < metersByLicenseFrom)
        return { by: "product-code", productCode: code, customerIdentifier };
      const licenseArn = ownLicenseArn ?? registeredLicenseArn;
      return licenseArn === undefined
        ? {
            refused: `its license, by which it is metered since ${formatHour(metersByLicenseFrom)}, is not known yet`,
          }
        : byLicense(licenseArn);
    }
    default:
      return identity satisfies never;
  }
}

/** The hours that a grant touches; open at the end while no end is known. */
export const grantHours = ({ since, cutAt }: GrantPeriod): { first: UtcHour; last: UtcHour } => ({
  first: hourOf(since),
  last: cutAt === undefined ? (Number.MAX_SAFE_INTEGER as UtcHour) : hourOf(laterBy(cutAt, -1)),
});

/**
 * Where what a record has no room for is kept: where late usage is written off, in the hour behind it, so that what lies in an hour
 * with a record is known to have come after it.
 */
export const restHour = (through: UtcHour, period: GrantPeriod, { lateUsage }: Settings): UtcHour =>
  lateUsage === "write-off" && through < grantHours(period).last ? hoursLater(through, 1) : through;

/** The grant in force in an hour; the latest of several. */
export const periodIn = (subscription: Subscription, hour: UtcHour): GrantPeriod | undefined =>
  grantPeriods(subscription).findLast((period) => {
    const { first, last } = grantHours(period);
    return first <= hour && hour <= last;
  });

/**
 * The timestamp that stands for an hour: its start or, in the hour in which the grant began, the last whole second of the
 * grant in it. Usage before activation is refused (BatchMeterUsage reference, InvalidLicenseException), and AWS's own instant
 * of activation may lie after the one we were told; the hour is what counts. Call it only when that hour is over for the grant.
 */
export function recordTimestamp(hour: UtcHour, { since, cutAt }: GrantPeriod): Instant {
  if (since <= hourStart(hour)) return hourStart(hour);
  const end = cutAt === undefined ? hourEnd(hour) : Math.min(cutAt, hourEnd(hour));
  return instant(Math.max(Math.ceil(end / secondMs) * secondMs - secondMs, hourStart(hour)));
}

/**
 * When AWS stops taking a record of this hour: 24 hours after its timestamp, for a month that has ended 06:00 UTC on the
 * first if that is sooner (BatchMeterUsage reference, 2026), and for a buyer who leaves the end of the final window.
 */
export function recordDeadline(
  hour: UtcHour,
  timestamp: Instant,
  settings: Settings,
  subscription: Subscription,
  period: GrantPeriod,
): Instant {
  const window = windowEnd(hour, timestamp, settings);
  const final = finalDeadlineOf(subscription, period, settings);
  return final === undefined || window < final ? window : final;
}

/** When AWS stops taking usage of an hour whose record has this timestamp, of a buyer who stays. */
function windowEnd(hour: UtcHour, timestamp: Instant, settings: Settings): Instant {
  const monthEnd = laterBy(hourStart(nextMonthStart(hour)), settings.monthEndCutoffHour * hourMs);
  return instant(Math.min(laterBy(timestamp, settings.windowHours * hourMs), monthEnd));
}

/**
 * Until when AWS takes usage of a grant that ends: for an hour after its end or, where the same buyer has come back under the same
 * name, as long as of any other. `undefined` while no end is known.
 */
export function finalDeadlineOf(
  subscription: Subscription,
  period: GrantPeriod,
  settings: Settings,
): Instant | undefined {
  const { grant } = subscription;
  const { cutAt } = period;
  if (cutAt === undefined) return undefined;
  const isLatest = cutAt === grantPeriods(subscription).at(-1)?.cutAt;
  if (isLatest) return grant.state === "cancelling" ? grant.deadlineAt : finalDeadline(cutAt);
  const isBack = grant.state === "active" || grant.state === "cancelling";
  const { last } = grantHours(period);
  const end = isBack ? windowEnd(last, hourStart(last), settings) : undefined;
  return end === undefined || end < finalDeadline(cutAt) ? finalDeadline(cutAt) : end;
}

/** The earliest hour whose record AWS would still take at `now`. */
export function earliestOpenHour(now: Instant, settings: Settings): UtcHour {
  const byWindow = hourOf(laterBy(now, (1 - settings.windowHours) * hourMs));
  const month = monthStart(hourOf(now));
  const monthIsOver = now >= hourStart(month) + settings.monthEndCutoffHour * hourMs;
  return monthIsOver && byWindow < month ? month : byWindow;
}
