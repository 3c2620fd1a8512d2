import { agreementEnds, type Fact, type FactId, type FactOf } from "../lifecycle/fact.ts";
import { licenseIdOf } from "../lifecycle/license.ts";
import type { Subscription } from "../lifecycle/subscription.ts";
import type { Instant } from "../time/instant.ts";
import type { ObservedAgreement } from "./agreement-reader.ts";

/** What AWS shows and our state does not, with the fact that would say so. */
export interface Contradiction {
  /** The same disagreement has the same id, however often it is seen. */
  readonly id: string;
  readonly what: string;
  /** @param seenAt when it was seen first; the fact is dated by AWS's own change where AWS names it */
  fact(seenAt: Instant): Fact;
}

/**
 * Where an agreement and the subscription under one of its licenses disagree; `undefined` when they do not, or when AWS's word
 * may not be taken: what has an end is never revived, and an agreement that the license has left ends nothing.
 * @param subscription what we hold of the license; `undefined` when nothing ever named it
 */
export function contradictionOf(
  productCode: string,
  agreement: ObservedAgreement,
  licenseArn: string,
  subscription: Subscription | undefined,
  now: Instant,
): Contradiction | undefined {
  const license = licenseIdOf(licenseArn);
  if (license === undefined) return undefined;
  const { agreementId, status } = agreement;
  const state = subscription?.grant.state ?? "unknown";
  const id = `reconciled:${license}:${agreementId}:${status ?? "unknown"}`;
  if (status === "ACTIVE") {
    const mayBegin = state === "unknown" || state === "pending" || state === "failed";
    const hasMoved = state === "active" && subscription?.agreementId !== agreementId;
    if (!(mayBegin || hasMoved) || startsAfter(agreement, now)) return undefined;
    const what = hasMoved ? "goes on under this agreement" : "is active";
    return {
      id,
      what: `${license} ${what}`,
      fact: (seenAt) => activation(id, productCode, agreement, licenseArn, seenAt),
    };
  }
  const ended = agreementEnds.find((end) => end === status);
  if (ended === undefined || ended === "RENEWED" || ended === "REPLACED") return undefined;
  const isOpen = state === "active" || state === "pending" || state === "unknown";
  if (!isOpen || subscription?.agreementId !== agreementId) return undefined;
  return {
    id,
    what: `${license} ended (${ended})`,
    fact: (seenAt) => ending(id, agreement, ended, seenAt),
  };
}

const startsAfter = ({ startsAt }: ObservedAgreement, now: Instant): boolean =>
  startsAt !== undefined && startsAt > now;

const activation = (
  id: string,
  productCode: string,
  { agreementId, buyerAccountId, offerId, changedAt }: ObservedAgreement,
  licenseArn: string,
  seenAt: Instant,
): FactOf<"license-updated"> => ({
  kind: "license-updated",
  id: id as FactId,
  at: changedAt ?? seenAt,
  ...{ productCode, licenseArn, agreementId, buyerAccountId },
  ...(offerId !== undefined && { offerId }),
  reconciled: true,
});

const ending = (
  id: string,
  { agreementId, buyerAccountId, changedAt }: ObservedAgreement,
  status: FactOf<"agreement-ended">["status"],
  seenAt: Instant,
): FactOf<"agreement-ended"> => ({
  kind: "agreement-ended",
  id: id as FactId,
  at: changedAt ?? seenAt,
  ...{ agreementId, buyerAccountId, status },
  reconciled: true,
});
