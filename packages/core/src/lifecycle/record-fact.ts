import type { Configuration } from "../configuration/configuration.ts";
import { findProduct } from "../configuration/product.ts";
import { type Waker, wakeIfPossible } from "../outbox/outbox.ts";
import type { Clock } from "../time/clock.ts";
import { claims } from "./buyer.ts";
import { type Component, emptyComponent, gather, subscriptionRecordKey } from "./component.ts";
import { customerIdOf } from "./customer.ts";
import { decideChange, type Known } from "./decide.ts";
import type { Fact } from "./fact.ts";
import { type Place, placeOf } from "./place.ts";
import type { LifecycleStore, RecordKey } from "./store.ts";
import type { SubscriptionId } from "./subscription.ts";

export interface RecordPorts {
  readonly store: LifecycleStore;
  readonly waker: Waker;
  readonly clock: Clock;
}

export type RecordOutcome =
  | { readonly kind: "stored"; readonly subscriptionIds: readonly SubscriptionId[] }
  /** The fact was there already; nothing changed. */
  | { readonly kind: "known" }
  | { readonly kind: "refused"; readonly reason: string };

/** Too many writers at once; trying again later helps. */
export class ContentionError extends Error {
  readonly code = "lifecycle-contention";
  readonly retryable = true;
  constructor(factId: string) {
    super(
      `Fact ${factId} met other writers ${maxTries} times in a row. It is tried again when its message returns.`,
    );
    this.name = "ContentionError";
  }
}

const maxTries = 10;

/**
 * Files a fact and brings everything it touches up to date, in one transaction. Repeating it changes nothing.
 * @throws ContentionError when other writers were always faster; the message must then come back
 * @throws ComponentTooLargeError when the buyer's agreements are too many for one transaction
 */
export async function recordFact(
  ports: RecordPorts,
  configuration: Configuration,
  fact: Fact,
): Promise<RecordOutcome> {
  const place = placeOf(configuration, fact);
  if ("refused" in place) return { kind: "refused", reason: place.refused };
  for (let tries = 0; tries < maxTries; tries += 1) {
    const known = await load(ports.store, place, fact);
    if (known === "filed") return { kind: "known" };
    const missing = missingProduct(known, configuration);
    if (missing !== undefined) return { kind: "refused", reason: missing };
    const change = decideChange(known, place, configuration, fact, await ports.clock.now());
    if ((await ports.store.commit(change)) === "stored") {
      if (change.outbox.length > 0) await wakeIfPossible(ports.waker);
      const told = change.subscriptions.filter(({ announced }) => announced);
      return { kind: "stored", subscriptionIds: told.map(({ id }) => id) };
    }
  }
  throw new ContentionError(fact.id);
}

/** A fact that ends a subscription must not be filed while nobody can fold it: it would never be looked at again. */
function missingProduct({ component }: Known, configuration: Configuration): string | undefined {
  const codes = [...component.subscriptions.values()].flatMap(
    ({ subscription }) => subscription?.productCode ?? [],
  );
  const missing = codes.find((code) => findProduct(configuration, code) === undefined);
  return missing === undefined
    ? undefined
    : `it is about product code ${missing}, which is no longer in tollhouse.config.ts: put the product back, then replay this message`;
}

async function load(store: LifecycleStore, place: Place, fact: Fact): Promise<Known | "filed"> {
  const component = await gather(store, emptyComponent(), place.touches);
  if (await isFiled(store, component, place.home, fact.id)) return "filed";
  // A waiting registration may have meant another license before the fact than after it: both change.
  await gather(store, component, claimedBy(component, place));
  const customer =
    fact.kind === "customer-registered" ? await store.loadCustomer(customerIdOf(fact)) : undefined;
  return { component, customer };
}

/** Licenses that registrations waiting under the buyer mean, before or after the fact, and that are not loaded yet. */
function claimedBy(component: Component, place: Place): readonly RecordKey[] {
  const after = place.apply(component);
  const buyers = [...after.buyers].filter(([id, buyer]) => component.buyers.get(id) !== buyer);
  return buyers
    .flatMap(([id, buyer]) => [buyer, component.buyers.get(id)])
    .flatMap((buyer) => (buyer === undefined ? [] : [...claims(buyer.licenses, buyer.waiting).values()]))
    .filter((id) => !component.subscriptions.has(id))
    .map(subscriptionRecordKey);
}

async function isFiled(
  store: LifecycleStore,
  { subscriptions, agreements, buyers }: Component,
  home: RecordKey,
  id: Fact["id"],
): Promise<boolean> {
  const has = (facts: readonly Fact[] | undefined) => facts?.some((fact) => fact.id === id) === true;
  switch (home.kind) {
    case "subscription":
      return has(subscriptions.get(home.id)?.facts);
    case "agreement":
      return has(agreements.get(home.id)?.facts);
    case "buyer":
      return has(buyers.get(home.id)?.waiting);
    case "seller":
      return store.hasFact(home, id);
    default:
      return home satisfies never;
  }
}
