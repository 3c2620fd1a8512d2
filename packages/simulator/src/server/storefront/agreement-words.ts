import { type Agreement, isActivated, isEnded } from "../../rules/agreement/agreement.ts";
import { inHowLong } from "./wording.ts";

/** How an agreement stands, in a word, with the colour it is shown in. */
export interface Standing {
  readonly word: string;
  readonly tone: "good" | "warn" | "calm" | "bad";
}

const endWords = {
  CANCELLED: "Cancelled",
  EXPIRED: "Expired",
  TERMINATED: "Ended by AWS",
  RENEWED: "Renewed",
  REPLACED: "Replaced",
} as const;

export function standingOf(agreement: Agreement, nowMs: number, isSuspended: boolean): Standing {
  const { end, startAtMs, paymentFails } = agreement;
  if (end !== null && isEnded(agreement, nowMs))
    return { word: paymentFails ? "Payment failed" : endWords[end.status], tone: "calm" };
  if (isSuspended) return { word: "Suspended", tone: "bad" };
  if (startAtMs > nowMs) return { word: `Starts ${inHowLong(startAtMs - nowMs)}`, tone: "warn" };
  if (!isActivated(agreement, nowMs)) return { word: "Being prepared", tone: "warn" };
  return { word: "Active", tone: "good" };
}

/** One thing that AWS has done or will do, in order. */
export interface Milestone {
  readonly atMs: number;
  readonly text: string;
}

/** Everything AWS knows of the agreement's life, the future included, oldest first. */
export function milestonesOf(agreement: Agreement, isOldListing: boolean): readonly Milestone[] {
  const { acceptedAtMs, startAtMs, activatedAtMs, end, intent, paymentFails } = agreement;
  const accepted = { NEW: "The offer was accepted", RENEW: "Renewed", REPLACE: "A replacement was accepted" };
  const ready = isOldListing
    ? "The subscription is active: usage counts from here"
    : "The license is active: usage counts from here";
  return [
    { atMs: acceptedAtMs, text: accepted[intent] },
    ...(startAtMs > acceptedAtMs ? [{ atMs: startAtMs, text: "The term begins" }] : []),
    ...(activatedAtMs === null ? [] : [{ atMs: activatedAtMs, text: ready }]),
    ...ending(agreement),
    ...(end === null
      ? []
      : [{ atMs: end.endedAtMs, text: paymentFails ? "The payment failed" : endTexts[end.status] }]),
    ...(end === null || end.deprovisionedAtMs === null || isOldListing || activatedAtMs === null
      ? []
      : [
          { atMs: end.deprovisionedAtMs, text: "The license is taken away: an hour is left to report usage" },
        ]),
  ].toSorted((a, b) => a.atMs - b.atMs);
}

const ending = ({ autoRenew, endAtMs, end }: Agreement): Milestone[] =>
  autoRenew && end === null && endAtMs !== null
    ? [{ atMs: endAtMs, text: "The term is over, and renews by itself" }]
    : [];

const endTexts = {
  CANCELLED: "The buyer cancelled",
  EXPIRED: "The term runs out",
  TERMINATED: "AWS ended the agreement",
  RENEWED: "Renewed: the next agreement goes on",
  REPLACED: "Replaced: the next agreement goes on",
} as const;
