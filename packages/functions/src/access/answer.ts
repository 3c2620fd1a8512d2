import {
  type AccessAnswer,
  type Bought,
  type ProductAccess,
  refusals,
  type SubscriptionAccess,
  type Verdict,
} from "@tollhouse/core/access/access";
import type { Grant } from "@tollhouse/core/lifecycle/subscription";
import { formatInstant, type Instant, secondMs } from "@tollhouse/core/time/instant";

/** How long a yes may be kept; a no is soon a yes, when a buyer has just come. */
const yesSeconds = 60;
const noSeconds = 5;

/** For how many seconds the answer may be kept: never beyond an instant at which it may be over. */
export function freshSeconds({ allowed, asOf, products }: AccessAnswer): number {
  const ends = products.flatMap(({ holdsUntil }) => holdsUntil ?? []);
  const left = Math.floor((Math.min(...ends) - asOf) / secondMs);
  return Math.min(allowed ? yesSeconds : noSeconds, left);
}

/** The answer as JSON: instants as text, reasons with a sentence. docs/access.md has every field. */
export const showAnswer = (answer: AccessAnswer) => ({
  subject: answer.subject,
  ...showVerdict(answer),
  asOf: formatInstant(answer.asOf),
  products: answer.products.map(showProduct),
});

const showVerdict = (verdict: Verdict) =>
  verdict.allowed
    ? { allowed: true }
    : { allowed: false, reason: verdict.reason, explanation: refusals[verdict.reason] };

const showProduct = (access: ProductAccess) => ({
  productCode: access.productCode,
  title: access.title,
  ...showVerdict(access),
  ...showUsable(access),
  subscriptions: access.subscriptions.map(showSubscription),
});

const showSubscription = (access: SubscriptionAccess) => ({
  subscriptionId: access.subscriptionId,
  customerId: access.customerId,
  ...showVerdict(access),
  ...showUsable(access),
  registered: access.registered,
  freeTrial: access.freeTrial,
  grant: showGrant(access.grant),
  version: access.version,
  entitlements: access.entitlements.map(showBought),
  entitlementsReadAt: shown(access.entitlementsReadAt),
  entitlementsDoubtedSince: shown(access.entitlementsDoubtedSince),
});

const showUsable = ({ plans, features, metered, holdsUntil }: ProductAccess | SubscriptionAccess) => ({
  plans,
  features,
  metered,
  holdsUntil: shown(holdsUntil),
});

const showBought = ({ dimension, title, value, expiresAt, expired }: Bought) => ({
  dimension,
  title,
  value,
  expiresAt: shown(expiresAt),
  expired,
});

const showGrant = (grant: Grant) => ({
  state: grant.state,
  since: "since" in grant ? shown(grant.since) : undefined,
  startsAt: "startsAt" in grant ? shown(grant.startsAt) : undefined,
  cutAt: "cutAt" in grant ? shown(grant.cutAt) : undefined,
});

const shown = (at: Instant | undefined): string | undefined =>
  at === undefined ? undefined : formatInstant(at);
