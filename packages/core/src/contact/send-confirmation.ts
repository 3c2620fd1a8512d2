import type { RegistrationPage } from "../configuration/configuration.ts";
import { reasonOf } from "../error/reason.ts";
import type { Customer, CustomerId } from "../lifecycle/customer.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import type { Mailroom } from "../outbox/outbox.ts";
import type { Clock } from "../time/clock.ts";
import { isMailDue } from "./contact.ts";
import { confirmationMail, type MailSender } from "./mail.ts";

interface MailroomPorts {
  readonly store: Pick<LifecycleStore, "loadCustomer" | "storeCustomer">;
  readonly sender: MailSender;
  readonly clock: Clock;
  /** The registration page's address. */
  readonly registrationUrl: string;
  /** Whether there is time for one more mail: whoever calls has other things to do. */
  readonly hasTime: () => boolean;
  /** Told why a mail waits, or is given up; the reason names nobody. */
  readonly onTrouble: (reason: string) => void;
}

/** One call sends no more. */
const mostAtOnce = 25;

/**
 * Writes to the address that the customer gave last, unless it is confirmed already. One that fails holds up no other, and fails nothing
 * else: it waits. A crash between the mail and the note that it was sent, or two at work at the same moment, send it twice, with the
 * same link.
 */
export const confirmationMailroom = (ports: MailroomPorts, page: RegistrationPage): Mailroom => ({
  async deliver(customerIds) {
    const delivered: CustomerId[] = [];
    for (const id of customerIds.slice(0, mostAtOnce)) {
      if (!ports.hasTime()) break;
      try {
        await deliverOne(ports, page, id);
        delivered.push(id);
      } catch (error) {
        ports.onTrouble(reasonOf(error));
      }
    }
    return delivered;
  },
});

async function deliverOne(ports: MailroomPorts, page: RegistrationPage, id: CustomerId): Promise<void> {
  const { store, sender, clock, registrationUrl, onTrouble } = ports;
  const customer = await store.loadCustomer(id);
  // Erased meanwhile, confirmed, or sent by another: nobody is to be written to.
  if (customer?.contact === undefined || !isMailDue(customer.contact, await clock.now())) return;
  const { contact } = customer;
  const link = `${registrationUrl}/confirm?${new URLSearchParams({ customer: id, code: contact.code }).toString()}`;
  const outcome = await sender.send(confirmationMail(page, contact.email, link));
  const now = await clock.now();
  if (outcome !== "sent") onTrouble(`given up: ${outcome.refused}`);
  const noted = outcome === "sent" ? { mailSentAt: now } : { mailSentAt: now, undeliverableAt: now };
  const after: Customer = { ...customer, version: customer.version + 1, contact: { ...contact, ...noted } };
  // Whoever changed the customer meanwhile knows better; what was sent before a new address was given is no news then.
  await store.storeCustomer(after, []);
}
