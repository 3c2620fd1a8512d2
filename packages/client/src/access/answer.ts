import * as z from "zod";

/** Why the service says no, nearest to a yes first (docs/access.md). */
const refusals = [
  "entitlements-awaited",
  "grant-pending",
  "nothing-entitled",
  "grant-unknown",
  "grant-cancelling",
  "succeeded",
  "grant-ended",
  "grant-failed",
  "product-unknown",
  "not-subscribed",
  "several-products",
  "too-many-subscriptions",
  "unknown-subject",
] as const;

/** `unknown`: nothing is known, since no answer came. `other`: a reason that this version does not know; see its explanation. */
export type Refusal = (typeof refusals)[number] | "unknown" | "other";

const readReason = (reason: string | undefined): Refusal | undefined =>
  reason === undefined ? undefined : (refusals.find((known) => known === reason) ?? "other");

const at = z.iso.datetime();
const texts = z.array(z.string()).readonly();

const verdict = {
  allowed: z.boolean(),
  reason: z.string().optional().transform(readReason),
  explanation: z.string().optional(),
};
const usable = { plans: texts, features: texts, metered: texts, holdsUntil: at.optional() };

const entitlement = z.object({
  dimension: z.string(),
  title: z.string().optional(),
  value: z.union([z.number(), z.boolean(), z.string()]),
  /** Passing it proves no lapse: Tollhouse asks AWS again then. */
  expiresAt: at.optional(),
  expired: z.boolean(),
});
export type Entitlement = Readonly<z.output<typeof entitlement>>;

const subscription = z.object({
  subscriptionId: z.string(),
  customerId: z.string().optional(),
  ...verdict,
  ...usable,
  registered: z.boolean(),
  freeTrial: z.boolean(),
  grant: z.object({
    state: z.string(),
    since: at.optional(),
    startsAt: at.optional(),
    cutAt: at.optional(),
  }),
  version: z.number(),
  entitlements: z.array(entitlement).readonly(),
  entitlementsReadAt: at.optional(),
  entitlementsDoubtedSince: at.optional(),
});
export type SubscriptionAccess = Readonly<z.output<typeof subscription>>;

const product = z.object({
  productCode: z.string(),
  title: z.string().optional(),
  ...verdict,
  ...usable,
  subscriptions: z.array(subscription).readonly(),
});
export type ProductAccess = Readonly<z.output<typeof product>>;

/** What `GET /access` answers. */
export const answerSchema = z.object({
  subject: z.string(),
  ...verdict,
  asOf: at,
  products: z.array(product).readonly(),
});
export type AccessAnswer = Readonly<z.output<typeof answerSchema>>;
