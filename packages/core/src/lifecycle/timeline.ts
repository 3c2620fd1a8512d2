import type { Configuration, Product } from "../configuration/configuration.ts";
import { type Component, emptyComponent, gather, subscriptionRecordKey } from "./component.ts";
import { byTime, type Fact, type FactId } from "./fact.ts";
import { foldSubscription } from "./fold.ts";
import { movesIn } from "./generation.ts";
import type { LifecycleStore, RecordKey, SubscriptionLinks } from "./store.ts";
import { premisesOf, tell } from "./story.ts";
import { sameState, type Subscription, type SubscriptionId } from "./subscription.ts";

/** Why a fact left a subscription as it was. */
export const noChangeReasons = {
  "other-generation": "told by the generation that does not decide",
  "other-agreement": "the license belongs to another agreement",
  "agreement-over": "its agreement has ended, and activates nothing any more",
  "license-gone": "the license was taken away before, and never comes back",
  "other-license": "another license counts for this subscription",
  "read-back": "read back from AWS after the end, which it does not undo",
  "moment-past": "that moment means nothing any more: it had ended by then, or gone on",
  "in-force": "a further offer that fails ends nothing that is, or was, in force",
  "only-informs": "it only informs",
  "nothing-new": "it said nothing new",
} as const;
export type NoChangeReason = keyof typeof noChangeReasons;

/** One fact of a subscription's timeline. */
export interface TimelineStep {
  readonly fact: Fact;
  readonly filedUnder: RecordKey;
  /** The state that the facts up to this one mean, and those before it. */
  readonly before: Subscription;
  readonly after: Subscription;
  /** Whether its generation decides; else it says who and what, and moves nothing. */
  readonly decides: boolean;
  /** Absent when it changed something. */
  readonly unchanged?: NoChangeReason;
}

export interface Timeline {
  readonly kind: "told";
  readonly state: Subscription;
  /** Whether it is a subscription of its own, of which the seller's services are told. */
  readonly announced: boolean;
  readonly links: SubscriptionLinks;
  readonly steps: readonly TimelineStep[];
}

export type TimelineOutcome =
  | Timeline
  /** Its facts belong to this one. */
  | { readonly kind: "owned"; readonly ownerId: SubscriptionId }
  /** Facts there may be, but none says what it is, or its product is no longer configured. */
  | { readonly kind: "unknown"; readonly productCode?: string };

/**
 * Every fact that counts for a subscription, in the order in which the fold takes them, each with the state before and after.
 * @throws ComponentTooLargeError
 */
export async function readTimeline(
  store: LifecycleStore,
  configuration: Configuration,
  id: SubscriptionId,
): Promise<TimelineOutcome> {
  const component = await gather(store, emptyComponent(), [subscriptionRecordKey(id)]);
  const record = component.subscriptions.get(id);
  if (record?.links.ownerId !== undefined) return { kind: "owned", ownerId: record.links.ownerId };
  const told = tell(component, configuration, id);
  const premises = premisesOf(component, configuration, id);
  if (record === undefined || told === undefined || premises === undefined) {
    const productCode = record?.subscription?.productCode;
    return productCode === undefined ? { kind: "unknown" } : { kind: "unknown", productCode };
  }
  const { product, start, facts } = premises;
  const { state, announced } = told;
  return {
    kind: "told",
    state,
    announced,
    links: record.links,
    steps: stepsOf(component, product, start, facts),
  };
}

function stepsOf(
  component: Component,
  product: Product,
  start: Subscription,
  facts: readonly Fact[],
): readonly TimelineStep[] {
  const homes = homesIn(component);
  const sorted = [...new Map(facts.map((fact) => [fact.id, fact])).values()].sort(byTime);
  const decides = movesIn(product, sorted);
  let before = foldSubscription(start, product, []);
  return sorted.map((fact, index) => {
    const earlier = sorted.slice(0, index);
    const told = {
      fact,
      filedUnder: homes.get(fact.id) ?? subscriptionRecordKey(start.id),
      before,
      decides: decides(fact),
    };
    const after = foldSubscription(start, product, [...earlier, fact]);
    before = after;
    if (!sameState(told.before, after)) return { ...told, after };
    return { ...told, after, unchanged: whyNothing(start, product, earlier, told, after) };
  });
}

function homesIn({ subscriptions, agreements, buyers }: Component): ReadonlyMap<FactId, RecordKey> {
  const filed = (key: RecordKey, facts: readonly Fact[]) => facts.map(({ id }) => [id, key] as const);
  return new Map([
    ...[...subscriptions].flatMap(([id, { facts }]) => filed({ kind: "subscription", id }, facts)),
    ...[...agreements].flatMap(([id, { facts }]) => filed({ kind: "agreement", id }, facts)),
    ...[...buyers].flatMap(([id, { waiting }]) => filed({ kind: "buyer", id }, waiting)),
  ]);
}

/** No license or agreement of AWS is named so. */
const anotherLicense = "l-00000000000000000000000000000000";
const anotherAgreement = "another agreement";

/**
 * Asks the fold itself: what would the fact have changed, had it been about the agreement, the license or the generation that
 * counts? The first such question with another answer is the reason.
 */
function whyNothing(
  start: Subscription,
  product: Product,
  earlier: readonly Fact[],
  { fact, decides }: Pick<TimelineStep, "fact" | "decides">,
  state: Subscription,
): NoChangeReason {
  if (!decides) return "other-generation";
  const grantWith = (other: Fact): string =>
    JSON.stringify(foldSubscription(start, product, [...earlier, other]).grant);
  const wouldMove = (other: Fact): boolean => grantWith(other) !== JSON.stringify(state.grant);
  const wouldChange = (other: Fact): boolean =>
    !sameState(foldSubscription(start, product, [...earlier, other]), state);
  switch (fact.kind) {
    case "agreement-created":
    case "agreement-amended":
    case "agreement-ended":
      return state.agreementId !== undefined && wouldChange({ ...fact, agreementId: state.agreementId })
        ? "other-agreement"
        : "nothing-new";
    case "license-updated":
      if (wouldMove({ ...fact, licenseArn: anotherLicense })) return "license-gone";
      if (fact.reconciled && wouldMove({ ...fact, reconciled: undefined })) return "read-back";
      return wouldMove({ ...fact, agreementId: anotherAgreement }) ? "agreement-over" : "nothing-new";
    case "license-deprovisioned":
      return state.licenseArn !== undefined && wouldChange({ ...fact, licenseArn: state.licenseArn })
        ? "other-license"
        : "nothing-new";
    case "window-elapsed":
    case "start-reached":
      return "moment-past";
    case "subscribe-failed":
      return "in-force";
    case "notice":
    case "entitlement-updated":
      return "only-informs";
    case "subscribe-succeeded":
    case "unsubscribe-pending":
    case "unsubscribe-succeeded":
    case "customer-registered":
      return "nothing-new";
    default:
      return fact satisfies never;
  }
}
