import type { Agreement } from "../agreement/agreement.ts";
import { type Catalogue, hasContract, type Product, speaksEvents, speaksSns } from "../catalogue.ts";
import { uuidOf } from "../identity.ts";
import type { Change, State } from "../state.ts";
import { agreementAmended, agreementCreated, agreementEnded, licenseEvent } from "./marketplace-event.ts";
import type { Notification, NotificationKind } from "./notification.ts";
import { entitlementMessage, subscriptionMessage } from "./sns-message.ts";

/** One act of the story, whose counter makes the ids of its messages its own. */
export interface Act {
  readonly catalogue: Catalogue;
  readonly product: Product;
  readonly state: State;
  readonly counter: number;
}

/** A message that its kind and the agreement say all about. */
export interface Planned {
  readonly kind: Exclude<
    NotificationKind,
    "informational" | "agreement-ending" | "subscription-confirmation"
  >;
  readonly dueAtMs: number;
}

function content(
  catalogue: Catalogue,
  agreement: Agreement,
  kind: Planned["kind"],
  head: { id: string; dueAtMs: number },
): Notification["content"] {
  switch (kind) {
    case "agreement-created":
      return agreementCreated(catalogue, agreement, head);
    case "agreement-amended":
      return agreementAmended(catalogue, agreement, head);
    case "agreement-ended":
      return agreementEnded(catalogue, agreement, head, agreement.end?.status ?? "CANCELLED");
    case "license-updated":
      return licenseEvent(catalogue, agreement, head, "Updated");
    case "license-deprovisioned":
      return licenseEvent(catalogue, agreement, head, "Deprovisioned");
    case "entitlement-updated":
      return entitlementMessage(catalogue, agreement);
    case "subscribe-success":
    case "subscribe-fail":
    case "unsubscribe-pending":
    case "unsubscribe-success":
      return subscriptionMessage(catalogue, agreement, kind);
  }
}

/** Plans messages about `agreement`. Their ids follow from what they say, so that planning twice adds nothing. */
export const plan = (
  { catalogue, state, counter }: Act,
  agreement: Agreement,
  planned: readonly Planned[],
): Change[] =>
  planned.map(({ kind, dueAtMs }) => {
    const id = uuidOf(state.seed, agreement.id, kind, dueAtMs, counter);
    const said = content(catalogue, agreement, kind, { id, dueAtMs });
    const notification = { id, kind, agreementId: agreement.id, dueAtMs, content: said };
    return { kind: "notification-planned", notification };
  });

export const entitled = (product: Product, dueAtMs: number): Planned[] =>
  hasContract(product) ? [{ kind: "entitlement-updated", dueAtMs }] : [];

/** What a listing sends in each of its ways; a migrating one in both. */
export const spoken = (product: Product, sns: readonly Planned[], events: readonly Planned[]): Planned[] => [
  ...(speaksSns(product) ? sns : []),
  ...(speaksEvents(product) ? events : []),
];
