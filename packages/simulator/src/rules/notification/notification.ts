export const notificationKinds = [
  "agreement-created",
  "agreement-amended",
  "agreement-ending",
  "license-updated",
  "agreement-ended",
  "license-deprovisioned",
  "subscribe-success",
  "subscribe-fail",
  "unsubscribe-pending",
  "unsubscribe-success",
  "entitlement-updated",
  "informational",
  "subscription-confirmation",
] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** The content of an SNS message; the server puts the signed envelope around it. */
export interface SnsContent {
  readonly channel: "sns";
  readonly topicArn: string;
  readonly message: Readonly<Record<string, string>>;
}

/** Whoever holds the token may confirm the subscription to the topic. */
export interface ConfirmationContent {
  readonly channel: "sns-confirmation";
  readonly topicArn: string;
  /** The address of an HTTP endpoint, or `queue`. */
  readonly endpoint: string;
  readonly token: string;
}

/** A whole EventBridge event. */
export interface EventContent {
  readonly channel: "eventbridge";
  readonly event: Readonly<Record<string, unknown>>;
}

/** One message to the seller, sent when the simulated clock has reached `dueAtMs`, which is also the time it names. */
export interface Notification {
  readonly id: string;
  readonly kind: NotificationKind;
  /** `null` for one that is about no agreement. */
  readonly agreementId: string | null;
  readonly dueAtMs: number;
  readonly content: SnsContent | ConfirmationContent | EventContent;
  /** Whether it was decided which fault strikes it; the following say what came of that. */
  readonly judged?: boolean;
  /** When it is sent, if not when it is due. */
  readonly sendAtMs?: number;
  /** Sent right after the next other one, whatever `sendAtMs` says. */
  readonly overtaken?: boolean;
  /** How often it is to be sent again, and how long after. */
  readonly copies?: number;
  readonly copyDelaySeconds?: number;
}

/** What is to be sent at `nowMs`, oldest first. */
export const dueNotifications = (
  notifications: Readonly<Record<string, Notification>>,
  nowMs: number,
): Notification[] =>
  Object.values(notifications)
    .filter(({ dueAtMs, sendAtMs = dueAtMs }) => sendAtMs <= nowMs)
    .sort((a, b) => a.dueAtMs - b.dueAtMs);

/** What waits for another to overtake it. */
export const overtakenNotifications = (
  notifications: Readonly<Record<string, Notification>>,
): Notification[] => Object.values(notifications).filter(({ overtaken }) => overtaken === true);
