import * as z from "zod";
import { parseHour, type UtcHour } from "../time/utc-hour.ts";

/** Fields that more than one part of the configuration has. */
export const accountId = z
  .string()
  .regex(/^\d{12}$/, "is no AWS account id: write its 12 digits as a string, without dashes");
export const roleName = z
  .string()
  .regex(
    /^[\w+=,.@-]{1,64}$/,
    "is no IAM role name: use up to 64 letters, digits or + = , . @ _ -, and no path or ARN",
  );
export const text = z.string().trim().min(1, "is empty: fill it in");
export const wholeNumber = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, error).max(most, error);
};
export const webAddress = z.url({ protocol: /^https?$/, error: "is no web address: start it with https://" });

export const hour = z
  .string()
  .refine((value) => parseHour(value) !== undefined, "is no UTC hour: write it like 2026-08-20T14")
  .transform((value) => parseHour(value) ?? (0 as UtcHour));
