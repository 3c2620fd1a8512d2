import { accountId } from "./account";
import { configuration } from "./configuration";
import type { Permission } from "./permission";

/**
 * Sending mail from the one address of the configuration. The verified identity is the address itself or its domain, and SES looks at
 * the policy for whichever it is (SES guide, "Actions, resources, and condition keys").
 */
export function sendMail(): Permission[] {
  const from = configuration.registrationPage.mail?.from;
  if (from === undefined) return [];
  const identities = [from, from.slice(from.lastIndexOf("@") + 1)];
  return [
    {
      actions: ["ses:SendEmail"],
      resources: identities.map(
        (identity) => $interpolate`arn:aws:ses:us-east-1:${accountId}:identity/${identity}`,
      ),
      conditions: [{ test: "StringEquals", variable: "ses:FromAddress", values: [from] }],
    },
  ];
}
