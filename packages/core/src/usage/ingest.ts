import { createHash } from "node:crypto";
import type { Settings } from "../configuration/configuration.ts";
import type { Quarantine, QuarantineEntry } from "../quarantine/quarantine.ts";
import type { Clock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { hourOf, type UtcHour } from "../time/utc-hour.ts";
import { acceptEvent, shortened } from "./accept-event.ts";
import { packSegments } from "./segment.ts";
import { type HourShard, shardCount, shardOf } from "./shard.ts";
import type { UsageEvent } from "./usage-event.ts";
import type { UsageLog } from "./usage-log.ts";
import { readUsageMessage } from "./usage-message.ts";

export interface IngestPorts {
  readonly usageLog: Pick<UsageLog, "putSegments" | "putMarks">;
  readonly quarantine: Pick<Quarantine, "put">;
  readonly clock: Clock;
}

export interface Ingested {
  readonly eventCount: number;
  readonly segmentCount: number;
  readonly quarantinedCount: number;
}

/**
 * Takes a batch of messages, each one CloudEvent or a JSON array of them, in an envelope or not. When it returns, every event
 * is in the usage log or in the quarantine, and the batch may be acknowledged. A bad event never holds up its neighbours.
 * @param batchId a name that no batch ever had; a batch that comes again under another name is stored again and folded once
 * @throws whatever the stores throw; the whole batch may then be taken again
 */
export async function ingestUsage(
  ports: IngestPorts,
  settings: Settings,
  batchId: string,
  messages: readonly { readonly id: string; readonly body: string }[],
): Promise<Ingested> {
  const now = await ports.clock.now();
  const read = messages.map(({ id, body }) => readMessage(id, body, settings, now));
  const events = read.flatMap((message) => message.events);
  const bad = read.flatMap((message) => message.bad);
  const places = groupByPlace(events, settings.shards);
  const segments = places.flatMap(({ place, members }) => packSegments(place, members, batchId));
  if (segments.length > 0) await ports.usageLog.putSegments(segments);
  // The mark comes after the segments: a folder that removes it has seen them.
  if (places.length > 0)
    await ports.usageLog.putMarks(places.map(({ place }) => ({ ...place, value: batchId })));
  // Last: should a flood of bad messages take too long, the good events are safe already.
  if (bad.length > 0) await ports.quarantine.put(bad);
  return { eventCount: events.length, segmentCount: segments.length, quarantinedCount: bad.length };
}

/** How many faults of one message are spelled out; a message of thousands of bad events needs no longer list. */
const maxReasons = 20;
/** A reason is stored in one item. */
const maxReasonLength = 400;

function readMessage(
  id: string,
  body: string,
  settings: Settings,
  now: Instant,
): { events: UsageEvent[]; bad: QuarantineEntry[] } {
  const held = readUsageMessage(body);
  if ("refused" in held) return { events: [], bad: [quarantined(id, body, now, [held.refused])] };
  const events: UsageEvent[] = [];
  const reasons: string[] = [];
  held.values.forEach((value, index) => {
    const event = acceptEvent(value, settings, now);
    if ("refused" in event)
      reasons.push(held.isBatch ? `event ${index + 1}: ${event.refused}` : event.refused);
    else events.push(event);
  });
  return { events, bad: reasons.length === 0 ? [] : [quarantined(id, body, now, reasons)] };
}

/** The whole message is kept, to the byte: its good events are counted, and once only when the mended message comes again. */
function quarantined(
  messageId: string,
  body: string,
  now: Instant,
  reasons: readonly string[],
): QuarantineEntry {
  const more = reasons.length > maxReasons ? [`and ${reasons.length - maxReasons} more`] : [];
  return {
    id: `usage:${createHash("sha256").update(body).digest("hex").slice(0, 32)}`,
    quarantinedAt: now,
    door: "usage",
    reason: `message ${messageId}: ${[...reasons.slice(0, maxReasons).map((reason) => shortened(reason, maxReasonLength)), ...more].join("; ")}`,
    body,
  };
}

function groupByPlace(
  events: readonly UsageEvent[],
  shards: Settings["shards"],
): { place: HourShard; members: UsageEvent[] }[] {
  const groups: { place: HourShard; members: UsageEvent[] }[] = [];
  // Looked up once for a subject and hour: naming its shard takes a hash.
  const bySubject = new Map<UtcHour, Map<string, UsageEvent[]>>();
  for (const event of events) {
    const hour = hourOf(event.at);
    const subjects = bySubject.get(hour) ?? new Map<string, UsageEvent[]>();
    const members = subjects.get(event.subject) ?? membersOf(groups, hour, event.subject, shards);
    members.push(event);
    bySubject.set(hour, subjects.set(event.subject, members));
  }
  return groups;
}

function membersOf(
  groups: { place: HourShard; members: UsageEvent[] }[],
  hour: UtcHour,
  subject: string,
  shards: Settings["shards"],
): UsageEvent[] {
  const shard = shardOf(subject, shardCount(shards, hour));
  const known = groups.find(({ place }) => place.hour === hour && place.shard === shard);
  if (known !== undefined) return known.members;
  const members: UsageEvent[] = [];
  groups.push({ place: { hour, shard }, members });
  return members;
}
