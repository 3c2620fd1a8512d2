import type { Grant } from "../lifecycle/subscription.ts";
import type { OutboxEntry } from "../outbox/outbox.ts";
import { type EntitlementEventType, entitlementEvent } from "../outbox/outgoing-event.ts";
import type { Instant } from "../time/instant.ts";
import type { Entitlement, EntitlementSnapshot } from "./entitlement.ts";

export type EntitlementDecision =
  | {
      readonly kind: "stored";
      readonly snapshot: EntitlementSnapshot;
      readonly outbox: readonly OutboxEntry[];
    }
  | { readonly kind: "ignored"; readonly reason: "older-than-known" | "empty-while-active" };

/**
 * What an answer of GetEntitlements changes. An empty answer during a grant is not believed: AWS answers empty while an
 * agreement is being set up, and a buyer who has paid must not be refused.
 */
export function decideEntitlements(
  before: EntitlementSnapshot | undefined,
  answer: {
    subscriptionId: EntitlementSnapshot["subscriptionId"];
    readAt: Instant;
    entitlements: readonly Entitlement[];
  },
  grant: Grant,
): EntitlementDecision {
  if (before !== undefined && before.readAt >= answer.readAt)
    return { kind: "ignored", reason: "older-than-known" };
  if (answer.entitlements.length === 0 && grant.state === "active")
    return { kind: "ignored", reason: "empty-while-active" };
  const entitlements = answer.entitlements.toSorted((a, b) => (a.dimension < b.dimension ? -1 : 1));
  const snapshot = { ...answer, entitlements, version: (before?.version ?? 0) + 1 };
  const type = eventType(before?.entitlements ?? [], entitlements);
  if (type === undefined) return { kind: "stored", snapshot, outbox: [] };
  const event = entitlementEvent(type, answer.subscriptionId, entitlements, snapshot.version, answer.readAt);
  return {
    kind: "stored",
    snapshot,
    outbox: [{ id: event.id, dueAt: answer.readAt, task: { kind: "publish", event } }],
  };
}

function eventType(
  before: readonly Entitlement[],
  after: readonly Entitlement[],
): EntitlementEventType | undefined {
  if (JSON.stringify(before.map(comparable)) === JSON.stringify(after.map(comparable))) return undefined;
  if (before.length === 0) return "entitlement.granted";
  return after.length === 0 ? "entitlement.revoked" : "entitlement.changed";
}

const comparable = ({ dimension, value, expiresAt }: Entitlement) => [dimension, value, expiresAt ?? null];
