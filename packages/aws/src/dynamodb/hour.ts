import { parseHour } from "@tollhouse/core/time/utc-hour";
import * as z from "zod";

/** A UTC hour as it is stored: `2026-08-20T14`. */
export const hourSchema = z.string().transform((text, context) => {
  const hour = parseHour(text);
  if (hour !== undefined) return hour;
  context.addIssue({ code: "custom", message: `${text} is no hour` });
  return z.NEVER;
});
