import * as z from "zod";
import type { Product } from "../configuration/configuration.ts";
import { type Instant, instant, laterBy, minuteMs } from "../time/instant.ts";
import type { Subscription, SubscriptionId } from "../lifecycle/subscription.ts";

const entitlementSchema = z.object({
  dimension: z.string().min(1),
  value: z.union([z.number(), z.boolean(), z.string()]),
  /** Until when at least it is valid. Passing it proves no lapse; it asks for a new read (GetEntitlements reference). */
  expiresAt: z
    .number()
    .transform((value): Instant => instant(value))
    .optional(),
});

/** What a buyer has bought up front, for one dimension. */
export type Entitlement = z.output<typeof entitlementSchema>;

const at = z.number().transform((value): Instant => instant(value));

const includedTermSchema = z.object({
  since: at,
  /** The largest quantity that was read in the term, by entitled dimension. */
  quantities: z.record(z.string(), z.number()),
});

/** What a contract includes from an instant on, until the next term begins. */
export type IncludedTerm = Readonly<z.output<typeof includedTermSchema>>;

export const entitlementSnapshotSchema = z.object({
  subscriptionId: z.string().transform((id) => id as SubscriptionId),
  /** When the read was started: a slower, older read never overwrites a newer one. */
  readAt: at,
  /** Rises with every stored answer; consumers keep the highest. */
  version: z.number(),
  entitlements: z.array(entitlementSchema).readonly(),
  /** Since when AWS has answered with nothing during a grant; these entitlements stand until it has done so for a while. */
  emptySince: at.optional(),
  /** The latest terms, oldest first. */
  terms: z.array(includedTermSchema).readonly().optional(),
});

/** The last known truth about a subscription's entitlements, and how old it is. */
export type EntitlementSnapshot = Readonly<z.output<typeof entitlementSnapshotSchema>>;

/** An answer with nothing in it is believed when AWS has given it for so long during a grant. */
const emptyForMinutes = 10;

/** When an answer with nothing in it is believed, of which the first came at that instant. */
export const believableAt = (emptySince: Instant): Instant => laterBy(emptySince, emptyForMinutes * minuteMs);

/** Since when AWS has answered with nothing, while that is not believed and what was known before stands. */
export const doubtedSince = ({ readAt, emptySince }: EntitlementSnapshot): Instant | undefined =>
  emptySince !== undefined && readAt < believableAt(emptySince) ? emptySince : undefined;

/**
 * A buyer who left and came back has a new grant under the same license or identifier. What was read before it was bought under the
 * one that ended.
 */
export const isOfEarlierGrant = (
  { readAt }: EntitlementSnapshot,
  { grant, earlierGrants }: Pick<Subscription, "grant" | "earlierGrants">,
): boolean => earlierGrants.length > 0 && grant.state === "active" && readAt < grant.since;

/** GetEntitlements of AWS Marketplace: every page, for exactly one subscription. */
export interface EntitlementReader {
  read(subscription: Subscription, product: Product): Promise<readonly Entitlement[]>;
}
