import type { Agreement } from "../agreement/agreement.ts";
import { type Catalogue, hasContract, type Product } from "../catalogue.ts";
import { uuidOf } from "../identity.ts";
import type { Change, State } from "../state.ts";
import { secondMs } from "../time.ts";
import { agreementCreated, agreementEnded, licenseEvent } from "./marketplace-event.ts";
import type { Notification, NotificationKind } from "./notification.ts";
import { entitlementMessage, subscriptionMessage } from "./sns-message.ts";

interface Planned {
  readonly kind: NotificationKind;
  readonly dueAtMs: number;
}

function content(
  catalogue: Catalogue,
  agreement: Agreement,
  kind: NotificationKind,
  head: { id: string; dueAtMs: number },
): Notification["content"] {
  switch (kind) {
    case "agreement-created":
      return agreementCreated(catalogue, agreement, head);
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
function plan(
  catalogue: Catalogue,
  state: State,
  agreement: Agreement,
  planned: readonly Planned[],
  counter: number,
): Change[] {
  return planned.map(({ kind, dueAtMs }) => {
    const id = uuidOf(state.seed, agreement.id, kind, dueAtMs, counter);
    return {
      kind: "notification-planned",
      notification: {
        id,
        kind,
        agreementId: agreement.id,
        dueAtMs,
        content: content(catalogue, agreement, kind, { id, dueAtMs }),
      },
    };
  });
}

const entitled = (product: Product, dueAtMs: number): Planned[] =>
  hasContract(product) ? [{ kind: "entitlement-updated", dueAtMs }] : [];

/** The messages of a purchase. @param counter makes the ids of this act its own. */
export function planBeginning(
  catalogue: Catalogue,
  product: Product,
  state: State,
  agreement: Agreement,
  counter: number,
): Change[] {
  const activatedAtMs = agreement.activatedAtMs ?? agreement.startAtMs;
  const createdAtMs =
    agreement.acceptedAtMs + catalogue.notificationDelays.agreementCreatedSeconds * secondMs;
  const planned: Planned[] =
    product.generation === "sns"
      ? [{ kind: "subscribe-success", dueAtMs: activatedAtMs }, ...entitled(product, activatedAtMs)]
      : [
          { kind: "agreement-created", dueAtMs: createdAtMs },
          { kind: "license-updated", dueAtMs: activatedAtMs },
        ];
  return plan(catalogue, state, agreement, planned, counter);
}

/** The messages of an end, at the times the agreement's `end` names. */
export function planEnd(
  catalogue: Catalogue,
  product: Product,
  state: State,
  agreement: Agreement,
  counter: number,
): Change[] {
  const { end } = agreement;
  if (end === null) return [];
  const wasActive = agreement.activatedAtMs !== null;
  const successAtMs = end.endedAtMs + catalogue.notificationDelays.unsubscribeSuccessSeconds * secondMs;
  const planned =
    product.generation === "sns"
      ? endOfSubscription(product, end.endedAtMs, successAtMs, wasActive)
      : endOfAgreement(end, wasActive);
  return plan(catalogue, state, agreement, planned, counter);
}

const endOfSubscription = (
  product: Product,
  endedAtMs: number,
  successAtMs: number,
  wasActive: boolean,
): Planned[] =>
  wasActive
    ? [
        { kind: "unsubscribe-pending", dueAtMs: endedAtMs },
        { kind: "unsubscribe-success", dueAtMs: successAtMs },
        ...entitled(product, endedAtMs),
      ]
    : [{ kind: "subscribe-fail", dueAtMs: endedAtMs }];

const endOfAgreement = (
  end: { endedAtMs: number; deprovisionedAtMs: number },
  wasActive: boolean,
): Planned[] => [
  { kind: "agreement-ended", dueAtMs: end.endedAtMs },
  ...(wasActive ? [{ kind: "license-deprovisioned", dueAtMs: end.deprovisionedAtMs } as const] : []),
];

/** The message of an upgrade. */
export const planUpgrade = (
  catalogue: Catalogue,
  product: Product,
  state: State,
  agreement: Agreement,
  { nowMs, counter }: { nowMs: number; counter: number },
): Change[] =>
  plan(
    catalogue,
    state,
    agreement,
    [
      {
        kind: product.generation === "sns" ? "entitlement-updated" : "license-updated",
        dueAtMs: nowMs + catalogue.notificationDelays.entitlementUpdatedSeconds * secondMs,
      },
    ],
    counter,
  );

/** Takes back messages about `agreementId` that lie ahead of `nowMs`. */
export const withdraw = (
  state: State,
  agreementId: string,
  nowMs: number,
  kinds: readonly NotificationKind[],
): Change[] =>
  Object.values(state.notifications)
    .filter(
      (planned) =>
        planned.agreementId === agreementId && planned.dueAtMs > nowMs && kinds.includes(planned.kind),
    )
    .map(({ id }) => ({ kind: "notification-removed", id }));
