import { agreementEnds, type Fact, type FactId, type FactOf } from "../lifecycle/fact.ts";
import { licenseIdOf } from "../lifecycle/license.ts";
import type { Subscription } from "../lifecycle/subscription.ts";
import type { Instant } from "../time/instant.ts";
import type { ObservedAgreement } from "./agreement-reader.ts";

/** What AWS shows and our state does not, with the fact that would say so. */
export interface Contradiction {
  /** The same disagreement has the same id, however often it is seen. */
  readonly id: string;
  readonly agreementId: string;
  readonly what: string;
  /** @param seenAt when it was seen first; the fact is dated by AWS's own change where AWS names it */
  fact(seenAt: Instant): Fact;
}

export interface Held {
  /** The subscription to which the license's facts belong; `undefined` when nothing ever named it. */
  readonly subscription: Subscription | undefined;
  /** The agreements that a License Updated has tied to the license. */
  readonly agreementIds: readonly string[];
}

/**
 * Where an agreement and the subscription under one of its licenses disagree; `undefined` when they do not, or when AWS's word
 * may not be taken: what has an end is never revived, and an agreement that the license has left ends nothing.
 * @param held what we hold of the license
 */
export function contradictionOf(
  productCode: string,
  agreement: ObservedAgreement,
  licenseArn: string,
  { subscription, agreementIds }: Held,
  now: Instant,
): Contradiction | undefined {
  const license = licenseIdOf(licenseArn);
  if (license === undefined) return undefined;
  const { agreementId, status } = agreement;
  const state = subscription?.grant.state ?? "unknown";
  const id = `reconciled:${license}:${agreementId}:${status ?? "unknown"}`;
  if (status === "ACTIVE") {
    const mayBegin = state === "unknown" || state === "pending" || state === "failed";
    // Told already, and another one counts: of two agreements of one buyer, or because it was told of a later one.
    const hasMoved = state === "active" && !agreementIds.includes(agreementId);
    if (!(mayBegin || hasMoved) || startsAfter(agreement, now)) return undefined;
    const what = hasMoved ? "goes on under this agreement" : "is active";
    return {
      ...{ id, agreementId },
      what: `${license} ${what}`,
      fact: (seenAt) => activation(id, productCode, agreement, licenseArn, seenAt),
    };
  }
  const ended = agreementEnds.find((end) => end === status);
  if (ended === undefined || ended === "RENEWED" || ended === "REPLACED") return undefined;
  const isOpen = state === "active" || state === "pending" || state === "unknown";
  if (!isOpen || subscription?.agreementId !== agreementId) return undefined;
  return {
    ...{ id, agreementId },
    what: `${license} ended (${ended})`,
    fact: (seenAt) => ending(id, agreement, ended, seenAt),
  };
}

const startsAfter = ({ startsAt }: ObservedAgreement, now: Instant): boolean =>
  startsAt !== undefined && startsAt > now;

const activation = (
  id: string,
  productCode: string,
  { agreementId, buyerAccountId, offerId, changedAt, startsAt }: ObservedAgreement,
  licenseArn: string,
  seenAt: Instant,
): FactOf<"license-updated"> => ({
  kind: "license-updated",
  id: id as FactId,
  // AWS's last change of an agreement made for later lies before its start.
  at: latest(changedAt ?? seenAt, startsAt),
  ...{ productCode, licenseArn, agreementId, buyerAccountId },
  ...(offerId !== undefined && { offerId }),
  reconciled: true,
});

const ending = (
  id: string,
  { agreementId, buyerAccountId, changedAt, endsAt }: ObservedAgreement,
  status: FactOf<"agreement-ended">["status"],
  seenAt: Instant,
): FactOf<"agreement-ended"> => ({
  kind: "agreement-ended",
  id: id as FactId,
  // What ran out ended when its term did, whenever AWS touched it before.
  at: latest(changedAt ?? seenAt, status === "EXPIRED" ? endsAt : undefined),
  ...{ agreementId, buyerAccountId, status },
  reconciled: true,
});

const latest = (a: Instant, b: Instant | undefined): Instant => (b !== undefined && b > a ? b : a);
