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
const loopback = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/;
/** Where browsers are sent with something that others must not read, or that goes into a page's policy. */
export const safeAddress = z
  .url({ protocol: /^https?$/, error: "is no web address: start it with https://", abort: true })
  .refine((url) => !/[\s;,'"]/.test(url), {
    error: "holds a blank, quote, comma or semicolon: encode it",
    abort: true,
  })
  .refine((url) => url.startsWith("https://") || loopback.test(url), {
    error: "is not served over TLS: start it with https:// (http:// only on this machine)",
  });

export const hour = z
  .string()
  .refine((value) => parseHour(value) !== undefined, "is no UTC hour: write it like 2026-08-20T14")
  .transform((value) => parseHour(value) ?? (0 as UtcHour));
