import * as z from "zod";
import type { Entitlement } from "../entitlement/entitlement.ts";
import type { Customer } from "../lifecycle/customer.ts";
import type { Subscription, SubscriptionId } from "../lifecycle/subscription.ts";
import { formatInstant, type Instant, instant } from "../time/instant.ts";

export const subscriptionEventTypes = [
  "subscription.registered",
  "subscription.activated",
  "subscription.renewed",
  "subscription.cancelling",
  "subscription.ended",
  "subscription.failed",
  /** Something else about it changed, e.g. its offer. */
  "subscription.updated",
] as const;
export type SubscriptionEventType = (typeof subscriptionEventTypes)[number];

const entitlementEventTypes = ["entitlement.granted", "entitlement.changed", "entitlement.revoked"] as const;
export type EntitlementEventType = (typeof entitlementEventTypes)[number];

const at = z.iso.datetime();
const text = z.string();

const grantSchema = z.discriminatedUnion("state", [
  z.object({ state: z.literal("unknown") }),
  z.object({ state: z.literal("pending"), startsAt: at.optional() }),
  z.object({ state: z.literal("active"), since: at }),
  z
    .object({ state: z.literal("cancelling"), since: at.optional(), cutAt: at, deadlineAt: at })
    .describe("Usage before cutAt may still be reported, until deadlineAt."),
  z.object({ state: z.literal("ended"), since: at.optional(), cutAt: at }),
  z.object({ state: z.literal("failed"), at }),
]);

const identitySchema = z.discriminatedUnion("by", [
  z.object({ by: z.literal("license"), licenseArn: text }),
  z.object({ by: z.literal("customer"), customerIdentifier: text }),
]);

const subscriptionData = z.object({
  id: text,
  productCode: text,
  identity: identitySchema.describe("What AWS Marketplace knows the subscription by."),
  registration: z.enum(["unregistered", "registered"]),
  customerId: text.optional(),
  buyerAccountId: text.optional(),
  grant: grantSchema,
  earlierGrants: z.array(z.object({ since: at, cutAt: at })),
  agreementId: text.optional(),
  term: z
    .object({
      intent: text.optional(),
      startsAt: at.optional(),
      endsAt: at.optional(),
      autoRenews: z.boolean().optional(),
    })
    .optional(),
  licenseArn: text.optional(),
  succeeds: text.optional().describe("The subscription that this one renews under a new license."),
  succeededBy: text.optional(),
  offerId: text.optional(),
  freeTrial: z.boolean(),
});

const entitlementData = z.object({
  dimension: text,
  value: z.union([z.number(), z.boolean(), text]),
  expiresAt: at.optional(),
});

const customerData = z.object({
  id: text,
  buyerAccountId: text.optional(),
  customerIdentifier: text.optional(),
  reference: text.optional().describe("Your own name for the buyer, as given at registration."),
  registeredAt: at,
  erasedAt: at.optional(),
});

const versioned = { schema: z.literal(1), version: z.int().positive() };
const envelope = {
  specversion: z.literal("1.0"),
  id: text.describe("Made of subject, version and type: a repeat has the same id."),
  source: z.literal("tollhouse"),
  subject: text,
  time: at.describe("When it happened."),
  datacontenttype: z.literal("application/json"),
};

/**
 * What the seller's services are told: CloudEvents (1.0) that carry their subject's whole state after the change and its version.
 * Whoever keeps the highest version per subject ends in the final state, in whatever order events arrive. A change that older
 * consumers would misread gets another number in `data.schema`.
 */
export const outgoingEventSchema = z.discriminatedUnion("type", [
  z.object({
    ...envelope,
    type: z.enum(subscriptionEventTypes),
    data: z.object({ ...versioned, subscription: subscriptionData }),
  }),
  z.object({
    ...envelope,
    type: z.enum(entitlementEventTypes),
    data: z.object({ ...versioned, subscriptionId: text, entitlements: z.array(entitlementData) }),
  }),
  z.object({
    ...envelope,
    type: z.enum(["customer.registered", "customer.erased"]),
    data: z.object({ ...versioned, customer: customerData }),
  }),
]);
export type OutgoingEvent = Readonly<z.output<typeof outgoingEventSchema>>;

/** The head of an event about `subject`. @param happenedAt when what it tells happened */
const head = <Type extends OutgoingEvent["type"]>(
  type: Type,
  subject: string,
  version: number,
  happenedAt: Instant,
) => ({
  specversion: "1.0" as const,
  id: `${subject}@${version}:${type}`,
  source: "tollhouse" as const,
  type,
  subject,
  time: formatInstant(happenedAt),
  datacontenttype: "application/json" as const,
});

/** @param happenedAt when the change happened */
export const subscriptionEvent = (
  type: SubscriptionEventType,
  after: Subscription,
  version: number,
  happenedAt: Instant,
): OutgoingEvent => ({
  ...head(type, after.id, version, happenedAt),
  data: { schema: 1, version, subscription: subscriptionData.parse(withTexts(after)) },
});

/** @param askedAt when the answer was asked for */
export const entitlementEvent = (
  type: EntitlementEventType,
  subscriptionId: SubscriptionId,
  entitlements: readonly Entitlement[],
  version: number,
  askedAt: Instant,
): OutgoingEvent => ({
  // A subject of its own: its versions are not those of the subscription.
  ...head(type, `${subscriptionId}/entitlements`, version, askedAt),
  data: {
    schema: 1,
    version,
    subscriptionId,
    entitlements: entitlements.map((entitlement) => entitlementData.parse(withTexts(entitlement))),
  },
});

/** @param happenedAt when the buyer registered or was erased */
export const customerEvent = (
  type: "customer.registered" | "customer.erased",
  after: Customer,
  happenedAt: Instant,
): OutgoingEvent => ({
  ...head(type, after.id, after.version, happenedAt),
  data: { schema: 1, version: after.version, customer: customerData.parse(withTexts(after)) },
});

/** Instants as text, what is unknown left out. */
const withTexts = (state: object): unknown =>
  JSON.parse(
    JSON.stringify(state, (key, value: unknown) =>
      instantFields.has(key) && typeof value === "number" ? formatInstant(instant(value)) : value,
    ),
  );

const instantFields = new Set([
  "since",
  "cutAt",
  "deadlineAt",
  "at",
  "startsAt",
  "endsAt",
  "expiresAt",
  "registeredAt",
  "erasedAt",
]);
