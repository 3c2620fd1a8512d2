import type { Grant } from "../lifecycle/subscription.ts";
import type { OutboxEntry } from "../outbox/outbox.ts";
import { type EntitlementEventType, entitlementEvent } from "../outbox/outgoing-event.ts";
import { formatInstant, type Instant, laterBy, minuteMs, secondMs } from "../time/instant.ts";
import { believableAt, type Entitlement, type EntitlementSnapshot, isOfEarlierGrant } from "./entitlement.ts";
import { noteTerm, type Tenure } from "./included-term.ts";

interface Answer {
  readonly subscriptionId: EntitlementSnapshot["subscriptionId"];
  readonly readAt: Instant;
  readonly entitlements: readonly Entitlement[];
}

export type EntitlementDecision =
  | {
      readonly kind: "stored";
      readonly snapshot: EntitlementSnapshot;
      readonly outbox: readonly OutboxEntry[];
    }
  | { readonly kind: "ignored"; readonly reason: "older-than-known" };

/**
 * What an answer of GetEntitlements changes. An empty one during a grant is not believed at once: AWS answers empty while an
 * agreement is being set up or renewed, and a buyer who has paid must not be refused. It is when a read ten minutes later is
 * empty too.
 * @param tenure earlier grants of the subscription, and the term of the agreement that it is under, if it is known
 */
export function decideEntitlements(
  before: EntitlementSnapshot | undefined,
  answer: Answer,
  grant: Grant,
  tenure: Omit<Tenure, "grant"> = { earlierGrants: [], term: undefined },
): EntitlementDecision {
  if (before !== undefined && before.readAt >= answer.readAt)
    return { kind: "ignored", reason: "older-than-known" };
  const version = (before?.version ?? 0) + 1;
  const isDoubtful = answer.entitlements.length === 0 && grant.state === "active";
  const emptySince = isDoubtful ? (before?.emptySince ?? answer.readAt) : undefined;
  if (emptySince !== undefined && answer.readAt < believableAt(emptySince))
    return doubted(before, answer, { ...tenure, grant }, { version, emptySince });
  const entitlements = answer.entitlements.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  const snapshot: EntitlementSnapshot = {
    ...answer,
    entitlements,
    version,
    terms: noteTerm(before, answer, { ...tenure, grant }),
    ...(emptySince !== undefined && { emptySince }),
  };
  const outbox = [
    ...readAtExpiry(before, snapshot),
    ...readAfterGrant(answer, grant),
    ...toTell(before?.entitlements ?? [], snapshot),
  ];
  return { kind: "stored", snapshot, outbox };
}

/**
 * What was known stands, and AWS is asked again when the answer could be believed. What was bought under a grant that ended does not
 * stand: read again, it would seem to belong to the new one.
 */
function doubted(
  before: EntitlementSnapshot | undefined,
  answer: Answer,
  tenure: Tenure,
  { version, emptySince }: { readonly version: number; readonly emptySince: Instant },
): EntitlementDecision {
  const { subscriptionId, readAt } = answer;
  const known = before?.entitlements ?? [];
  const entitlements = before === undefined || isOfEarlierGrant(before, tenure) ? [] : known;
  const snapshot: EntitlementSnapshot = {
    ...{ subscriptionId, readAt, version, entitlements, emptySince },
    terms: before?.terms ?? [],
  };
  // One entry for each doubt, whoever reads meanwhile; a read that came a moment too early asks for one more.
  const id = `${subscriptionId}/entitlements:empty-since-${formatInstant(emptySince)}`;
  const believable = believableAt(emptySince);
  const soon = laterBy(readAt, secondMs);
  const dueAt = believable > soon ? believable : soon;
  return {
    kind: "stored",
    snapshot,
    outbox: [
      { id, dueAt, task: { kind: "read-entitlements", subscriptionId } },
      ...readAfterGrant(answer, tenure.grant),
      ...toTell(known, snapshot),
    ],
  };
}

/** What is told when the entitlements are others than before. */
function toTell(before: readonly Entitlement[], after: EntitlementSnapshot): OutboxEntry[] {
  const { subscriptionId, entitlements, version, readAt } = after;
  const type = eventType(before, entitlements);
  if (type === undefined) return [];
  const event = entitlementEvent(type, subscriptionId, entitlements, version, readAt);
  return [{ id: event.id, dueAt: readAt, task: { kind: "publish", event } }];
}

/** AWS answers with nothing, or not with all, until an agreement is finalised (AWS's metering skill, September 2026). */
const afterGrantMinutes = [1, 5, 15, 60];

/** The next of the reads that follow a grant. Its id is the grant's, so that however many reads ask for it, it is one. */
function readAfterGrant({ subscriptionId, readAt }: Answer, grant: Grant): OutboxEntry[] {
  if (grant.state !== "active") return [];
  const { since } = grant;
  const minutes = afterGrantMinutes.find((after) => laterBy(since, after * minuteMs) > readAt);
  if (minutes === undefined) return [];
  const id = `${subscriptionId}/entitlements:granted-${formatInstant(since)}+${minutes}`;
  const dueAt = laterBy(since, minutes * minuteMs);
  return [{ id, dueAt, task: { kind: "read-entitlements", subscriptionId } }];
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

const textOf = (entitlement: Entitlement): string => JSON.stringify(comparable(entitlement));

const comparable = ({ dimension, value, expiresAt }: Entitlement) => [dimension, value, expiresAt ?? null];
