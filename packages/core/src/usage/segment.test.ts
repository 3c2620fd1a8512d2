import { createHash } from "node:crypto";
import { crc32, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hour } from "../memory/example.ts";
import { microUnits } from "../quantity/micro-units.ts";
import { hourMs, laterBy } from "../time/instant.ts";
import { hourStart } from "../time/utc-hour.ts";
import {
  maxSegmentBytes,
  packSegments,
  type Segment,
  SegmentDamagedError,
  segmentHeader,
  unpackSegment,
} from "./segment.ts";
import type { TagSet, UsageEvent } from "./usage-event.ts";

const place = { hour: hour("2026-08-20T14"), shard: 3 };
const start = hourStart(place.hour);

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const anyEvent: fc.Arbitrary<UsageEvent> = fc.record({
  source: text,
  id: text,
  subject: text,
  dimension: text,
  tagSet: text.map((value) => value as TagSet),
  quantity: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(microUnits),
  at: fc.integer({ min: 0, max: hourMs - 1 }).map((ms) => laterBy(start, ms)),
});

/** Events whose ids compression cannot shorten. */
const many = (count: number): UsageEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    source: "/a",
    id: createHash("sha256").update(String(index)).digest("base64"),
    subject: "l-1",
    dimension: "d",
    tagSet: "[]" as TagSet,
    quantity: microUnits(BigInt(index)),
    at: start,
  }));

const only = (segments: readonly Segment[]): Segment => {
  const [first, second] = segments;
  if (first === undefined || second !== undefined) throw new Error("not exactly one");
  return first;
};

/** A segment that says what it is not supposed to, with a checksum that is right. */
function forged(content: unknown): Segment {
  const body = deflateRawSync(JSON.stringify(content));
  const header = Buffer.alloc(5);
  header.writeUInt8(1, 0);
  header.writeUInt32BE(crc32(body), 1);
  return { ...place, id: "s-1", eventCount: 1, bytes: Buffer.concat([header, body]) };
}

describe("a segment", () => {
  test("gives back exactly the events that were packed, in their order", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 50 }), (events) => {
        const segment = only(packSegments(place, events, "b-1"));
        expect(segment).toMatchObject({ ...place, id: "b-1-0", eventCount: events.length });
        expect(unpackSegment(segment)).toEqual(events);
      }),
    );
  });

  test("that would not fit an item is split, and nothing is lost between the parts", () => {
    const events = many(30_000);
    const segments = packSegments(place, events, "b-1");
    expect(segments.length).toBeGreaterThan(1);
    expect(Math.max(...segments.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(maxSegmentBytes);
    expect(new Set(segments.map(({ id }) => id)).size).toBe(segments.length);
    expect(segments.flatMap(unpackSegment)).toEqual(events);
    expect(segments.reduce((sum, { eventCount }) => sum + eventCount, 0)).toBe(events.length);
  });

  test("with any single bit changed is found damaged, by name", () => {
    const segment = only(packSegments(place, many(3), "b-1"));
    for (let bit = 0; bit < segment.bytes.length * 8; bit += 1) {
      const bytes = Uint8Array.from(segment.bytes);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => unpackSegment({ ...segment, bytes })).toThrow(SegmentDamagedError);
    }
    const short = { ...segment, bytes: segment.bytes.subarray(0, -1) };
    expect(() => unpackSegment(short)).toThrow(/Segment 2026-08-20T14\/3\/b-1-0 does not match/);
    expect(() => unpackSegment({ ...segment, bytes: new Uint8Array() })).toThrow(SegmentDamagedError);
  });

  test("says its format and whether its checksum fits, however damaged it is", () => {
    const { bytes } = only(packSegments(place, many(3), "b-1"));
    expect(segmentHeader({ bytes })).toEqual({ formatVersion: 1, checksumFits: true });
    expect(segmentHeader({ bytes: bytes.subarray(0, -1) })).toEqual({
      formatVersion: 1,
      checksumFits: false,
    });
    expect(segmentHeader({ bytes: bytes.subarray(0, 4) })).toEqual({
      formatVersion: undefined,
      checksumFits: false,
    });
  });

  test.each([
    ["something else", { events: "no" }],
    ["a text that is not there", { texts: ["a"], events: [[0, "id", 0, 0, 1, "1", 0]] }],
    ["an amount that is none", { texts: ["a"], events: [[0, "id", 0, 0, 0, "1.5", 0]] }],
    ["half a millisecond", { texts: ["a"], events: [[0, "id", 0, 0, 0, "1", 0.5]] }],
  ])("that holds %s is found damaged", (_, content) => {
    expect(() => unpackSegment(forged(content))).toThrow(SegmentDamagedError);
  });
});
