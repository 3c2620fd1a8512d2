import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import * as z from "zod";
import { microUnits } from "../quantity/micro-units.ts";
import { instant } from "../time/instant.ts";
import { formatHour, hourStart } from "../time/utc-hour.ts";
import type { HourShard } from "./shard.ts";
import type { TagSet, UsageEvent } from "./usage-event.ts";

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
const formatVersion = 1;
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
  const body = deflateRawSync(JSON.stringify(toColumns(place, events)));
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
  if (header.formatVersion !== formatVersion) throw new SegmentDamagedError(segment, "has an unknown format");
  if (!header.checksumFits) throw new SegmentDamagedError(segment, "does not match its checksum");
  try {
    const text = inflateRawSync(segment.bytes.subarray(headerBytes), {
      maxOutputLength: maxInflatedBytes,
    }).toString();
    return fromColumns(segment, columnsSchema.parse(JSON.parse(text)));
  } catch (error) {
    throw new SegmentDamagedError(segment, "holds something else than usage events", error);
  }
}

/** Strings that recur are listed once; an event names them by their place. */
interface Columns {
  readonly texts: readonly string[];
  readonly events: readonly Row[];
}

type Row = readonly [
  source: number,
  id: string,
  subject: number,
  dimension: number,
  tagSet: number,
  quantity: string,
  offsetMs: number,
];

/** A schema for every row would cost more than all the rest of reading a segment; its checksum is right already. */
const columnsSchema = z.object({
  texts: z.array(z.string()),
  events: z.custom<readonly Row[]>((value) => Array.isArray(value) && value.every(isRow)),
});

const rowTypes = ["number", "string", "number", "number", "number", "string", "number"];
function isRow(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== rowTypes.length) return false;
  for (let place = 0; place < rowTypes.length; place += 1)
    if (typeof value[place] !== rowTypes[place]) return false;
  return true;
}

function toColumns({ hour }: HourShard, events: readonly UsageEvent[]): Columns {
  const places = new Map<string, number>();
  const place = (text: string): number => {
    const known = places.get(text) ?? places.size;
    places.set(text, known);
    return known;
  };
  const start = hourStart(hour);
  const rows = events.map(({ source, id, subject, dimension, tagSet, quantity, at }): Row => [
    place(source),
    id,
    place(subject),
    place(dimension),
    place(tagSet),
    quantity.toString(),
    at - start,
  ]);
  return { texts: [...places.keys()], events: rows };
}

function fromColumns(segment: Segment, { texts, events }: Columns): UsageEvent[] {
  const text = (place: number): string => {
    const found = texts[place];
    if (found === undefined) throw new SegmentDamagedError(segment, "names a text that it does not hold");
    return found;
  };
  const start = hourStart(segment.hour);
  return events.map(([source, id, subject, dimension, tagSet, quantity, offsetMs]) => ({
    source: text(source),
    id,
    subject: text(subject),
    dimension: text(dimension),
    tagSet: text(tagSet) as TagSet,
    quantity: microUnits(BigInt(quantity)),
    at: instant(start + offsetMs),
  }));
}
