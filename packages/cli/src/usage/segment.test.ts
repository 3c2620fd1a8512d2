import { example, hour, licenseArn, licenseId } from "@tollhouse/core/memory/example";
import { usage } from "@tollhouse/core/memory/meter";
import { segmentKey } from "@tollhouse/core/usage/segment";
import { parseUsageEvent } from "@tollhouse/core/usage/usage-event";
import { describe, expect, test } from "vitest";
import { exampleMeter, shownAt } from "../example-source.ts";
import { segmentNamed } from "./segment-name.ts";
import { showSegment } from "./segment.ts";

const plain = { withEvents: false, limit: 50 };

async function stored(change: { readonly bytes?: number; readonly eventCount?: number } = {}) {
  const meter = exampleMeter();
  await meter.record(example.licenseUpdated("f-1", "2026-08-20T12:00:00Z"));
  await meter.ingest([
    usage("e-1", "2026-08-20T14:05:00Z", "4"),
    usage("e-1", "2026-08-20T14:05:00Z", "4"),
    usage("e-2", "2026-08-20T14:06:00Z", "0.000001", { subject: licenseArn.replace("license-", "licence-") }),
  ]);
  const held = meter.usageLog.contents().segments.find(({ eventCount }) => eventCount > 1);
  if (held === undefined) throw new Error("nothing was stored");
  const { bytes = held.bytes.length, eventCount = held.eventCount } = change;
  const segment = { ...held, eventCount, bytes: held.bytes.slice(0, bytes) };
  await meter.usageLog.putSegments([segment]);
  return { ...meter, segment, key: segmentKey(segment) };
}

describe("usage segment", () => {
  test("shows what is inside, by subject and dimension", async () => {
    const { source, key, segment } = await stored();
    const answer = await showSegment(source, segmentNamed(key), plain);
    expect(answer.data).toMatchObject({
      segment: {
        ...{ key, hour: "2026-08-20T14", shard: segment.shard, id: segment.id, formatVersion: 2 },
        ...{ checksumFits: true, bytes: segment.bytes.length, eventCount: segment.eventCount },
        totals: [{ subject: licenseId, dimension: "gb_stored", events: 2, units: "8" }],
      },
    });
    expect(answer.data.segment).not.toHaveProperty("damage");
    expect(answer.data).not.toHaveProperty("events");
    expect(answer.isWrong).toBe(false);
    for (const line of shownAt(80, answer).split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(shownAt(80, answer)).toMatch(/checksum +fits/);
  });

  test("gives every event as the CloudEvent that was sent, when asked for", async () => {
    const { source, key } = await stored();
    const answer = await showSegment(source, segmentNamed(key), { ...plain, withEvents: true });
    const sent = usage("e-1", "2026-08-20T14:05:00Z", "4");
    expect(answer.data.events?.map(parseUsageEvent)).toEqual([parseUsageEvent(sent), parseUsageEvent(sent)]);
    expect(shownAt(120, answer).match(/\/example\/e-1/g)).toHaveLength(2);
  });

  test.each<[string, Parameters<typeof stored>[0], RegExp]>([
    ["cut off", { bytes: 60 }, /does not match its checksum/],
    ["as good as empty", { bytes: 3 }, /unknown format/],
    ["of another count", { eventCount: 9 }, /holds 2 events, and 9 are noted/],
  ])("that is %s is wrong, with the reason and all that can be known", async (_, change, reason) => {
    const { source, key } = await stored(change);
    const answer = await showSegment(source, segmentNamed(key), { ...plain, withEvents: true });
    expect(answer.isWrong).toBe(true);
    expect(answer.data.segment.damage).toMatch(reason);
    expect(answer.data).toMatchObject({ events: [], segment: { key, totals: [] } });
    expect(shownAt(200, answer)).toMatch(reason);
  });

  test("refuses what is not there", async () => {
    const { source, key } = await stored();
    await expect(showSegment(source, segmentNamed(`${key}9`), plain)).rejects.toMatchObject({
      code: "not-found",
    });
  });
});

describe("a segment's name", () => {
  const named = { place: { hour: hour("2026-08-20T14"), shard: 13 }, id: "5f0c#7c/5e-0" };
  test.each([
    "2026-08-20T14/13/5f0c#7c/5e-0",
    " 2026-08-20T14/13/5f0c#7c/5e-0 ",
    "USAGE#2026-08-20T14#13 SEGMENT#5f0c#7c/5e-0",
    "USAGE#2026-08-20T14#13/SEGMENT#5f0c#7c/5e-0",
    "USAGE#2026-08-20T14#13 | SEGMENT#5f0c#7c/5e-0",
  ])("may be written %j", (text) => {
    expect(segmentNamed(text)).toEqual(named);
  });

  test.each(["", "x", "2026-08-20T14", "2026-08-20T14/3", "2026-08-20T25/3/a", "2026-08-20T14/x/a"])(
    "is not %j",
    (text) => {
      expect(() => segmentNamed(text)).toThrow(expect.objectContaining({ code: "wrong-usage" }));
    },
  );
});
