export type NotificationKind =
  | "agreement-created"
  | "agreement-amended"
  | "agreement-ending"
  | "license-updated"
  | "agreement-ended"
  | "license-deprovisioned"
  | "subscribe-success"
  | "subscribe-fail"
  | "unsubscribe-pending"
  | "unsubscribe-success"
  | "entitlement-updated"
  | "informational";

/** The content of an SNS message; the server puts the signed envelope around it. */
export interface SnsContent {
  readonly channel: "sns";
  readonly topicArn: string;
  readonly message: Readonly<Record<string, string>>;
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
  readonly agreementId: string;
  readonly dueAtMs: number;
  readonly content: SnsContent | EventContent;
}

/** What is to be sent at `nowMs`, oldest first. */
export const dueNotifications = (
  notifications: Readonly<Record<string, Notification>>,
  nowMs: number,
): Notification[] =>
  Object.values(notifications)
    .filter(({ dueAtMs }) => dueAtMs <= nowMs)
    .sort((a, b) => a.dueAtMs - b.dueAtMs);
