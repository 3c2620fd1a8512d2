import * as z from "zod";
import type { Product } from "../configuration/configuration.ts";
import { type Instant, instant, laterBy, minuteMs } from "../time/instant.ts";
import type { CustomerId } from "./customer.ts";
import { licenseIdOf } from "./license.ts";
import type { SubscriptionId } from "./subscription-id.ts";

export type { SubscriptionId };

const text = z.string().min(1);
const at = z.number().transform((value): Instant => instant(value));

/** What AWS Marketplace knows the subscription by. A closed choice: no request ever carries both. */
const identitySchema = z.discriminatedUnion("by", [
  z.object({ by: z.literal("license"), licenseArn: text }),
  z.object({ by: z.literal("customer"), customerIdentifier: text }),
]);

const grantSchema = z.discriminatedUnion("state", [
  z.object({ state: z.literal("unknown") }),
  /** Agreed on, not yet in force; `startsAt` when the agreement was made for later. */
  z.object({ state: z.literal("pending"), startsAt: at.optional() }),
  z.object({ state: z.literal("active"), since: at }),
  /** Usage before `cutAt` may still be reported, until `deadlineAt`. */
  z.object({ state: z.literal("cancelling"), since: at.optional(), cutAt: at, deadlineAt: at }),
  z.object({ state: z.literal("ended"), since: at.optional(), cutAt: at }),
  z.object({ state: z.literal("failed"), at }),
]);

const termSchema = z.object({
  /** NEW, RENEW or REPLACE, as AWS calls it. */
  intent: text.optional(),
  startsAt: at.optional(),
  /** Absent for pay as you go. */
  endsAt: at.optional(),
  autoRenews: z.boolean().optional(),
});
export type Term = z.output<typeof termSchema>;

const id = text.transform((value) => value as SubscriptionId);

export const subscriptionSchema = z.object({
  id,
  productCode: text,
  identity: identitySchema,
  registration: z.enum(["unregistered", "registered"]),
  customerId: text.transform((value) => value as CustomerId).optional(),
  buyerAccountId: text.optional(),
  grant: grantSchema,
  /** Grants of the same subscription that ended before this one began, oldest first. */
  earlierGrants: z.array(z.object({ since: at, cutAt: at })).default([]),
  /** The agreement that the license belongs to now. */
  agreementId: text.optional(),
  /** What is known of that agreement's term. */
  term: termSchema.optional(),
  /** The license behind a subscription that is known by CustomerIdentifier, once its listing migrates. */
  licenseArn: text.optional(),
  /** The license that AWS named when the buyer last registered; known by CustomerIdentifier, it may be all that is known of one. */
  registeredLicenseArn: text.optional(),
  /** The subscription that this one renews under a new license, and the one that renews it. */
  succeeds: id.optional(),
  succeededBy: id.optional(),
  offerId: text.optional(),
  freeTrial: z.boolean(),
});

export type Subscription = Readonly<z.output<typeof subscriptionSchema>>;
type SubscriptionIdentity = Subscription["identity"];
export type Grant = Subscription["grant"];

/** A time in which usage counts: from `since` until before `cutAt`, if that is known. */
export interface GrantPeriod {
  readonly since: Instant;
  readonly cutAt?: Instant | undefined;
}

/** Every period in which the subscription was in force, oldest first. */
export function grantPeriods({ earlierGrants, grant }: Subscription): readonly GrantPeriod[] {
  if (!("since" in grant) || grant.since === undefined) return earlierGrants;
  return [...earlierGrants, { since: grant.since, cutAt: "cutAt" in grant ? grant.cutAt : undefined }];
}

/** Whether two states say the same, however they were made. */
export const sameState = (a: Subscription, b: Subscription): boolean =>
  JSON.stringify(subscriptionSchema.parse(a)) === JSON.stringify(subscriptionSchema.parse(b));

/** Minutes after the first sign of an end within which AWS still takes usage (Seller Guide, EventBridge integration, 2026). */
const finalWindowMinutes = 60;
export const finalDeadline = (cutAt: Instant): Instant => laterBy(cutAt, finalWindowMinutes * minuteMs);

/** What a subscription is filed under, and what AWS knows it by. */
export interface SubscriptionKey {
  readonly id: SubscriptionId;
  readonly identity: SubscriptionIdentity;
}

export const customerKey = (productCode: string, customerIdentifier: string): SubscriptionKey => ({
  id: `${productCode}/${customerIdentifier}` as SubscriptionId,
  identity: { by: "customer", customerIdentifier },
});

/** `undefined` when the text holds no license. */
export function licenseKey(licenseArn: string): SubscriptionKey | undefined {
  const license = licenseIdOf(licenseArn);
  return license && { id: license as string as SubscriptionId, identity: { by: "license", licenseArn } };
}

/**
 * The subscription that a registered buyer's identifiers mean under a product. The product's generation decides which
 * identifier is the key, never what an answer happens to carry: a listing in migration keeps the keys that it had.
 * `undefined` when the one that is needed is missing.
 */
export function subscriptionKey(
  { code, generation }: Product,
  {
    licenseArn,
    customerIdentifier,
  }: { licenseArn?: string | undefined; customerIdentifier?: string | undefined },
): SubscriptionKey | undefined {
  const byCustomer = customerIdentifier === undefined ? undefined : customerKey(code, customerIdentifier);
  const byLicense = licenseArn === undefined ? undefined : licenseKey(licenseArn);
  switch (generation) {
    case "sns":
      return byCustomer;
    case "eventbridge":
      return byLicense;
    case "migrating":
      return byCustomer ?? byLicense;
    default:
      return generation satisfies never;
  }
}

export const unknownSubscription = (productCode: string, key: SubscriptionKey): Subscription => ({
  ...key,
  productCode,
  registration: "unregistered",
  grant: { state: "unknown" },
  earlierGrants: [],
  freeTrial: false,
});
