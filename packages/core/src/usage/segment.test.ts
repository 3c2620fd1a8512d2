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
function forged(version: number, content: unknown): Segment {
  const body = deflateRawSync(JSON.stringify(content));
  const header = Buffer.alloc(5);
  header.writeUInt8(version, 0);
  header.writeUInt32BE(crc32(body), 1);
  return { ...place, id: "s-1", eventCount: 1, bytes: Buffer.concat([header, body]) };
}

/** What version 1 wrote, before there was version 2. */
const storedAsVersion1 = `
AVooBr11jE0OgjAYRO8y6yFpy59wldIQkE8kAUlKoybGA3kOL2ZAXbjwLWfezA1BrmFBaTE1wygexBgpbeIkzfJd0bT7Tg4g5CynsNTDqZclSAfCOhB9Wy9h
9u/AVgjSTBVYoffzJRwrOLc9GrjvB0prFTH7TnyU5FqDmoYxoU2qVkAdF1op5fhjmudjdROmRKTBTw9mTLa9+gMYp8WKc/cX`;
const heldByVersion1: readonly UsageEvent[] = [
  {
    ...{ source: "mailer", id: "order-4711", subject: "l-0123456789abcdef", dimension: "events_ingested" },
    ...{ tagSet: "[]" as TagSet, quantity: microUnits(12_500_000n), at: laterBy(start, 1_391_000) },
  },
  {
    ...{ source: "mailer", id: "order-4712é", subject: "l-0123456789abcdef", dimension: "gb_stored" },
    ...{ tagSet: '[["team","growth"]]' as TagSet, quantity: microUnits(-1n), at: start },
  },
  {
    ...{ source: "mailer", id: "", subject: "l-2", dimension: "gb_stored" },
    ...{ tagSet: "[]" as TagSet, quantity: microUnits(10n ** 24n), at: laterBy(start, hourMs - 1) },
  },
];

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
    expect(segmentHeader({ bytes })).toEqual({ formatVersion: 2, checksumFits: true });
    expect(segmentHeader({ bytes: bytes.subarray(0, -1) })).toEqual({
      formatVersion: 2,
      checksumFits: false,
    });
    expect(segmentHeader({ bytes: bytes.subarray(0, 4) })).toEqual({
      formatVersion: undefined,
      checksumFits: false,
    });
  });

  test("of version 1 is read as it was written", () => {
    const bytes = Buffer.from(storedAsVersion1, "base64");
    const segment = { ...place, id: "b-1-0", eventCount: 3, bytes };
    expect(segmentHeader(segment)).toEqual({ formatVersion: 1, checksumFits: true });
    expect(unpackSegment(segment)).toEqual(heldByVersion1);
    expect(only(packSegments(place, heldByVersion1, "b-1")).bytes).not.toEqual(bytes);
  });

  const rows = { texts: ["a"], events: [[0, "id", 0, 0, 0, "1", 0]] };
  const columns = {
    ...{ texts: ["a"], source: [0], id: ["id"], subject: [0], dimension: [0] },
    ...{ tagSet: [0], quantity: ["1"], offsetMs: [0] },
  };

  test("is made of rows in version 1 and of columns in version 2", () => {
    const event = { ...{ source: "a", id: "id", subject: "a", dimension: "a" }, tagSet: "a", quantity: 1n };
    expect(unpackSegment(forged(1, rows))).toEqual([{ ...event, at: start }]);
    expect(unpackSegment(forged(2, columns))).toEqual([{ ...event, at: start }]);
  });

  test.each<[string, number, unknown]>([
    ["something else", 1, { ...rows, events: "no" }],
    ["nothing", 1, null],
    ["a text that is not there", 1, { ...rows, events: [[0, "id", 0, 0, 1, "1", 0]] }],
    ["a text that is none", 1, { ...rows, texts: [7] }],
    ["an amount that is none", 1, { ...rows, events: [[0, "id", 0, 0, 0, "1.5", 0]] }],
    ["half a millisecond", 1, { ...rows, events: [[0, "id", 0, 0, 0, "1", 0.5]] }],
    ["a row too short", 1, { ...rows, events: [[0, "id", 0, 0, 0, "1"]] }],
    ["a row too long", 1, { ...rows, events: [[0, "id", 0, 0, 0, "1", 0, 0]] }],
    ["what version 2 holds", 1, columns],
    ["what version 1 holds", 2, rows],
    ["rows of a version there never was", 3, rows],
    ["nothing", 2, null],
    ["a text", 2, "no"],
    ["a text that is not there", 2, { ...columns, tagSet: [1] }],
    ["a text between two others", 2, { ...columns, source: [0.5] }],
    ["a text that is none", 2, { ...columns, texts: [7] }],
    ["an id that is none", 2, { ...columns, id: [7] }],
    ["an amount that is none", 2, { ...columns, quantity: ["1.5"] }],
    ["an amount that is no text", 2, { ...columns, quantity: [1] }],
    ["half a millisecond", 2, { ...columns, offsetMs: [0.5] }],
    ["a time that is no number", 2, { ...columns, offsetMs: ["0"] }],
    ...Object.keys(columns)
      .filter((name) => name !== "texts")
      .flatMap((name): [string, number, unknown][] => [
        [`no ${name}`, 2, { ...columns, [name]: undefined }],
        [`one ${name} too few`, 2, { ...columns, [name]: [] }],
        [
          `one ${name} too many`,
          2,
          { ...columns, [name]: ["id", "quantity"].includes(name) ? ["1", "1"] : [0, 0] },
        ],
      ]),
  ])("that holds %s (version %i) is found damaged", (_, version, content) => {
    expect(() => unpackSegment(forged(version, content))).toThrow(SegmentDamagedError);
  });
});
