import { accountId } from "./account";
import { configuration } from "./configuration";
import type { Permission } from "./permission";

/**
 * Sending mail from the one address of the configuration. SES asks the policy about each resource that a mail touches: the sender's
 * identity, be it the address or its domain, a receiver that is an identity of this account, and the identity's configuration set, if it
 * has one. What is not to be is sending in another's name, and that is what the condition holds (Service Authorization Reference, "Amazon
 * Simple Email Service v2").
 */
export function sendMail(): Permission[] {
  const from = configuration.registrationPage.mail?.from;
  if (from === undefined) return [];
  const named = (kind: string) => $interpolate`arn:aws:ses:us-east-1:${accountId}:${kind}/*`;
  return [
    {
      actions: ["ses:SendEmail"],
      resources: [named("identity"), named("configuration-set")],
      conditions: [{ test: "StringEquals", variable: "ses:FromAddress", values: [from] }],
    },
  ];
}
