import type { Agreement } from "../agreement/agreement.ts";
import { speaksEvents } from "../catalogue.ts";
import type { Change, State } from "../state.ts";
import { secondMs } from "../time.ts";
import { type Act, entitled, plan, type Planned, spoken } from "./message.ts";
import type { NotificationKind } from "./notification.ts";
import { planNotices } from "./plan-informational.ts";

/** Messages that an end or a successor makes untrue while they are still ahead. */
export const overtaken = [
  "license-updated",
  "subscribe-success",
  "entitlement-updated",
  "agreement-ended",
  "agreement-ending",
  "license-deprovisioned",
  "unsubscribe-pending",
  "unsubscribe-success",
] as const;

/** The messages of a purchase. One whose payment fails is told to old listings only (no event stands for it). */
export function planBeginning(act: Act, agreement: Agreement): Change[] {
  const { product, catalogue } = act;
  const activatedAtMs = agreement.activatedAtMs ?? agreement.startAtMs;
  if (agreement.paymentFails) return [];
  const createdAtMs =
    agreement.acceptedAtMs + catalogue.notificationDelays.agreementCreatedSeconds * secondMs;
  return plan(
    act,
    agreement,
    spoken(
      product,
      [{ kind: "subscribe-success", dueAtMs: activatedAtMs }, ...entitled(product, activatedAtMs)],
      [
        { kind: "agreement-created", dueAtMs: createdAtMs },
        { kind: "license-updated", dueAtMs: activatedAtMs },
      ],
    ),
  );
}

/** The messages of an end, at the times the agreement's `end` names, and the notices before it. */
export function planEnd(act: Act, agreement: Agreement, nowMs: number): Change[] {
  const { end, paymentFails } = agreement;
  if (end === null) return [];
  const sns = endOfSubscription(act, end.endedAtMs, agreement.activatedAtMs !== null);
  const events = paymentFails ? [] : endOfAgreement(end, agreement.activatedAtMs !== null);
  return [
    ...plan(act, agreement, spoken(act.product, sns, events)),
    ...(end.status === "EXPIRED" ? planNotices(act, agreement, nowMs) : []),
  ];
}

function endOfSubscription({ catalogue, product }: Act, endedAtMs: number, wasActive: boolean): Planned[] {
  if (!wasActive) return [{ kind: "subscribe-fail", dueAtMs: endedAtMs }];
  const { unsubscribePendingSeconds, unsubscribeSuccessSeconds, agreementEndedSeconds } =
    catalogue.notificationDelays;
  // A migrating listing's end counts from the event; its SNS message has a delay of its own.
  const ownDelaySeconds = speaksEvents(product) ? unsubscribePendingSeconds - agreementEndedSeconds : 0;
  const pendingAtMs = endedAtMs + ownDelaySeconds * secondMs;
  return [
    { kind: "unsubscribe-pending", dueAtMs: pendingAtMs },
    { kind: "unsubscribe-success", dueAtMs: pendingAtMs + unsubscribeSuccessSeconds * secondMs },
    ...entitled(product, pendingAtMs),
  ];
}

/** The events about an agreement that are still ahead, for a listing that did not send any when it was made. */
export function planEventsAhead(act: Act, agreement: Agreement, nowMs: number): Change[] {
  const { activatedAtMs, end, paymentFails } = agreement;
  if (paymentFails) return [];
  const beginning: Planned[] =
    activatedAtMs === null ? [] : [{ kind: "license-updated", dueAtMs: activatedAtMs }];
  const ending = end === null ? [] : endOfAgreement(end, activatedAtMs !== null);
  return plan(
    act,
    agreement,
    [...beginning, ...ending].filter(({ dueAtMs }) => dueAtMs > nowMs),
  );
}

const endOfAgreement = (
  end: { endedAtMs: number; deprovisionedAtMs: number | null },
  wasActive: boolean,
): Planned[] => [
  { kind: "agreement-ended", dueAtMs: end.endedAtMs },
  ...(wasActive && end.deprovisionedAtMs !== null
    ? [{ kind: "license-deprovisioned", dueAtMs: end.deprovisionedAtMs } as const]
    : []),
];

/**
 * The messages when `next` takes the place of `old` at `atMs`: a renewal is only an `entitlement-updated` to old
 * listings, a replacement a `subscribe-success` with the new offer too (Seller Guide, "Amazon SNS notifications").
 */
export function planSuccession(act: Act, old: Agreement, next: Agreement, atMs: number): Change[] {
  const { product, catalogue } = act;
  const delays = catalogue.notificationDelays;
  const after = (seconds: number) => atMs + seconds * secondMs;
  const success: Planned = { kind: "subscribe-success", dueAtMs: after(delays.subscribeSuccessSeconds) };
  const ended = {
    endedAtMs: after(delays.agreementEndedSeconds),
    deprovisionedAtMs: old.end?.deprovisionedAtMs ?? null,
  };
  return [
    ...plan(act, old, spoken(product, [], endOfAgreement(ended, true))),
    ...plan(
      act,
      next,
      spoken(
        product,
        [
          ...(next.intent === "REPLACE" ? [success] : []),
          ...entitled(product, after(delays.entitlementUpdatedSeconds)),
        ],
        [
          { kind: "agreement-created", dueAtMs: after(delays.agreementCreatedSeconds) },
          { kind: "license-updated", dueAtMs: after(delays.licenseUpdatedSeconds) },
        ],
      ),
    ),
  ];
}

/** The messages of an amendment; the license is updated when it changes what the buyer holds. */
export function planAmendment(
  act: Act,
  agreement: Agreement,
  nowMs: number,
  changesLicense: boolean,
): Change[] {
  const dueAtMs = nowMs + act.catalogue.notificationDelays.entitlementUpdatedSeconds * secondMs;
  const sns: Planned[] = changesLicense ? [{ kind: "entitlement-updated", dueAtMs }] : [];
  const updated: Planned[] = changesLicense ? [{ kind: "license-updated", dueAtMs }] : [];
  return plan(act, agreement, spoken(act.product, sns, [{ kind: "agreement-amended", dueAtMs }, ...updated]));
}

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
