import type { Amounts } from "@tollhouse/core/metering/balance";
import { type MicroUnits, microUnits } from "@tollhouse/core/quantity/micro-units";
import type { TagSet } from "@tollhouse/core/usage/usage-event";
import * as z from "zod";

/**
 * Amounts as they are stored: whole micro-units as decimal text per tag set. Text, because a number that passes through
 * JavaScript's floats on its way loses digits above 2^53.
 */
export const amountSchema = z
  .string()
  .regex(/^-?\d+$/)
  .transform((digits): MicroUnits => microUnits(BigInt(digits)));

export const amountsSchema = z
  .record(z.string(), amountSchema)
  .transform(
    (amounts): Amounts =>
      new Map(Object.entries(amounts).map(([tagSet, amount]) => [tagSet as TagSet, amount])),
  );

export const amountsItem = (amounts: Amounts): Record<string, string> =>
  Object.fromEntries([...amounts].map(([tagSet, amount]) => [tagSet, amount.toString()]));
