import type { Instant } from "../time/instant.ts";
import type { Fact, FactOf } from "./fact.ts";
import { type LicenseId, licenseIdOf } from "./license.ts";
import { finalDeadline, type Term } from "./subscription.ts";

export interface KnownAgreement {
  readonly term?: Term;
  /** The first end for good; such an agreement activates nothing any more. */
  readonly endedAt?: Instant;
}

/** What the facts say of each agreement: its term as told last, and its first end. */
export function agreementsIn(sorted: readonly Fact[]): ReadonlyMap<string, KnownAgreement> {
  const known = new Map<string, KnownAgreement>();
  for (const fact of sorted) {
    const before =
      "agreementId" in fact && fact.agreementId !== undefined ? (known.get(fact.agreementId) ?? {}) : {};
    if (fact.kind === "agreement-created" || fact.kind === "agreement-amended")
      known.set(fact.agreementId, { ...before, term: { ...before.term, ...termOf(fact) } });
    else if (fact.kind === "agreement-ended" && isTerminal(fact.status))
      known.set(fact.agreementId, { ...before, endedAt: before.endedAt ?? fact.at });
  }
  return known;
}

const termOf = (fact: FactOf<"agreement-created"> | FactOf<"agreement-amended">): Term => ({
  ...(fact.kind === "agreement-created" && { intent: fact.intent }),
  ...(fact.startsAt !== undefined && { startsAt: fact.startsAt }),
  ...(fact.endsAt !== undefined && { endsAt: fact.endsAt }),
  ...(fact.autoRenews !== undefined && { autoRenews: fact.autoRenews }),
});

/** Licenses that were provisioned and have no end yet. A subscription in migration may stand for several at a time. */
export type Live = Map<LicenseId, { readonly licenseArn: string; readonly agreementId: string }>;

export function keepLive(
  live: Live,
  fact: Fact,
  {
    agreements,
    revoked,
  }: { readonly agreements: ReadonlyMap<string, KnownAgreement>; readonly revoked: ReadonlySet<LicenseId> },
): void {
  if (fact.kind === "license-updated" || fact.kind === "license-deprovisioned") {
    const { licenseArn, agreementId, at } = fact;
    const license = licenseIdOf(licenseArn);
    if (license === undefined) return;
    const endedAt = agreements.get(agreementId)?.endedAt;
    if (fact.kind === "license-deprovisioned") live.delete(license);
    else if (!revoked.has(license) && (endedAt === undefined || endedAt > at))
      live.set(license, { licenseArn, agreementId });
  }
  if (fact.kind !== "agreement-ended" || !isTerminal(fact.status)) return;
  for (const [license, { agreementId }] of live) if (agreementId === fact.agreementId) live.delete(license);
}

export const isTerminal = (status: FactOf<"agreement-ended">["status"]): boolean =>
  status === "CANCELLED" || status === "EXPIRED" || status === "TERMINATED";

/**
 * The instant from which a buyer holds two agreements at once, if ever; one that ends is held until SNS has told so, which it
 * does when the final window is over. SNS messages name neither license nor agreement (AWS blog on upgrading to Concurrent
 * Agreements, 2026), so from then on they cannot tell which of them they are about. A renewal is no second agreement.
 */
export function concurrentFrom(facts: readonly Fact[]): Instant | undefined {
  const held = [...heldIn(facts).values()].sort((a, b) => a.from - b.from);
  let last: Instant | undefined;
  for (const { from, until } of held) {
    if (last !== undefined && from <= last) return from;
    last = until;
  }
  return undefined;
}

interface Held {
  readonly from: Instant;
  readonly until: Instant;
}

const forEver = Number.MAX_SAFE_INTEGER as Instant;

function heldIn(facts: readonly Fact[]): ReadonlyMap<string, Held> {
  const successors = new Set(
    facts.flatMap((fact) =>
      fact.kind === "agreement-created" && fact.intent !== "NEW" ? [fact.agreementId] : [],
    ),
  );
  const held = new Map<string, Held>();
  const note = (agreementId: string, from: Instant, until: Instant) => {
    const known = held.get(agreementId) ?? { from: forEver, until: forEver };
    held.set(agreementId, {
      from: from < known.from ? from : known.from,
      until: until < known.until ? until : known.until,
    });
  };
  for (const fact of facts) {
    if (fact.kind === "agreement-created" || fact.kind === "license-updated") {
      if (!successors.has(fact.agreementId)) note(fact.agreementId, fact.at, forEver);
    } else if (fact.kind === "agreement-ended" || fact.kind === "license-deprovisioned")
      note(fact.agreementId, forEver, finalDeadline(fact.at));
  }
  return held;
}
