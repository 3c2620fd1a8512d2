import { type Agreement, isActivated, isEnded } from "../../rules/agreement/agreement.ts";
import { meteringEndsAtMs, tenureOfLicense } from "../../rules/agreement/tenure.ts";
import type { Listing } from "../../rules/listing.ts";
import type { World } from "../world.ts";
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
export function milestonesOf(world: World, agreement: Agreement, listing: Listing): readonly Milestone[] {
  const { acceptedAtMs, startAtMs, activatedAtMs, intent } = agreement;
  return [
    { atMs: acceptedAtMs, text: acceptedTexts[intent] },
    ...(startAtMs > acceptedAtMs ? [{ atMs: startAtMs, text: "The term begins" }] : []),
    ...(activatedAtMs === null
      ? []
      : [
          {
            // Of a renewal, whose usage counts from the whole second it was made in.
            atMs: Math.max(activatedAtMs, startAtMs),
            text: "The license is active: usage counts from here",
          },
        ]),
    ...renewalAhead(agreement),
    ...endOf(agreement),
    ...lastUsage(world, agreement, listing),
  ].toSorted((a, b) => a.atMs - b.atMs);
}

const acceptedTexts = {
  NEW: "The offer was accepted",
  RENEW: "Renewed",
  REPLACE: "A replacement was accepted",
} as const;

function endOf({ end, paymentFails, activatedAtMs }: Agreement): Milestone[] {
  if (end === null) return [];
  const ended = { atMs: end.endedAtMs, text: paymentFails ? "The payment fails" : endTexts[end.status] };
  return end.deprovisionedAtMs === null || activatedAtMs === null || paymentFails
    ? [ended]
    : [ended, { atMs: end.deprovisionedAtMs, text: "The license is taken away" }];
}

/** The end of the final hour, for the agreement that ends the tenure of its license. */
function lastUsage({ catalogue, state }: World, agreement: Agreement, listing: Listing): Milestone[] {
  const tenure = tenureOfLicense(state, agreement.licenseArn);
  if (tenure?.last.id !== agreement.id || agreement.activatedAtMs === null) return [];
  const atMs = meteringEndsAtMs(catalogue, listing, tenure);
  return Number.isFinite(atMs) ? [{ atMs, text: "AWS takes no more usage" }] : [];
}

const renewalAhead = ({ autoRenew, endAtMs, end }: Agreement): Milestone[] =>
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
