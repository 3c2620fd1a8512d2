import * as z from "zod";

/** Where a buyer wants to be written to. Personal data: it is on the customer's record and in no fact, event or log. */
export type EmailAddress = string & { readonly __brand: "EmailAddress" };

/** A forward path has at most 254 octets (RFC 5321, section 4.5.3.1.3, less its brackets). */
const longest = 254;
const form = z.email();

/** Reads what somebody typed. Gives a sentence that says what to do when it is no address. */
export function parseEmailAddress(typed: string): EmailAddress | { readonly refused: string } {
  const address = typed.trim();
  if (address === "") return { refused: "Give the e-mail address that we may write to." };
  if (address.length > longest) return { refused: `An e-mail address has at most ${longest} characters.` };
  if (!form.safeParse(address).success)
    return { refused: "This is no e-mail address. It looks like name@example.com." };
  return address as EmailAddress;
}

/** Enough of an address to recognise one's own by, for whoever opens the page next. */
export function masked(address: EmailAddress): string {
  const at = address.lastIndexOf("@");
  return `${address.slice(0, 1)}•••${address.slice(at)}`;
}
