import type { OutboxEntry } from "../outbox/outbox.ts";
import { customerEvent } from "../outbox/outgoing-event.ts";
import type { Quarantine, QuarantineLine } from "../quarantine/quarantine.ts";
import type { Clock } from "../time/clock.ts";
import type { Customer, CustomerId } from "./customer.ts";
import type { LifecycleStore } from "./store.ts";
import type { SubscriptionId } from "./subscription.ts";

export interface ErasePorts {
  readonly store: Pick<
    LifecycleStore,
    "loadCustomer" | "storeCustomer" | "subscriptionsOf" | "currentSubscription"
  >;
  readonly quarantine: Pick<Quarantine, "list" | "get" | "remove">;
  readonly clock: Clock;
}

export type Erasure =
  | { readonly kind: "erased"; readonly quarantined: number }
  | { readonly kind: "refused"; readonly reason: "unknown" }
  /** AWS still takes usage for these, which needs the buyer's ids. */
  | {
      readonly kind: "refused";
      readonly reason: "subscribed";
      readonly subscriptionIds: readonly SubscriptionId[];
    };

const maxTries = 5;
const pageSize = 100;

/**
 * Erases what names a customer: the identifiers on the customer's record, and quarantined messages in which they stand. The
 * facts and the books keep AWS's account and license ids, without which no bill could be explained. Repeating it is harmless.
 */
export async function eraseCustomer(ports: ErasePorts, id: CustomerId): Promise<Erasure> {
  const { store, clock } = ports;
  const known = await store.loadCustomer(id);
  if (known === undefined) return { kind: "refused", reason: "unknown" };
  const subscriptionIds = await openSubscriptions(ports, id);
  if (subscriptionIds.length > 0) return { kind: "refused", reason: "subscribed", subscriptionIds };
  // Found by the identifiers, so before they are gone: whoever is interrupted here begins anew.
  const quarantined = await cleanQuarantine(ports, known);
  for (let tries = 0; tries < maxTries; tries += 1) {
    // Cleaning took its time; the buyer may have come back.
    const reopened = await openSubscriptions(ports, id);
    if (reopened.length > 0) return { kind: "refused", reason: "subscribed", subscriptionIds: reopened };
    const before = (await store.loadCustomer(id)) ?? known;
    const { version, registeredAt } = before;
    const erasedAt = before.erasedAt ?? (await clock.now());
    const after: Customer = { id, version: version + 1, registeredAt, erasedAt };
    const event = customerEvent("customer.erased", after, erasedAt);
    const outbox: OutboxEntry[] = [
      { id: event.id, dueAt: await clock.now(), task: { kind: "publish", event } },
    ];
    if (await store.storeCustomer(after, outbox)) return { kind: "erased", quarantined };
  }
  throw new Error(`Customer ${id} was changed by others ${maxTries} times in a row: erase it again.`);
}

async function openSubscriptions({ store }: ErasePorts, id: CustomerId): Promise<readonly SubscriptionId[]> {
  const all = await Promise.all(
    (await store.subscriptionsOf(id)).map(async (each) => store.currentSubscription(each)),
  );
  return all.flatMap((subscription) => {
    const state = subscription?.grant.state;
    return subscription !== undefined && (state === "active" || state === "cancelling" || state === "pending")
      ? [subscription.id]
      : [];
  });
}

/** Messages that name the buyer, whatever door they came in by. */
async function cleanQuarantine(
  { quarantine, clock }: ErasePorts,
  { buyerAccountId, customerIdentifier }: Customer,
): Promise<number> {
  const names = [buyerAccountId, customerIdentifier].filter((name) => name !== undefined);
  if (names.length === 0) return 0;
  const until = await clock.now();
  let removed = 0;
  let page: readonly QuarantineLine[] = [];
  do {
    page = await quarantine.list(until, pageSize, page.at(-1));
    for (const { id } of page) {
      const entry = await quarantine.get(id);
      if (entry === undefined || !names.some((name) => entry.body.includes(name))) continue;
      await quarantine.remove(id);
      removed += 1;
    }
  } while (page.length === pageSize);
  return removed;
}
