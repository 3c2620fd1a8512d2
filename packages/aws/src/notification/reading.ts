import type { Fact } from "@tollhouse/core/lifecycle/fact";
import type * as z from "zod";

/** What a message of the intake queue says, or why it says nothing that we understand. */
export type NotificationReading = { readonly fact: Fact } | { readonly refused: string };

/** `agreement.status must be …; license.arn is missing`: the fields that are wrong. */
export const describeIssues = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
