import type { Configuration, Product } from "../configuration/configuration.ts";
import { findProduct } from "../configuration/product.ts";
import type { RelayWaker } from "../outbox/outbox.ts";
import type { Clock } from "../time/clock.ts";
import { type Customer, customerIdOf } from "./customer.ts";
import { decideSubscription } from "./decide.ts";
import type { Fact } from "./fact.ts";
import type { AgreementRecord, LifecycleChange, LifecycleStore } from "./store.ts";
import { type SubscriptionId, subscriptionKey } from "./subscription.ts";

export interface RecordPorts {
  readonly store: LifecycleStore;
  readonly waker: RelayWaker;
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
 */
export async function recordFact(
  ports: RecordPorts,
  configuration: Configuration,
  fact: Fact,
): Promise<RecordOutcome> {
  const prepared = prepare(configuration, fact);
  if ("reason" in prepared) return prepared;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const change = await prepared.change(ports);
    if (change === "known") return { kind: "known" };
    if ((await ports.store.commit(change)) === "stored") {
      if (change.outbox.length > 0) await ports.waker.wake();
      return { kind: "stored", subscriptionIds: change.subscriptions.map(({ id }) => id) };
    }
  }
  throw new ContentionError(fact.id);
}

type Prepared = { change(ports: RecordPorts): Promise<LifecycleChange | "known"> };

/** Where the fact belongs, or why it belongs nowhere. */
function prepare(
  configuration: Configuration,
  fact: Fact,
): Prepared | Extract<RecordOutcome, { kind: "refused" }> {
  if (!("productCode" in fact)) return { change: (ports) => agreementChange(ports, configuration, fact) };
  const product = findProduct(configuration, fact.productCode);
  if (product === undefined) {
    return refused(
      `product code ${fact.productCode} is not in tollhouse.config.ts: add the product, then replay this message`,
    );
  }
  const key = subscriptionKey(product, fact);
  if (key === undefined) {
    const [needed, generation] =
      product.generation === "sns" ? ["a customer identifier", "sns"] : ["a license", "eventbridge"];
    return refused(
      `it names no ${needed.slice(2)}, but ${product.code} is configured as "${generation}" and is keyed by ${needed}`,
    );
  }
  return { change: (ports) => subscriptionChange(ports, product, key, fact) };
}

const refused = (reason: string) => ({ kind: "refused", reason }) as const;

type FactOfAgreement = Exclude<Fact, { productCode: string }>;
type FactOfSubscription = Extract<Fact, { productCode: string }>;

async function subscriptionChange(
  { store, clock }: RecordPorts,
  product: Product,
  key: NonNullable<ReturnType<typeof subscriptionKey>>,
  fact: FactOfSubscription,
): Promise<LifecycleChange | "known"> {
  const record = await store.loadSubscription(key.id);
  if (record.facts.some(({ id }) => id === fact.id)) return "known";
  const naming = "agreementId" in fact ? fact.agreementId : undefined;
  const agreementIds = [...new Set([...record.agreementIds, ...(naming === undefined ? [] : [naming])])];
  const agreements = new Map(
    await Promise.all(agreementIds.map(async (id) => [id, await store.loadAgreement(id)] as const)),
  );
  const agreementFacts = [...agreements.values()].flatMap(({ facts }) => facts);
  const now = await clock.now();
  const { change, outbox } = decideSubscription({ key, product, record, agreementFacts }, fact, now);
  const named = naming === undefined ? undefined : agreements.get(naming);
  return {
    fact,
    stream: { kind: "subscription", id: key.id },
    subscriptions: [change],
    outbox,
    ...(naming === undefined || named === undefined ? {} : { agreement: link(naming, named, key.id) }),
    ...(fact.kind === "customer-registered" ? { customer: customerOf(fact) } : {}),
  };
}

/** The agreement's version rises also when the license was known: an event of it that is stored meanwhile must notice. */
const link = (
  id: string,
  agreement: AgreementRecord,
  subscriptionId: SubscriptionId,
): NonNullable<LifecycleChange["agreement"]> => ({
  id,
  expectedVersion: agreement.version,
  subscriptionIds: [...new Set([...agreement.subscriptionIds, subscriptionId])],
});

/** An agreement's event belongs to every license the agreement is known to own, now and later. */
async function agreementChange(
  { store, clock }: RecordPorts,
  configuration: Configuration,
  fact: FactOfAgreement,
): Promise<LifecycleChange | "known"> {
  const agreement = await store.loadAgreement(fact.agreementId);
  if (agreement.facts.some(({ id }) => id === fact.id)) return "known";
  const now = await clock.now();
  const decisions = await Promise.all(
    agreement.subscriptionIds.map(async (id) => {
      const record = await store.loadSubscription(id);
      const product = record.subscription && findProduct(configuration, record.subscription.productCode);
      if (record.subscription === undefined || product === undefined) return undefined;
      const others = await Promise.all(
        record.agreementIds.map((agreementId) => store.loadAgreement(agreementId)),
      );
      const agreementFacts = others.flatMap(({ facts }) => facts);
      const key = { id, identity: record.subscription.identity };
      return decideSubscription({ key, product, record, agreementFacts }, fact, now);
    }),
  );
  const known = decisions.filter((decision) => decision !== undefined);
  return {
    fact,
    stream: { kind: "agreement", id: fact.agreementId },
    subscriptions: known.map(({ change }) => change),
    agreement: {
      id: fact.agreementId,
      expectedVersion: agreement.version,
      subscriptionIds: agreement.subscriptionIds,
    },
    outbox: known.flatMap(({ outbox }) => outbox),
  };
}

/** Re-registering keeps the customer; the store keeps the earliest registration time. */
function customerOf(fact: Extract<Fact, { kind: "customer-registered" }>): Customer {
  const { buyerAccountId, customerIdentifier, at } = fact;
  return { id: customerIdOf(fact), buyerAccountId, customerIdentifier, registeredAt: at };
}
