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
  const outbox = readAtExpiry(before, snapshot);
  if (type === undefined) return { kind: "stored", snapshot, outbox };
  const event = entitlementEvent(type, answer.subscriptionId, entitlements, snapshot.version, answer.readAt);
  outbox.push({ id: event.id, dueAt: answer.readAt, task: { kind: "publish", event } });
  return { kind: "stored", snapshot, outbox };
}

/** Passing its date proves no lapse (a renewal may have moved it), so AWS is asked again then, once for each date. */
function readAtExpiry(before: EntitlementSnapshot | undefined, after: EntitlementSnapshot): OutboxEntry[] {
  const dueAt = nextExpiry(after);
  if (dueAt === undefined || (before !== undefined && nextExpiry(before) === dueAt)) return [];
  const { subscriptionId, version } = after;
  return [
    {
      id: `${subscriptionId}/entitlements@${version}:read-at-expiry`,
      dueAt,
      task: { kind: "read-entitlements", subscriptionId },
    },
  ];
}

const nextExpiry = ({ readAt, entitlements }: EntitlementSnapshot): Instant | undefined =>
  entitlements
    .flatMap(({ expiresAt }) => (expiresAt === undefined || expiresAt <= readAt ? [] : [expiresAt]))
    .sort((a, b) => a - b)[0];

function eventType(
  before: readonly Entitlement[],
  after: readonly Entitlement[],
): EntitlementEventType | undefined {
  if (JSON.stringify(before.map(comparable)) === JSON.stringify(after.map(comparable))) return undefined;
  if (before.length === 0) return "entitlement.granted";
  return after.length === 0 ? "entitlement.revoked" : "entitlement.changed";
}

const comparable = ({ dimension, value, expiresAt }: Entitlement) => [dimension, value, expiresAt ?? null];
