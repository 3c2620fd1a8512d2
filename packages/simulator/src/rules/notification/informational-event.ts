import type { Agreement } from "../agreement/agreement.ts";
import type { Catalogue } from "../catalogue.ts";
import { uuidOf } from "../identity.ts";
import { envelope, type EventHead, instantText, parties } from "./marketplace-event.ts";
import type { EventContent } from "./notification.ts";

/**
 * Events that tell and change nothing (Seller Guide, "SaaS EventBridge integration" and "Amazon EventBridge events"),
 * with whom each is sent to. The suffix of the three about payment and spending is known from sellers only.
 */
const detailTypes = {
  "advisory-issued": "Purchase Agreement Advisory Issued - Manufacturer",
  "advisory-resolved": "Purchase Agreement Advisory Resolved - Manufacturer",
  ending: "Purchase Agreement Ending - Proposer",
  "renewal-upcoming": "Purchase Agreement Renewal Upcoming - Proposer",
  "renewal-terms-finalized": "Purchase Agreement Renewal Terms Finalized - Proposer",
  "cancellation-request-pending-approval": "Agreement Cancellation Request Pending Approval - Proposer",
  "cancellation-request-approved": "Agreement Cancellation Request Approved - Proposer",
  "cancellation-request-rejected": "Agreement Cancellation Request Rejected - Proposer",
  "cancellation-request-cancelled": "Agreement Cancellation Request Cancelled - Proposer",
  "cancellation-request-validation-failed": "Agreement Cancellation Request Validation Failed - Proposer",
  "billing-adjustment-completed": "Purchase Agreement Billing Adjustment Completed - Proposer",
  "billing-adjustment-failed": "Purchase Agreement Billing Adjustment Failed - Proposer",
  "vet-succeeded": "Purchase Agreement Vet Succeeded - Manufacturer",
  "vet-failed": "Purchase Agreement Vet Failed - Manufacturer",
  "spend-threshold-reached": "Purchase Agreement Spend Threshold Reached - Manufacturer",
  unknown: "Purchase Agreement Invented Later - Manufacturer",
} as const;

export type InformationalKind = keyof typeof detailTypes;
export const informationalKinds = Object.keys(detailTypes) as InformationalKind[];

export interface InformationalEvent {
  readonly kind: InformationalKind;
  /** For `ending`; 30 when left out. */
  readonly daysBeforeEndTime?: number | undefined;
  /** Another detail-type than the kind's own. */
  readonly detailType?: string | undefined;
  /** Put over the detail's own fields. */
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

/** Whether the seller extended the offer itself, rather than a channel partner. */
export const isProposedBySeller = (catalogue: Catalogue, agreement: Agreement): boolean =>
  agreement.proposerAccountId === catalogue.sellerAccountId;

/** Whether the seller would be sent this: what goes to the proposer stays with a channel partner. */
export const isHeardBySeller = (
  catalogue: Catalogue,
  agreement: Agreement,
  { kind }: InformationalEvent,
): boolean => isProposedBySeller(catalogue, agreement) || !detailTypes[kind].endsWith("- Proposer");

/** Cancellation and billing-adjustment events name no resource. */
const namesNoResource = (kind: InformationalKind): boolean =>
  kind.startsWith("cancellation-request") || kind.startsWith("billing-adjustment");

export function informationalEvent(
  catalogue: Catalogue,
  agreement: Agreement,
  head: EventHead,
  event: InformationalEvent,
): EventContent {
  const { kind, detailType = detailTypes[kind], detail = {} } = event;
  const own = {
    ...(kind.startsWith("cancellation-request")
      ? { agreementCancellationRequest: { id: `acr-${uuidOf(agreement.id, "acr").slice(0, 13)}` } }
      : {}),
    agreement: {
      id: agreement.id,
      ...(kind === "ending" ? { daysBeforeEndTime: event.daysBeforeEndTime ?? 30 } : {}),
      ...(agreement.endAtMs === null ? {} : { endTime: instantText(agreement.endAtMs) }),
    },
    ...parties(agreement),
    offer: { id: agreement.offerId },
  };
  return envelope(catalogue, agreement, head, {
    detailType,
    detail: { ...own, ...detail },
    resources: namesNoResource(kind) ? [] : undefined,
  });
}
