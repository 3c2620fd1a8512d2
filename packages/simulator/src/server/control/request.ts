import type { Context } from "hono";
import * as z from "zod";
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
export const purchase = z.strictObject({
  productCode: z.string(),
  buyerAccountId: accountId,
  offerId: z.string().optional(),
  proposerAccountId: accountId.optional(),
  startAt: instant.optional(),
  endAt: instant.optional(),
  entitlements: z.array(entitlement).optional(),
  freeTrial: z.boolean().optional(),
});
export const newEntitlements = z.strictObject({ entitlements: z.array(entitlement) });

/** The request's body. @throws ControlError naming what is wrong with it. */
export async function bodyOf<Schema extends z.ZodType>(
  context: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  const value: unknown = await context.req.json().catch(() => undefined);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ControlError("request-invalid", z.prettifyError(parsed.error), 400);
}
