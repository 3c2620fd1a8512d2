import type { Subscription } from "../lifecycle/subscription.ts";
import { dayMs, type Instant, laterBy } from "../time/instant.ts";
import type { Entitlement, EntitlementSnapshot, IncludedTerm } from "./entitlement.ts";

/** Usage is counted for 35 days at most, so what contracts included long ago is not asked for any more. */
const keptTerms = 24;

/** A quantity that runs until later than before is a renewal when it is read so near its end, and a change of the term otherwise. */
const renewalMs = dayMs;

/** What is known of a subscription's grants and agreement when an answer is read. */
export type Tenure = Pick<Subscription, "grant" | "earlierGrants" | "term">;

/** A buyer who comes back after an end begins anew, whatever else is known of agreements. */
export function startOfTenure({ grant, earlierGrants, term }: Tenure): Instant | undefined {
  const since = "since" in grant ? grant.since : undefined;
  const isBack = since !== undefined && earlierGrants.length > 0;
  if (!isBack) return term?.startsAt;
  return term?.startsAt === undefined || term.startsAt < since ? since : term.startsAt;
}

/**
 * The terms of a contract, with one more answer of GetEntitlements. Within a term the largest quantity that was read counts:
 * answers lag behind changes, and what a buyer has bought must not be billed. An answer with nothing says nothing of a term, nor
 * does a quantity that was valid only until the term began: it is still the one of the term before.
 */
export function noteTerm(
  before: EntitlementSnapshot | undefined,
  { readAt, entitlements }: Answer,
  tenure: Tenure,
): readonly IncludedTerm[] {
  const terms = before?.terms ?? [];
  const last = terms.at(-1);
  const { grant } = tenure;
  const first = "since" in grant ? grant.since : undefined;
  const since = startOfTerm(before, { readAt, entitlements }, tenure) ?? last?.since ?? first ?? readAt;
  const isNew = last === undefined || since > last.since;
  const begins = isNew ? since : last.since;
  const current = entitlements.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > begins);
  if (current.length === 0) return terms;
  const quantities: Record<string, number> = isNew ? {} : { ...last.quantities };
  for (const { dimension, value } of current)
    if (typeof value === "number") quantities[dimension] = Math.max(quantities[dimension] ?? 0, value);
  return [...(isNew ? terms : terms.slice(0, -1)), { since: begins, quantities }].slice(-keptTerms);
}

interface Answer {
  readonly readAt: Instant;
  readonly entitlements: readonly Entitlement[];
}

/**
 * When the term begins that an answer is about: with its agreement or, where agreements are not told (old listings, SNS), at the
 * date until which the quantity was valid before. `undefined` when nothing says that a new one has begun.
 */
function startOfTerm(
  before: EntitlementSnapshot | undefined,
  { readAt, entitlements }: Answer,
  tenure: Tenure,
): Instant | undefined {
  const startsAt = startOfTenure(tenure);
  if (startsAt !== undefined && startsAt <= readAt) return startsAt;
  if (tenure.term?.startsAt !== undefined) return undefined;
  const [was, is] = [latestExpiry(before?.entitlements ?? []), latestExpiry(entitlements)];
  const isRenewal = was !== undefined && is !== undefined && is > was && laterBy(readAt, renewalMs) >= was;
  return isRenewal ? was : undefined;
}

const latestExpiry = (entitlements: readonly Entitlement[]): Instant | undefined =>
  entitlements
    .flatMap(({ expiresAt }) => expiresAt ?? [])
    .sort((a, b) => b - a)
    .at(0);
