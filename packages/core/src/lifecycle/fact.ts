import * as z from "zod";
import { type Instant, instant } from "../time/instant.ts";
import type { SubscriptionId } from "./subscription-id.ts";

/** One thing that happened, once. Its id comes from who told us, so a repeat has the same id. */
export type FactId = string & { readonly __brand: "FactId" };

/** AWS's own bound on identifiers (API reference, autumn 2026); with it every key of ours fits into a table's. */
const text = z.string().min(1).max(255);
const arn = z.string().min(1).max(1_024);
const base = {
  id: text.transform((value) => value as FactId),
  /** When it happened by the sender's clock; never when it reached us. */
  at: z.number().transform((value): Instant => instant(value)),
};
/** On SNS notifications: who bought what, on listings made before June 2026. */
const identified = { productCode: text, customerIdentifier: text, offerId: text.optional() };
const licensed = {
  licenseArn: arn,
  agreementId: text,
  productCode: text,
  buyerAccountId: text,
  offerId: text.optional(),
};
const agreed = { agreementId: text, buyerAccountId: text.optional(), offerId: text.optional() };
const someInstant = z.number().transform((value): Instant => instant(value));
/** The term of an agreement, as far as the event tells; one without an end runs until it is cancelled. */
const term = {
  startsAt: someInstant.optional(),
  endsAt: someInstant.optional(),
  autoRenews: z.boolean().optional(),
};
/** Read back from AWS because the notification never came, and dated by AWS's own record of the change. */
const reconciled = { reconciled: z.literal(true).optional() };

/** The most characters of a notice's detail that are kept; AWS's have a few hundred. */
export const longestNotice = 16_384;

const ours = { productCode: text, subscriptionId: arn.transform((value) => value as SubscriptionId) };

/** How an agreement ended. RENEWED and REPLACED are no end of the buyer's access. */
export const agreementEnds = ["CANCELLED", "EXPIRED", "TERMINATED", "RENEWED", "REPLACED"] as const;

export const factSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("subscribe-succeeded"), ...base, ...identified, freeTrial: z.boolean() }),
  z.object({ kind: z.literal("subscribe-failed"), ...base, ...identified }),
  z.object({ kind: z.literal("unsubscribe-pending"), ...base, ...identified }),
  z.object({ kind: z.literal("unsubscribe-succeeded"), ...base, ...identified }),
  z.object({ kind: z.literal("entitlement-updated"), ...base, ...identified }),
  z.object({
    kind: z.literal("agreement-created"),
    ...base,
    ...agreed,
    ...term,
    intent: text,
    previousAgreementId: text.optional(),
  }),
  z.object({ kind: z.literal("agreement-amended"), ...base, ...agreed, ...term }),
  z.object({
    kind: z.literal("agreement-ended"),
    ...base,
    ...agreed,
    ...reconciled,
    status: z.enum(agreementEnds),
  }),
  z.object({ kind: z.literal("license-updated"), ...base, ...licensed, ...reconciled }),
  z.object({ kind: z.literal("license-deprovisioned"), ...base, ...licensed }),
  z.object({
    kind: z.literal("customer-registered"),
    ...base,
    productCode: text,
    buyerAccountId: text.optional(),
    customerIdentifier: text.optional(),
    licenseArn: arn.optional(),
    /** The same for every answer to one token; the token cannot be read back from it. */
    visit: text.optional(),
    /** The seller's own name for the buyer; checked where it came in. */
    reference: text.optional(),
  }),
  /** Something AWS says for people to read; it changes no state. What this version does not know is flagged. */
  z.object({
    kind: z.literal("notice"),
    ...base,
    agreementId: text.optional(),
    detailType: text,
    known: z.boolean(),
    /** The event's detail as JSON. */
    detail: z.string().max(longestNotice),
  }),
  /** Our own: nobody tells us that the time for final usage is over, so it is noted when the deadline has passed. */
  z.object({ kind: z.literal("window-elapsed"), ...base, ...ours }),
  /** Our own: an agreement that was made for later has begun. */
  z.object({ kind: z.literal("start-reached"), ...base, ...ours }),
]);

export type Fact = z.output<typeof factSchema>;
type FactKind = Fact["kind"];
export type FactOf<Kind extends FactKind> = Extract<Fact, { kind: Kind }>;
export type Registered = FactOf<"customer-registered">;

/** Which of two facts of the same instant is taken first; AWS's clocks tick in whole seconds on EventBridge. */
const rank: Record<FactKind, number> = {
  notice: 0,
  "agreement-created": 0,
  "agreement-amended": 1,
  "subscribe-succeeded": 2,
  "license-updated": 2,
  "start-reached": 3,
  "customer-registered": 3,
  "entitlement-updated": 4,
  "subscribe-failed": 5,
  "agreement-ended": 6,
  "unsubscribe-pending": 7,
  "license-deprovisioned": 8,
  "unsubscribe-succeeded": 9,
  "window-elapsed": 10,
};

/** The one order in which facts are read, whatever order they arrived in. */
export const byTime = (a: Fact, b: Fact): number =>
  a.at - b.at || rank[a.kind] - rank[b.kind] || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
