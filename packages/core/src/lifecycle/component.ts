import type { BuyerId } from "./buyer.ts";
import type { FactOf } from "./fact.ts";
import type { AgreementRecord, BuyerRecord, LifecycleStore, RecordKey, SubscriptionRecord } from "./store.ts";
import type { SubscriptionId } from "./subscription.ts";

/** Records that depend on one another: what is decided about one must have seen all of them. */
export interface Component {
  readonly subscriptions: Map<SubscriptionId, SubscriptionRecord>;
  readonly agreements: Map<string, AgreementRecord>;
  readonly buyers: Map<BuyerId, BuyerRecord>;
}

/** A transaction of DynamoDB has at most 100 items, and each record is one, changed or checked. */
const maxRecords = 80;

/** One buyer's agreements and licenses are tied together in greater number than one transaction can hold. */
class ComponentTooLargeError extends Error {
  readonly code = "lifecycle-component-too-large";
  readonly retryable = false;
  constructor(key: RecordKey) {
    super(
      `${key.kind} ${key.id} hangs together with more than ${maxRecords} agreements and licenses, which is more than can be ` +
        `changed at once. Its message goes to the dead-letter queue; please report it.`,
    );
    this.name = "ComponentTooLargeError";
  }
}

export const emptyComponent = (): Component => ({
  subscriptions: new Map(),
  agreements: new Map(),
  buyers: new Map(),
});

/**
 * Loads the records and everything that they are linked to, round by round. A buyer is loaded beside its licenses, but does
 * not tie them together.
 * @throws ComponentTooLargeError
 */
export async function gather(
  store: LifecycleStore,
  into: Component,
  start: readonly RecordKey[],
): Promise<Component> {
  let next = start;
  while (next.length > 0) {
    const found = await Promise.all(unknownOf(into, next).map((key) => load(store, into, key)));
    if (into.subscriptions.size + into.agreements.size + into.buyers.size > maxRecords)
      throw new ComponentTooLargeError(start[0] ?? { kind: "seller", id: "" });
    next = found.flat();
  }
  return into;
}

/** Those that are not loaded, each once. */
function unknownOf(component: Component, keys: readonly RecordKey[]): readonly RecordKey[] {
  const once = new Map(keys.map((key) => [`${key.kind} ${key.id}`, key]));
  return [...once.values()].filter((key) => versionOf(component, key) === undefined);
}

/** The version that was loaded; `undefined` when the record was not, or is of a kind that has none. */
function versionOf(component: Component, key: RecordKey): number | undefined {
  switch (key.kind) {
    case "subscription":
      return component.subscriptions.get(key.id)?.version;
    case "agreement":
      return component.agreements.get(key.id)?.version;
    case "buyer":
      return component.buyers.get(key.id)?.version;
    case "seller":
      return 0;
    default:
      return key satisfies never;
  }
}

/** Loads one record and gives those it is linked to. */
async function load(
  store: LifecycleStore,
  { subscriptions, agreements, buyers }: Component,
  key: RecordKey,
): Promise<readonly RecordKey[]> {
  switch (key.kind) {
    case "subscription": {
      const record = await store.loadSubscription(key.id);
      subscriptions.set(key.id, record);
      return linkedToSubscription(record);
    }
    case "agreement": {
      const record = await store.loadAgreement(key.id);
      agreements.set(key.id, record);
      return linkedToAgreement(record);
    }
    case "buyer":
      buyers.set(key.id, await store.loadBuyer(key.id));
      return [];
    case "seller":
      return [];
    default:
      return key satisfies never;
  }
}

const linkedToSubscription = ({ links }: SubscriptionRecord): readonly RecordKey[] => [
  ...links.agreementIds.map(agreementKey),
  ...links.licenseIds.map(subscriptionRecordKey),
  ...(links.ownerId === undefined ? [] : [subscriptionRecordKey(links.ownerId)]),
  ...(links.buyerId === undefined ? [] : [{ kind: "buyer", id: links.buyerId } as const]),
];

const linkedToAgreement = (record: AgreementRecord): readonly RecordKey[] => [
  ...record.links.subscriptionIds.map(subscriptionRecordKey),
  ...record.links.successorIds.map(agreementKey),
  ...predecessorsOf(record).map(agreementKey),
];

/** The agreements that this one renews or replaces. */
export const predecessorsOf = ({ facts }: Pick<AgreementRecord, "facts">): readonly string[] =>
  facts
    .filter((fact): fact is FactOf<"agreement-created"> => fact.kind === "agreement-created")
    .flatMap(({ previousAgreementId }) => previousAgreementId ?? []);

export const agreementKey = (id: string): RecordKey => ({ kind: "agreement", id });
export const subscriptionRecordKey = (id: SubscriptionId): RecordKey => ({ kind: "subscription", id });
