import type { Context } from "hono";
import * as z from "zod";
import { informationalKinds } from "../../rules/notification/informational-event.ts";
import { clockRate } from "../configuration.ts";

/** A control request that was refused, with the HTTP status it gets. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly code: string;
  readonly status: 400 | 404 | 409;
  constructor(code: string, message: string, status: 400 | 404 | 409) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const accountId = z.string().regex(/^\d{12}$/, "is no AWS account id: 12 digits in quotes");
const entitlement = z.strictObject({
  dimension: z.string().min(1),
  value: z.union([z.number(), z.boolean(), z.string()]),
});
const centurySeconds = 3_200_000_000;

export const clockChange = z.strictObject({
  now: instant.optional(),
  rate: clockRate.optional(),
  advanceSeconds: z.number().min(0).max(centurySeconds).optional(),
});
/** Below the time that a request may take. */
const longestWaitSeconds = 20;
export const clockWait = z.strictObject({
  reaches: instant.default(0),
  withinSeconds: z.coerce.number().min(0).max(longestWaitSeconds).default(0),
});
export const purchase = z.strictObject({
  productCode: z.string(),
  buyerAccountId: accountId,
  offerId: z.string().optional(),
  proposerAccountId: accountId.optional(),
  startAt: instant.optional(),
  endAt: instant.optional(),
  entitlements: z.array(entitlement).optional(),
  autoRenew: z.boolean().optional(),
  freeTrial: z.boolean().optional(),
  paymentFails: z.boolean().optional(),
  licenseArnMissing: z.int().min(0).max(100).optional(),
});
export const newEntitlements = z.strictObject({ entitlements: z.array(entitlement) });
export const succession = z.strictObject({
  offerId: z.string().optional(),
  endAt: instant.optional(),
  autoRenew: z.boolean().optional(),
  entitlements: z.array(entitlement).optional(),
});
export const amendment = z.strictObject({
  autoRenew: z.boolean().optional(),
  disabledBy: z.enum(["ACCEPTOR", "PROPOSER"]).optional(),
  entitlements: z.array(entitlement).optional(),
});
export const endpointSubscription = z.strictObject({
  productCode: z.string(),
  topic: z.enum(["subscription", "entitlement"]).default("subscription"),
  endpoint: z.union([z.literal("queue"), z.url({ protocol: /^https?$/ })]).optional(),
});
export const information = z.strictObject({
  kind: z.enum(informationalKinds),
  daysBeforeEndTime: z.int().min(1).optional(),
  detailType: z.string().min(1).optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
});

/** The request's body, or `{}` where a call may come without one. @throws ControlError naming what is wrong with it. */
export async function bodyOf<Schema extends z.ZodType>(
  context: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await context.req.text();
  const value = text === "" ? {} : jsonOf(text);
  return read(value, schema);
}

/** @throws ControlError naming what is wrong with the query */
export const readQuery = <Schema extends z.ZodType>(context: Context, schema: Schema): z.output<Schema> =>
  read(context.req.query(), schema);

function read<Schema extends z.ZodType>(value: unknown, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ControlError("request-invalid", z.prettifyError(parsed.error), 400);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ControlError("request-invalid", "the body is no JSON", 400);
  }
}
