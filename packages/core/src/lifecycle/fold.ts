import type { Instant } from "../time/instant.ts";
import { customerIdOf } from "./customer.ts";
import { byTime, type Fact } from "./fact.ts";
import { finalDeadline, type Grant, type Subscription, type SubscriptionIdentity } from "./subscription.ts";

/**
 * The state that a set of facts means. Facts are sorted first, so neither the order nor the repetition of deliveries matters
 * (G1). Facts of every agreement that ever owned the license are passed in; only the end of the one that owns it counts.
 */
export function foldSubscription(start: Subscription, facts: readonly Fact[]): Subscription {
  const once = new Map(facts.map((fact) => [fact.id, fact]));
  const sorted = [...once.values()].sort(byTime);
  const endedAgreements = new Map(
    // The first end of an agreement is its end; the map keeps the last entry of a key.
    sorted
      .toReversed()
      .flatMap((fact) =>
        fact.kind === "agreement-ended" && isTerminal(fact.status) ? [[fact.agreementId, fact.at]] : [],
      ),
  );
  let revoked = false;
  let state = start;
  for (const fact of sorted) {
    state = evolve(state, fact, { endedAgreements, revoked });
    if (fact.kind === "license-deprovisioned") revoked = true;
  }
  return { ...state, identity: identityOf(state.identity, sorted) };
}

/** AWS spells one license's ARN in several ways; the full form wins, so that the choice does not depend on who came first. */
function identityOf(start: SubscriptionIdentity, facts: readonly Fact[]): SubscriptionIdentity {
  if (start.by === "customer") return start;
  const arns = facts.flatMap((fact) =>
    "licenseArn" in fact && fact.licenseArn !== undefined ? [fact.licenseArn] : [],
  );
  const [best] = arns.sort(
    (a, b) => Number(b.startsWith("arn:")) - Number(a.startsWith("arn:")) || (a < b ? -1 : 1),
  );
  return { by: "license", licenseArn: best ?? start.licenseArn };
}

interface Known {
  /** Agreements that ended for good, and when; such an agreement activates nothing any more. */
  readonly endedAgreements: ReadonlyMap<string, Instant>;
  /** The license was deprovisioned, which is final for a license. */
  readonly revoked: boolean;
}

function evolve(state: Subscription, fact: Fact, known: Known): Subscription {
  switch (fact.kind) {
    case "agreement-created":
      return state.grant.state === "unknown" ? { ...state, grant: { state: "pending" } } : state;
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
      return hasBegun(state.grant) ? state : { ...state, grant: { state: "failed", at: fact.at } };
    case "unsubscribe-pending":
      return { ...state, grant: cancelling(state.grant, fact.at) };
    case "unsubscribe-succeeded":
      return { ...state, grant: ended(state.grant, fact.at) };
    case "window-elapsed":
      if (state.grant.state !== "cancelling" || state.grant.deadlineAt !== fact.at) return state;
      return { ...state, grant: ended(state.grant, fact.at) };
    case "agreement-ended":
      if (!isTerminal(fact.status) || fact.agreementId !== state.agreementId) return state;
      return { ...state, grant: cancelling(state.grant, fact.at) };
    case "license-updated": {
      if (known.revoked) return state;
      const owned = {
        ...state,
        agreementId: fact.agreementId,
        buyerAccountId: fact.buyerAccountId,
        offerId: fact.offerId ?? state.offerId,
      };
      const endedAt = known.endedAgreements.get(fact.agreementId);
      const provisioned = { ...owned, ...activated(state, fact.at) };
      return endedAt === undefined || endedAt > fact.at
        ? provisioned
        : { ...owned, grant: cancelling(state.grant, endedAt) };
    }
    case "license-deprovisioned":
      return { ...state, buyerAccountId: fact.buyerAccountId, grant: cancelling(state.grant, fact.at) };
    case "customer-registered":
      return {
        ...state,
        registration: "registered",
        customerId: customerIdOf(fact),
        buyerAccountId: fact.buyerAccountId ?? state.buyerAccountId,
      };
    default:
      return fact satisfies never;
  }
}

const isTerminal = (status: Extract<Fact, { kind: "agreement-ended" }>["status"]): boolean =>
  status === "CANCELLED" || status === "EXPIRED" || status === "TERMINATED";

/** A payment that fails for a further offer ends nothing that is, or was, in force. */
const hasBegun = (grant: Grant): boolean =>
  grant.state === "active" || grant.state === "cancelling" || grant.state === "ended";

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
    case "unknown":
    case "pending":
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
