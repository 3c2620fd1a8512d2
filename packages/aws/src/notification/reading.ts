import type { Fact } from "@tollhouse/core/lifecycle/fact";
import type * as z from "zod";

/** SNS asks whether we want a topic's messages; whoever gives the token back says yes. */
export interface SubscriptionConfirmation {
  readonly topicArn: string;
  /** Valid for two days (SNS API reference, Subscribe). It appears in no log. */
  readonly token: string;
}

/** What a message of AWS Marketplace or of SNS itself says, or why it says nothing that we understand. */
export type NotificationReading =
  | { readonly fact: Fact }
  | { readonly confirmation: SubscriptionConfirmation }
  /** SNS has ended the subscription to this topic. */
  | { readonly unsubscribed: string }
  | { readonly refused: string };

/** `agreement.status must be …; license.arn is missing`: the fields that are wrong. */
export const describeIssues = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
