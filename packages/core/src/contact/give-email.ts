import type { CustomerId } from "../lifecycle/customer.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import { type Waker, wakeIfPossible } from "../outbox/outbox.ts";
import type { Clock } from "../time/clock.ts";
import { type Contact, give, isConfirmedBy } from "./contact.ts";
import type { EmailAddress } from "./email-address.ts";

export interface ContactPorts {
  readonly store: Pick<LifecycleStore, "loadCustomer" | "storeCustomer">;
  readonly waker: Waker;
  readonly clock: Clock;
  /** Whether confirmation mails are sent at all. */
  readonly mails: boolean;
  /** A text that nobody can guess, for the mail's link. */
  readonly drawCode: () => string;
}

/** Others changed the customer at the same moment, again and again; trying again helps. */
class ContactContentionError extends Error {
  readonly code = "contact-contention";
  readonly retryable = true;
  constructor(id: CustomerId) {
    super(`Customer ${id} was changed by others ${maxTries} times in a row: try again.`);
    this.name = "ContactContentionError";
  }
}

const maxTries = 5;

export type EmailGiven =
  | { readonly kind: "stored"; readonly contact: Contact }
  | { readonly kind: "refused"; readonly reason: "unknown-customer" | "too-many" };

/**
 * Notes where a customer wants to be written to, with the mail that confirms it, in one transaction. Repeating it within a minute
 * changes nothing.
 * @throws ContactContentionError
 */
export async function giveEmail(
  { store, waker, clock, mails, drawCode }: ContactPorts,
  id: CustomerId,
  email: EmailAddress,
): Promise<EmailGiven> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const known = await store.loadCustomer(id);
    if (known === undefined || known.erasedAt !== undefined)
      return { kind: "refused", reason: "unknown-customer" };
    const now = await clock.now();
    const given = give(known.contact, email, drawCode(), now);
    if (given.kind === "too-many") return { kind: "refused", reason: given.kind };
    const { contact } = given;
    if (given.kind === "unchanged") return { kind: "stored", contact };
    const after = { ...known, version: known.version + 1, contact };
    const entry = {
      id: `${id}@${after.version}:send-confirmation`,
      dueAt: now,
      task: { kind: "send-confirmation", customerId: id } as const,
    };
    if (!(await store.storeCustomer(after, mails ? [entry] : []))) continue;
    if (mails) await wakeIfPossible(waker);
    return { kind: "stored", contact };
  }
  throw new ContactContentionError(id);
}

/**
 * Notes that whoever reads mail to the customer's address followed its link. Repeating it changes nothing.
 * @returns false when the link is none, is too old, or its address was replaced
 * @throws ContactContentionError
 */
export async function confirmEmail(
  { store, clock }: Pick<ContactPorts, "store" | "clock">,
  id: CustomerId,
  code: string,
): Promise<boolean> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const known = await store.loadCustomer(id);
    const now = await clock.now();
    if (known?.contact === undefined || !isConfirmedBy(known.contact, code, now)) return false;
    if (known.contact.confirmedAt !== undefined) return true;
    const contact = { ...known.contact, confirmedAt: now };
    if (await store.storeCustomer({ ...known, version: known.version + 1, contact }, [])) return true;
  }
  throw new ContactContentionError(id);
}
