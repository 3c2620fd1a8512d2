import type { Grant, Term } from "../lifecycle/subscription.ts";
import { dayMs, type Instant, laterBy } from "../time/instant.ts";
import type { Entitlement, EntitlementSnapshot, IncludedTerm } from "./entitlement.ts";

/** Usage is counted for 35 days at most, so what contracts included long ago is not asked for any more. */
const keptTerms = 24;

/** A quantity that runs until later than before is a renewal when it is read so near its end, and a change of the term otherwise. */
const renewalMs = dayMs;

/**
 * The terms of a contract, with one more answer of GetEntitlements. Within a term the largest quantity that was read counts:
 * answers lag behind changes, and what a buyer has bought must not be billed. An answer with nothing says nothing of a term.
 */
export function noteTerm(
  before: EntitlementSnapshot | undefined,
  { readAt, entitlements }: { readonly readAt: Instant; readonly entitlements: readonly Entitlement[] },
  grant: Grant,
  term: Term | undefined,
): readonly IncludedTerm[] {
  const terms = before?.terms ?? [];
  if (entitlements.length === 0) return terms;
  const quantities = Object.fromEntries(
    entitlements.flatMap(({ dimension, value }) => (typeof value === "number" ? [[dimension, value]] : [])),
  );
  const last = terms.at(-1);
  const since =
    startOfTerm(before, { readAt, entitlements }, term) ?? last?.since ?? sinceOf(grant) ?? readAt;
  if (last === undefined || since > last.since) return [...terms, { since, quantities }].slice(-keptTerms);
  const names = new Set([...Object.keys(last.quantities), ...Object.keys(quantities)]);
  const largest = [...names].map((name) => [
    name,
    Math.max(last.quantities[name] ?? 0, quantities[name] ?? 0),
  ]);
  return [
    ...terms.slice(0, -1),
    { ...last, quantities: Object.fromEntries(largest) as Record<string, number> },
  ];
}

const sinceOf = (grant: Grant): Instant | undefined => ("since" in grant ? grant.since : undefined);

/**
 * When the term begins that an answer is about: with its agreement or, where agreements are not told (old listings, SNS), at the
 * date until which the quantity was valid before. `undefined` when nothing says that a new one has begun.
 */
function startOfTerm(
  before: EntitlementSnapshot | undefined,
  { readAt, entitlements }: { readonly readAt: Instant; readonly entitlements: readonly Entitlement[] },
  term: Term | undefined,
): Instant | undefined {
  if (term?.startsAt !== undefined) return term.startsAt <= readAt ? term.startsAt : undefined;
  const [was, is] = [latestExpiry(before?.entitlements ?? []), latestExpiry(entitlements)];
  const isRenewal = was !== undefined && is !== undefined && is > was && laterBy(readAt, renewalMs) >= was;
  return isRenewal ? was : undefined;
}

const latestExpiry = (entitlements: readonly Entitlement[]): Instant | undefined =>
  entitlements
    .flatMap(({ expiresAt }) => expiresAt ?? [])
    .sort((a, b) => b - a)
    .at(0);
