import * as z from "zod";
import { type Instant, instant } from "../time/instant.ts";

/** One thing that happened, once. Its id comes from who told us, so a repeat has the same id. */
export type FactId = string & { readonly __brand: "FactId" };

const text = z.string().min(1).max(1_024);
const base = {
  id: text.transform((value) => value as FactId),
  /** When it happened by the sender's clock; never when it reached us. */
  at: z.number().transform((value): Instant => instant(value)),
};
/** On SNS notifications: who bought what, on listings made before June 2026. */
const identified = { productCode: text, customerIdentifier: text, offerId: text.optional() };
const licensed = {
  licenseArn: text,
  agreementId: text,
  productCode: text,
  buyerAccountId: text,
  offerId: text.optional(),
};
const agreed = { agreementId: text, buyerAccountId: text.optional(), offerId: text.optional() };

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
    intent: text,
    previousAgreementId: text.optional(),
  }),
  z.object({ kind: z.literal("agreement-amended"), ...base, ...agreed }),
  z.object({ kind: z.literal("agreement-ended"), ...base, ...agreed, status: z.enum(agreementEnds) }),
  z.object({ kind: z.literal("license-updated"), ...base, ...licensed }),
  z.object({ kind: z.literal("license-deprovisioned"), ...base, ...licensed }),
  z.object({
    kind: z.literal("customer-registered"),
    ...base,
    productCode: text,
    buyerAccountId: text.optional(),
    customerIdentifier: text.optional(),
    licenseArn: text.optional(),
  }),
  /** Our own: nobody tells us that the time for final usage is over, so it is noted when the deadline has passed. */
  z.object({
    kind: z.literal("window-elapsed"),
    ...base,
    productCode: text,
    licenseArn: text.optional(),
    customerIdentifier: text.optional(),
  }),
]);

export type Fact = z.output<typeof factSchema>;
type FactKind = Fact["kind"];

/** Which of two facts of the same instant is taken first; AWS's clocks tick in whole seconds on EventBridge. */
const rank: Record<FactKind, number> = {
  "agreement-created": 0,
  "agreement-amended": 1,
  "subscribe-succeeded": 2,
  "license-updated": 2,
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
