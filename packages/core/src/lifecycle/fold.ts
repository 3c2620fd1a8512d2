import type { Product } from "../configuration/configuration.ts";
import type { Instant } from "../time/instant.ts";
import { customerIdOf } from "./customer.ts";
import { byTime, type Fact, type FactOf, type Registered } from "./fact.ts";
import { movesIn } from "./generation.ts";
import { agreementsIn, isTerminal, keepLive, type KnownAgreement, type Live } from "./live-licenses.ts";
import { type LicenseId, licenseIdOf } from "./license.ts";
import { finalDeadline, type Grant, type Subscription } from "./subscription.ts";

/**
 * The state that a set of facts means. Facts are sorted first, so neither the order nor the repetition of deliveries matters
 * (G1). Facts of every agreement that ever owned the license are passed in; only the end of the one that owns it counts.
 * Those of the generation that does not decide for the product at their time say who and what, but move nothing.
 */
export function foldSubscription(
  start: Subscription,
  product: Product,
  facts: readonly Fact[],
): Subscription {
  const once = new Map(facts.map((fact) => [fact.id, fact]));
  const sorted = [...once.values()].sort(byTime);
  const agreements = agreementsIn(sorted);
  const revoked = new Set<LicenseId>();
  const live: Live = new Map();
  const moves = movesIn(product, sorted);
  let state = start;
  for (const fact of sorted) {
    keepLive(live, fact, { agreements, revoked });
    const known = { agreements, revoked, live, moves: moves(fact) };
    // Passed again: a fact may tell of an end whose window is over by the time of the fact itself.
    state = passedBy(evolve(passedBy(state, fact.at), fact, known), fact.at);
    const license = fact.kind === "license-deprovisioned" ? licenseIdOf(fact.licenseArn) : undefined;
    if (license !== undefined) revoked.add(license);
  }
  return withTerm(withBestSpelling(state, sorted), agreements);
}

/** AWS spells one license's ARN in several ways; the full form wins, so that the choice does not depend on who came first. */
function withBestSpelling(state: Subscription, facts: readonly Fact[]): Subscription {
  const known = state.identity.by === "license" ? state.identity.licenseArn : state.licenseArn;
  const license = known === undefined ? undefined : licenseIdOf(known);
  if (known === undefined || license === undefined) return state;
  const arns = facts.flatMap((fact) =>
    "licenseArn" in fact && fact.licenseArn !== undefined && licenseIdOf(fact.licenseArn) === license
      ? [fact.licenseArn]
      : [],
  );
  const [best = known] = arns.sort(
    (a, b) => Number(b.startsWith("arn:")) - Number(a.startsWith("arn:")) || (a < b ? -1 : 1),
  );
  return state.identity.by === "license"
    ? { ...state, identity: { by: "license", licenseArn: best } }
    : { ...state, licenseArn: best };
}

function withTerm(state: Subscription, agreements: ReadonlyMap<string, KnownAgreement>): Subscription {
  const { agreementId } = state;
  const term = agreementId === undefined ? undefined : agreements.get(agreementId)?.term;
  return term === undefined ? state : { ...state, term };
}

interface Known {
  readonly live: Live;
  readonly agreements: ReadonlyMap<string, KnownAgreement>;
  /** Licenses that were deprovisioned before, which is final for a license. */
  readonly revoked: ReadonlySet<LicenseId>;
  /** Whether the fact may move the grant, or is evidence only. */
  readonly moves: boolean;
}

function evolve(state: Subscription, fact: Fact, known: Known): Subscription {
  if (fact.kind === "customer-registered") return registered(state, fact);
  if (fact.kind === "license-updated") return provisioned(state, fact, known);
  return known.moves ? moved(state, fact, known.live) : state;
}

const registered = (state: Subscription, fact: Registered): Subscription => ({
  ...state,
  registration: "registered",
  customerId: customerIdOf(fact),
  buyerAccountId: fact.buyerAccountId ?? state.buyerAccountId,
  ...(state.identity.by === "customer" &&
    fact.licenseArn !== undefined && { registeredLicenseArn: fact.licenseArn }),
});

function moved(
  state: Subscription,
  fact: Exclude<Fact, Registered | FactOf<"license-updated">>,
  live: Live,
): Subscription {
  const { grant } = state;
  switch (fact.kind) {
    case "agreement-created":
      return grant.state === "unknown" ? { ...state, grant: { state: "pending" } } : state;
    case "notice":
    case "agreement-amended":
    case "entitlement-updated":
      return state;
    case "subscribe-succeeded":
      return {
        ...state,
        freeTrial: fact.freeTrial,
        offerId: fact.offerId ?? state.offerId,
        ...activated(state, fact.at),
      };
    case "subscribe-failed":
      return hasBegun(grant) ? state : { ...state, grant: { state: "failed", at: fact.at } };
    case "unsubscribe-pending":
      return { ...state, grant: cancelling(grant, fact.at) };
    case "unsubscribe-succeeded":
      return { ...state, grant: ended(grant, fact.at) };
    case "window-elapsed":
      if (grant.state !== "cancelling" || grant.deadlineAt !== fact.at) return state;
      return { ...state, grant: ended(grant, fact.at) };
    case "start-reached":
      if (grant.state !== "pending" || grant.startsAt !== fact.at) return state;
      return { ...state, ...activated(state, fact.at) };
    case "agreement-ended":
      if (!isTerminal(fact.status) || fact.agreementId !== state.agreementId) return state;
      return cut(state, fact.at, live);
    case "license-deprovisioned":
      if (!isOwnLicense(state, fact.licenseArn)) return state;
      return cut({ ...state, buyerAccountId: fact.buyerAccountId }, fact.at, live);
    default:
      return fact satisfies never;
  }
}

/**
 * A License Updated says whose the license is; when it may move the grant, it activates. Not a license that is gone, not
 * before the agreement's start, not after its end, and when it was read back from AWS, not what has an end already.
 */
function provisioned(
  state: Subscription,
  fact: FactOf<"license-updated">,
  { agreements, revoked, live, moves: mayMove }: Known,
): Subscription {
  const license = licenseIdOf(fact.licenseArn);
  if (license !== undefined && revoked.has(license)) return state;
  const { endedAt, term } = agreements.get(fact.agreementId) ?? {};
  const owned: Subscription = {
    ...state,
    agreementId: fact.agreementId,
    buyerAccountId: fact.buyerAccountId,
    offerId: fact.offerId ?? state.offerId,
    ...(state.identity.by === "customer" && { licenseArn: fact.licenseArn }),
  };
  if (!mayMove) return owned;
  const { grant } = state;
  if (endedAt !== undefined && endedAt <= fact.at) return cut(owned, endedAt, live);
  if (fact.reconciled && (grant.state === "cancelling" || grant.state === "ended")) return owned;
  const startsAt = term?.startsAt;
  if (startsAt !== undefined && startsAt > fact.at && !hasBegun(grant))
    return { ...owned, grant: { state: "pending", startsAt } };
  return { ...owned, ...activated(state, fact.at) };
}

/** The license has an end. A subscription that stands for another one as well goes on under that. */
function cut(state: Subscription, at: Instant, live: Live): Subscription {
  const [other] = state.identity.by === "customer" ? [...live].sort(([a], [b]) => (a < b ? -1 : 1)) : [];
  if (other !== undefined) return { ...state, ...other[1] };
  return { ...state, grant: cancelling(state.grant, at) };
}

/** A subscription in migration may have moved on to another license, whose fate alone counts. */
function isOwnLicense(state: Subscription, licenseArn: string): boolean {
  if (state.identity.by === "license" || state.licenseArn === undefined) return true;
  return licenseIdOf(state.licenseArn) === licenseIdOf(licenseArn);
}

/** A payment that fails for a further offer ends nothing that is, or was, in force. */
const hasBegun = (grant: Grant): boolean =>
  grant.state === "active" || grant.state === "cancelling" || grant.state === "ended";

/**
 * The state when an instant has come: a start that was reached and a window that is over have passed, whether or not we noted
 * them in time. Else the state would depend on which facts of our own were made.
 */
function passedBy(state: Subscription, at: Instant): Subscription {
  const { grant } = state;
  if (grant.state === "pending" && grant.startsAt !== undefined && grant.startsAt <= at)
    return { ...state, ...activated(state, grant.startsAt) };
  if (grant.state === "cancelling" && grant.deadlineAt < at) return { ...state, grant: ended(grant, at) };
  return state;
}

/** A grant that was cut off but not over goes on as if it had never been cut; one that was over is kept as an earlier one. */
function activated(
  { grant, earlierGrants }: Subscription,
  at: Instant,
): Pick<Subscription, "grant" | "earlierGrants"> {
  switch (grant.state) {
    case "active":
      return { grant, earlierGrants };
    case "cancelling":
      return { grant: { state: "active", since: grant.since ?? at }, earlierGrants };
    case "ended": {
      const over = grant.since === undefined ? [] : [{ since: grant.since, cutAt: grant.cutAt }];
      return { grant: { state: "active", since: at }, earlierGrants: [...earlierGrants, ...over] };
    }
    case "pending":
    case "unknown":
    case "failed":
      return { grant: { state: "active", since: at }, earlierGrants };
    default:
      return grant satisfies never;
  }
}

/** The earliest sign of an end is the cut; later ones do not move it. */
function cancelling(grant: Grant, at: Instant): Grant {
  if (grant.state === "cancelling" || grant.state === "ended") return grant;
  return { state: "cancelling", since: sinceOf(grant), cutAt: at, deadlineAt: finalDeadline(at) };
}

function ended(grant: Grant, at: Instant): Grant {
  if (grant.state === "ended") return grant;
  return { state: "ended", since: sinceOf(grant), cutAt: grant.state === "cancelling" ? grant.cutAt : at };
}

const sinceOf = (grant: Grant): Instant | undefined => ("since" in grant ? grant.since : undefined);
