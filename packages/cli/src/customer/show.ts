import type { Contact } from "@tollhouse/core/contact/contact";
import type { Customer, CustomerId } from "@tollhouse/core/lifecycle/customer";
import type { Subscription } from "@tollhouse/core/lifecycle/subscription";
import type { Answer } from "../answer.ts";
import { nameValues } from "../output/paragraph.ts";
import { table } from "../output/table.ts";
import { both } from "../output/time.ts";
import type { Source } from "../source.ts";
import { subscriptionColumns } from "../subscription/list.ts";
import { unknownCustomer } from "./unknown.ts";

const contactText = ({ email, confirmedAt, undeliverableAt }: Contact): string =>
  `${email} (${confirmedAt !== undefined ? "confirmed" : undeliverableAt !== undefined ? "no mail is taken there" : "not confirmed"})`;

interface ShownCustomer {
  readonly customer: Customer;
  readonly subscriptions: readonly Subscription[];
}

/** @throws CommandError when there is no such customer */
export async function showCustomer(
  { store, configuration }: Pick<Source, "store" | "configuration">,
  name: string,
): Promise<Answer<ShownCustomer>> {
  const id = name as CustomerId;
  const customer = await store.loadCustomer(id);
  if (customer === undefined) throw unknownCustomer(name);
  const all = await Promise.all(
    (await store.subscriptionsOf(id)).map((each) => store.currentSubscription(each)),
  );
  return {
    data: { customer, subscriptions: all.filter((each) => each !== undefined) },
    text: ({ customer: shown, subscriptions }, view) =>
      [
        view.paint.strong(shown.id),
        ...nameValues(
          [
            ["registered", both(shown.registeredAt, view.now)],
            ["erased", shown.erasedAt && both(shown.erasedAt, view.now)],
            ["AWS account", shown.buyerAccountId],
            ["identifier", shown.customerIdentifier],
            ["reference", shown.reference],
            ["e-mail", shown.contact && contactText(shown.contact)],
          ],
          view.width,
        ),
        "",
        subscriptions.length === 0
          ? "No subscription is this customer's."
          : table(subscriptionColumns(configuration, view), subscriptions, view),
      ].join("\n"),
  };
}
