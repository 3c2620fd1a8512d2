import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import { formatHour, type UtcHour } from "../time/utc-hour.ts";
import { columnsOf, eventsOfColumns } from "./segment-columns.ts";
import { eventsOfRows } from "./segment-rows.ts";
import type { HourShard } from "./shard.ts";
import type { UsageEvent } from "./usage-event.ts";

/** A packed batch of usage events of one hour and shard. The format is described in docs/usage-segment.md. */
export interface Segment extends HourShard {
  /** Unique within its hour and shard, made of the batch it came in and its place there. */
  readonly id: string;
  readonly eventCount: number;
  readonly bytes: Uint8Array;
}

/** How people name a segment: `2026-08-20T14/3/<id>`. */
export const segmentKey = ({ hour, shard, id }: HourShard & { readonly id: string }): string =>
  `${formatHour(hour)}/${shard}/${id}`;

/** A DynamoDB item holds 400 KB, keys and attributes included. */
export const maxSegmentBytes = 350_000;
const headerBytes = 5;
const formatVersion = 2;
/** What is written can be read for as long as a segment is kept. */
const readers = new Map<number, (hour: UtcHour, content: unknown) => UsageEvent[]>([
  [1, eventsOfRows],
  [formatVersion, eventsOfColumns],
]);
/** Less than half the time of zlib's usual level 6 for 5 % more bytes: packing is among what ingest spends most on. */
const compressionLevel = 1;
/** Inflated, a segment may not be larger than this; it guards the reader against a damaged or hostile item. */
const maxInflatedBytes = 64 * 1024 * 1024;

/** @throws Error naming the segment when its bytes are not what was written */
export class SegmentDamagedError extends Error {
  readonly code = "segment-damaged";
  constructor(segment: HourShard & { id: string }, what: string, cause?: unknown) {
    super(`Segment ${segmentKey(segment)} ${what}. Restore it before folding that hour.`, { cause });
    this.name = "SegmentDamagedError";
  }
}

/** Packs events of one hour and shard into as many segments as it takes to keep each within an item. */
export function packSegments(place: HourShard, events: readonly UsageEvent[], batchId: string): Segment[] {
  return pack(place, events).map((part, index) => ({
    ...place,
    id: `${batchId}-${index}`,
    eventCount: part.eventCount,
    bytes: part.bytes,
  }));
}

function pack(place: HourShard, events: readonly UsageEvent[]): { eventCount: number; bytes: Uint8Array }[] {
  const body = deflateRawSync(JSON.stringify(columnsOf(place.hour, events)), { level: compressionLevel });
  if (body.length + headerBytes <= maxSegmentBytes || events.length === 1) {
    const header = Buffer.alloc(headerBytes);
    header.writeUInt8(formatVersion, 0);
    header.writeUInt32BE(crc32(body), 1);
    return [{ eventCount: events.length, bytes: Buffer.concat([header, body]) }];
  }
  const half = Math.ceil(events.length / 2);
  return [...pack(place, events.slice(0, half)), ...pack(place, events.slice(half))];
}

/** What a segment says of itself before its events. */
export function segmentHeader({ bytes }: Pick<Segment, "bytes">): {
  /** `undefined` when there is none. */
  readonly formatVersion: number | undefined;
  readonly checksumFits: boolean;
} {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hasHeader = whole.length >= headerBytes;
  return {
    formatVersion: hasHeader ? whole.readUInt8(0) : undefined,
    checksumFits: hasHeader && whole.readUInt32BE(1) === crc32(whole.subarray(headerBytes)),
  };
}

/** @throws SegmentDamagedError when the version is unknown, the checksum is wrong or the content is not what was packed */
export function unpackSegment(segment: Segment): UsageEvent[] {
  const header = segmentHeader(segment);
  const read = readers.get(header.formatVersion ?? 0);
  if (read === undefined) throw new SegmentDamagedError(segment, "has an unknown format");
  if (!header.checksumFits) throw new SegmentDamagedError(segment, "does not match its checksum");
  try {
    const text = inflateRawSync(segment.bytes.subarray(headerBytes), {
      maxOutputLength: maxInflatedBytes,
    }).toString();
    return read(segment.hour, JSON.parse(text));
  } catch (error) {
    throw new SegmentDamagedError(segment, "holds something else than usage events", error);
  }
}
