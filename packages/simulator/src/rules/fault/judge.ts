import { type Decision, decided } from "../decision.ts";
import type { Notification } from "../notification/notification.ts";
import type { Change, State } from "../state.ts";
import { secondMs } from "../time.ts";
import { type CallFault, type NotificationFault, strike } from "./fault.ts";

/** How long one that shall be overtaken waits at most for another. */
const overtakenSeconds = 300;

const asked = (state: State): boolean => state.faults.rules.length > 0;

/** Decides once, when a notification is due, what becomes of it. Answers it as it is to be sent; `undefined` if never. */
export function judgeNotification(
  state: State,
  notification: Notification,
  nowMs: number,
): Decision<Notification | undefined> {
  if (notification.judged === true || !asked(state)) return decided(notification);
  const { kind, agreementId, id } = notification;
  const { faults, fault } = strike(state.faults, { on: "notifications", kind, agreementId });
  const counted: Change = { kind: "faults-set", faults };
  const struck = fault?.on === "notifications" ? fault : undefined;
  if (struck?.fault === "drop") return decided(undefined, [counted, { kind: "notification-removed", id }]);
  const judged = { ...notification, ...consequence(struck, nowMs), judged: true };
  return decided(judged, [counted, { kind: "notification-planned", notification: judged }]);
}

function consequence(fault: NotificationFault | undefined, nowMs: number): Partial<Notification> {
  const { delaySeconds = 0, copies = 1 } = fault ?? {};
  switch (fault?.fault) {
    case "repeat":
      return { copies, copyDelaySeconds: delaySeconds };
    case "delay":
      return { sendAtMs: nowMs + delaySeconds * secondMs };
    case "reorder":
      return { overtaken: true, sendAtMs: nowMs + (fault.delaySeconds ?? overtakenSeconds) * secondMs };
    case "drop":
    case undefined:
      return {};
  }
}

/** What the state remembers of a notification that was sent: nothing, or the copy that is still to be. */
export function sent(notification: Notification, nowMs: number): Change {
  const { id, copies = 0, copyDelaySeconds = 0 } = notification;
  if (copies === 0) return { kind: "notification-removed", id };
  const sendAtMs = nowMs + copyDelaySeconds * secondMs;
  const copy = { ...notification, copies: copies - 1, sendAtMs, overtaken: false };
  return { kind: "notification-planned", notification: copy };
}

/** Decides which fault strikes a call of `operation`, if any. */
export function judgeCall(state: State, operation: string): Decision<CallFault | undefined> {
  if (!asked(state)) return decided(undefined);
  const { faults, fault } = strike(state.faults, { on: "calls", operation });
  return decided(fault?.on === "calls" ? fault : undefined, [{ kind: "faults-set", faults }]);
}
