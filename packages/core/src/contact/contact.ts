import * as z from "zod";
import { dayMs, type Instant, instant, laterBy, minuteMs } from "../time/instant.ts";
import type { EmailAddress } from "./email-address.ts";

const at = z.number().transform((value): Instant => instant(value));

export const contactSchema = z.object({
  email: z.string().transform((value) => value as EmailAddress),
  givenAt: at,
  /** What the link in the confirmation mail shows that whoever follows it reads mail to this address. */
  code: z.string(),
  /** When the latest confirmation mail was asked for; also where none are sent. */
  mailAskedAt: at,
  /** How many were asked for on that UTC day. */
  mailsThatDay: z.number(),
  /** When the latest one was sent. */
  mailSentAt: at.optional(),
  /** When the link was followed. */
  confirmedAt: at.optional(),
  /** When the mail was given up: SES does not take it. */
  undeliverableAt: at.optional(),
});

/** How a customer can be written to. The last address given counts. */
export type Contact = Readonly<z.output<typeof contactSchema>>;

/** Within so long after a mail the same address gets no second one: a page that is sent again asks for none. */
const quietMs = minuteMs;
/** More addresses a day than anybody mistypes; whoever holds a token could else make us write to strangers. */
const mostMailsADay = 5;
/** How long the link in a mail confirms. */
export const linkDays = 7;

export type Given =
  | { readonly kind: "changed"; readonly contact: Contact }
  | { readonly kind: "unchanged"; readonly contact: Contact }
  | { readonly kind: "too-many" };

/**
 * The contact after an address was given. Given again within a minute it stays as it is; later, while it is not confirmed, its
 * mail is asked for anew.
 * @param code for the mail's link, drawn by the caller
 */
export function give(known: Contact | undefined, email: EmailAddress, code: string, now: Instant): Given {
  if (known?.email === email && (known.confirmedAt !== undefined || isQuiet(known, now)))
    return { kind: "unchanged", contact: known };
  const mails = known === undefined ? 0 : mailsToday(known, now);
  if (mails >= mostMailsADay)
    return known?.email === email ? { kind: "unchanged", contact: known } : { kind: "too-many" };
  const stays =
    known?.email === email ? { givenAt: known.givenAt, code: known.code } : { givenAt: now, code };
  return { kind: "changed", contact: { email, ...stays, mailAskedAt: now, mailsThatDay: mails + 1 } };
}

const isQuiet = ({ mailAskedAt }: Contact, now: Instant): boolean => now < laterBy(mailAskedAt, quietMs);

const mailsToday = ({ mailAskedAt, mailsThatDay }: Contact, now: Instant): number =>
  Math.floor(mailAskedAt / dayMs) === Math.floor(now / dayMs) ? mailsThatDay : 0;

/** Whether a link still confirms this contact. */
export const isConfirmedBy = (contact: Contact, shown: string, now: Instant): boolean =>
  contact.code === shown && !isLinkOver(contact, now);

const isLinkOver = ({ mailAskedAt }: Contact, now: Instant): boolean =>
  now >= laterBy(mailAskedAt, linkDays * dayMs);

/** Whether a mail is still to be sent: not when it was, when the address is confirmed, or when its link would confirm nothing any more. */
export const isMailDue = (contact: Contact, now: Instant): boolean =>
  contact.confirmedAt === undefined &&
  (contact.mailSentAt === undefined || contact.mailSentAt < contact.mailAskedAt) &&
  !isLinkOver(contact, now);
