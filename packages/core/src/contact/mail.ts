import type { RegistrationPage } from "../configuration/configuration.ts";
import { linkDays } from "./contact.ts";
import type { EmailAddress } from "./email-address.ts";

export interface Mail {
  readonly to: EmailAddress;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * Sends mail. `refused`: it will never be taken, as for an address that does not exist. @throws when it may be taken later
 */
export interface MailSender {
  send(mail: Mail): Promise<"sent" | { readonly refused: string }>;
}

/** The mail that confirms a registration and says what comes next (Seller Guide, "SaaS product guidelines", autumn 2026). */
export function confirmationMail(
  { sellerName, supportContact, texts }: RegistrationPage,
  to: EmailAddress,
  confirmUrl: string,
): Mail {
  const lines = [
    `An AWS account has connected its AWS Marketplace subscription to ${sellerName}, and gave this address to be written to.`,
    `If that is right, please confirm the address: ${confirmUrl}`,
    ...(texts.nextSteps === undefined ? [] : [texts.nextSteps]),
    `The link works for ${linkDays} days. If you know nothing of it, ignore this mail: the address stays unconfirmed.`,
    `Questions? Write to ${supportContact}.`,
  ];
  const link = `<a href="${escaped(confirmUrl)}">Confirm this e-mail address</a>`;
  const paragraphs = lines.map((line) =>
    line.endsWith(confirmUrl) ? `<p>If that is right: ${link}</p>` : `<p>${escaped(line)}</p>`,
  );
  return {
    to,
    subject: `Your registration with ${sellerName}`,
    text: `${lines.join("\n\n")}\n`,
    html: `<!doctype html><html lang="en"><body style="font:16px/1.6 sans-serif;max-width:36rem">${paragraphs.join("")}</body></html>`,
  };
}

const entity: Partial<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (each) => entity[each] ?? each);
