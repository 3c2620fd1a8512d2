import type { Configuration } from "../configuration/configuration.ts";
import { findProduct, hasEntitlements } from "../configuration/product.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import type { Grant, SubscriptionId } from "../lifecycle/subscription.ts";
import { type Waker, wakeIfPossible } from "../outbox/outbox.ts";
import type { Clock } from "../time/clock.ts";
import { decideEntitlements, type EntitlementDecision } from "./decide.ts";
import type { EntitlementReader } from "./entitlement.ts";

export interface RefreshPorts {
  readonly store: Pick<LifecycleStore, "loadSubscription" | "loadEntitlements" | "storeEntitlements">;
  readonly reader: EntitlementReader;
  readonly waker: Waker;
  readonly clock: Clock;
}

export type RefreshOutcome = EntitlementDecision["kind"] | "nothing-to-read";

/** Too many readers at once; trying again later helps. */
export class EntitlementContentionError extends Error {
  readonly code = "entitlement-contention";
  readonly retryable = true;
  constructor(id: SubscriptionId) {
    super(
      `The entitlements of ${id} were changed by others ${maxTries} times in a row. They are read again.`,
    );
    this.name = "EntitlementContentionError";
  }
}

const maxTries = 5;

/**
 * Reads a subscription's entitlements from AWS Marketplace and keeps the answer when it is newer than what is known.
 * @throws whatever the reader or the store throws; asking again is always safe
 */
export async function refreshEntitlements(
  ports: RefreshPorts,
  configuration: Configuration,
  id: SubscriptionId,
): Promise<RefreshOutcome> {
  const { subscription, announced } = await ports.store.loadSubscription(id);
  const product = subscription && findProduct(configuration, subscription.productCode);
  if (subscription === undefined || product === undefined || !hasEntitlements(product))
    return "nothing-to-read";
  const readAt = await ports.clock.now();
  // What turned out to be no subscription of its own has none, whatever AWS answers about its license.
  const entitlements = announced ? await ports.reader.read(subscription, product) : [];
  const grant: Grant = announced ? subscription.grant : { state: "unknown" };
  for (let tries = 0; tries < maxTries; tries += 1) {
    const before = await ports.store.loadEntitlements(id);
    const answer = { subscriptionId: id, readAt, entitlements };
    const decision = decideEntitlements(before, answer, grant, subscription);
    if (decision.kind === "ignored") return "ignored";
    if (!(await ports.store.storeEntitlements(decision.snapshot, decision.outbox))) continue;
    if (decision.outbox.length > 0) await wakeIfPossible(ports.waker);
    return "stored";
  }
  throw new EntitlementContentionError(id);
}
