import type { RegistrationPage } from "../configuration/configuration.ts";
import type { Customer, CustomerId } from "../lifecycle/customer.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import type { Mailroom } from "../outbox/outbox.ts";
import type { Clock } from "../time/clock.ts";
import { confirmationMail, type MailSender } from "./mail.ts";

interface MailroomPorts {
  readonly store: Pick<LifecycleStore, "loadCustomer" | "storeCustomer">;
  readonly sender: MailSender;
  readonly clock: Clock;
  /** The registration page's address. */
  readonly registrationUrl: string;
}

/** What one call may cost the relay, which has other things to do within its time: mails, and mails that failed. */
const mostAtOnce = 25;
const mostFailures = 3;

/**
 * Writes to the address that the customer gave last, unless it is confirmed already. A crash between the mail and the note that it
 * was sent sends it twice, with the same link. One that fails holds up no other; when several do, the sender is down and is asked later.
 */
export const confirmationMailroom = (ports: MailroomPorts, page: RegistrationPage): Mailroom => ({
  async deliver(customerIds) {
    const delivered: CustomerId[] = [];
    const errors: unknown[] = [];
    for (const id of customerIds.slice(0, mostAtOnce)) {
      if (errors.length === mostFailures) break;
      try {
        await deliverOne(ports, page, id);
        delivered.push(id);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0 && delivered.length === 0)
      throw new AggregateError(errors, "no mail could be sent");
    return delivered;
  },
});

async function deliverOne(ports: MailroomPorts, page: RegistrationPage, id: CustomerId): Promise<void> {
  const { store, sender, clock, registrationUrl } = ports;
  const customer = await store.loadCustomer(id);
  // Confirmed meanwhile, or erased: nobody is to be written to.
  if (customer?.contact === undefined || customer.contact.confirmedAt !== undefined) return;
  const { contact } = customer;
  const link = `${registrationUrl}/confirm?${new URLSearchParams({ customer: id, code: contact.code }).toString()}`;
  const outcome = await sender.send(confirmationMail(page, contact.email, link));
  if (outcome === "sent") return;
  const after: Customer = {
    ...customer,
    version: customer.version + 1,
    contact: { ...contact, undeliverableAt: await clock.now() },
  };
  // Whoever changed the customer meanwhile knows better; that an old address takes no mail is no news then.
  await store.storeCustomer(after, []);
}
