import * as z from "zod";

const at = z.iso.datetime();
const text = z.string();

const grant = z.discriminatedUnion("state", [
  z.object({ state: z.literal("unknown") }),
  z.object({ state: z.literal("pending"), startsAt: at.optional() }),
  z.object({ state: z.literal("active"), since: at }),
  /** Usage before `cutAt` may still be reported, until `deadlineAt`. */
  z.object({ state: z.literal("cancelling"), since: at.optional(), cutAt: at, deadlineAt: at }),
  z.object({ state: z.literal("ended"), since: at.optional(), cutAt: at }),
  z.object({ state: z.literal("failed"), at }),
]);

const identity = z.discriminatedUnion("by", [
  z.object({ by: z.literal("license"), licenseArn: text }),
  z.object({ by: z.literal("customer"), customerIdentifier: text }),
]);

const subscription = z.object({
  id: text,
  productCode: text,
  identity,
  registration: z.enum(["unregistered", "registered"]),
  customerId: text.optional(),
  buyerAccountId: text.optional(),
  grant,
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
  /** The subscription that this one renews under a new license. */
  succeeds: text.optional(),
  succeededBy: text.optional(),
  offerId: text.optional(),
  freeTrial: z.boolean(),
});

const entitlement = z.object({
  dimension: text,
  value: z.union([z.number(), z.boolean(), text]),
  expiresAt: at.optional(),
});

const customer = z.object({
  id: text,
  buyerAccountId: text.optional(),
  customerIdentifier: text.optional(),
  /** Your own name for the buyer, as given at registration. */
  reference: text.optional(),
  registeredAt: at,
  erasedAt: at.optional(),
});

/** A change that a careful reader of this schema would misread has another number. */
const schema = 1;
const versioned = { schema: z.literal(schema), version: z.int().positive() };
const envelope = {
  specversion: z.literal("1.0"),
  id: text,
  source: z.literal("tollhouse"),
  subject: text,
  time: at,
  datacontenttype: z.literal("application/json"),
};

const eventSchema = z.discriminatedUnion("type", [
  z.object({
    ...envelope,
    type: z.enum([
      "subscription.registered",
      "subscription.activated",
      "subscription.renewed",
      "subscription.cancelling",
      "subscription.ended",
      "subscription.failed",
      "subscription.updated",
    ]),
    data: z.object({ ...versioned, subscription }),
  }),
  z.object({
    ...envelope,
    type: z.enum(["entitlement.granted", "entitlement.changed", "entitlement.revoked"]),
    data: z.object({ ...versioned, subscriptionId: text, entitlements: z.array(entitlement) }),
  }),
  z.object({
    ...envelope,
    type: z.enum(["customer.registered", "customer.erased"]),
    data: z.object({ ...versioned, customer }),
  }),
]);

/** What Tollhouse tells your services: a subject's whole state after a change, under a version that only rises. */
export type LifecycleEvent = Readonly<z.output<typeof eventSchema>>;

export type ParsedEvent =
  | { readonly kind: "event"; readonly event: LifecycleEvent }
  /** Of a type that this version does not know, or not Tollhouse's at all: pass it over. */
  | { readonly kind: "unknown"; readonly type: string }
  /** Of a schema that this version would misread: bring this package up to date before you go on. */
  | { readonly kind: "other-schema"; readonly schema: number; readonly type: string }
  /** It should be readable and is not: keep it, and look at the reason. */
  | { readonly kind: "unreadable"; readonly reason: string };

const head = z.object({ type: z.string(), source: z.unknown(), data: z.unknown() });
const numbered = z.object({ schema: z.number() });
const types: ReadonlySet<string> = new Set(
  eventSchema.options.flatMap(({ shape }) => [...shape.type.options] as string[]),
);

/**
 * Reads an event of the bus: its JSON as text or value, the CloudEvent itself or in the envelope in which EventBridge delivers it (a rule's
 * target, also through SQS).
 */
export function parseLifecycleEvent(json: unknown): ParsedEvent {
  const value = typeof json === "string" ? valueOf(json) : json;
  const read = head.safeParse(detailOf(value));
  if (!read.success) return { kind: "unreadable", reason: "it is no CloudEvent in JSON" };
  const { type, source, data } = read.data;
  if (source !== "tollhouse" || !types.has(type)) return { kind: "unknown", type };
  const number = numbered.safeParse(data);
  if (number.success && number.data.schema !== schema)
    return { kind: "other-schema", schema: number.data.schema, type };
  const event = eventSchema.safeParse(detailOf(value));
  if (event.success) return { kind: "event", event: event.data };
  const [issue] = event.error.issues;
  return {
    kind: "unreadable",
    reason: `${issue?.path.join(".") ?? "it"}: ${issue?.message ?? "cannot be read"}`,
  };
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const detailOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "detail-type" in value && "detail" in value
    ? value.detail
    : value;
