import { hour } from "@tollhouse/core/memory/example";
import type { Segment } from "@tollhouse/core/usage/segment";
import type { UsageLog } from "@tollhouse/core/usage/usage-log";
import { describe, expect, test } from "vitest";

const place = { hour: hour("2026-08-20T14"), shard: 3 };

const segment = (id: string, eventCount = 1, bytes = new Uint8Array([0, 1, 255])): Segment => ({
  ...place,
  id,
  eventCount,
  bytes,
});

const ids = ({ segments }: { readonly segments: readonly Segment[] }) => segments.map(({ id }) => id);
const none = { segments: [], complete: true };

/** What every UsageLog promises. */
export function usageLogContract(make: () => Promise<UsageLog>): void {
  describe("segments", () => {
    test("are read back to the byte, and only in their own hour and shard", async () => {
      const log = await make();
      const bytes = Uint8Array.from({ length: 350_000 }, (_, index) => index % 251);
      await log.putSegments([segment("s-1", 7, bytes)]);
      const { segments } = await log.unfolded(place, new Set(), 100);
      const [read] = segments;
      expect(read).toMatchObject({ ...place, id: "s-1", eventCount: 7 });
      expect(Buffer.from(read?.bytes ?? []).equals(Buffer.from(bytes))).toBe(true);
      expect(await log.unfolded({ ...place, shard: 4 }, new Set(), 100)).toEqual(none);
      expect(await log.unfolded({ ...place, hour: hour("2026-08-20T15") }, new Set(), 100)).toEqual(none);
    });

    test("that were folded are skipped, the others come in the order of their ids", async () => {
      const log = await make();
      await log.putSegments([segment("s-3"), segment("s-1"), segment("s-2"), segment("s-4")]);
      expect(ids(await log.unfolded(place, new Set(["s-2"]), 100))).toEqual(["s-1", "s-3", "s-4"]);
      expect(await log.unfolded(place, new Set(["s-1", "s-2", "s-3", "s-4"]), 100)).toEqual(none);
    });

    test("come until they hold as many events as asked for, but always one", async () => {
      const log = await make();
      await log.putSegments([segment("s-1", 60), segment("s-2", 40), segment("s-3", 1)]);
      expect(ids(await log.unfolded(place, new Set(), 100))).toEqual(["s-1", "s-2"]);
      expect(ids(await log.unfolded(place, new Set(), 99))).toEqual(["s-1"]);
      expect(ids(await log.unfolded(place, new Set(), 1))).toEqual(["s-1"]);
      expect(ids(await log.unfolded(place, new Set(["s-1"]), 40))).toEqual(["s-2"]);
    });

    test("are found by hour, shard and id, and by nothing else", async () => {
      const log = await make();
      await log.putSegments([segment("s-1", 7), segment("s-2")]);
      expect(await log.segment(place, "s-1")).toEqual(segment("s-1", 7));
      expect(await log.segment(place, "s-")).toBeUndefined();
      expect(await log.segment({ ...place, shard: 4 }, "s-1")).toBeUndefined();
      expect(await log.segment({ ...place, hour: hour("2026-08-20T15") }, "s-1")).toBeUndefined();
    });

    test("of more than one page and one write are all there", async () => {
      const log = await make();
      const many = Array.from({ length: 40 }, (_, index) =>
        segment(`s-${String(index).padStart(2, "0")}`, 1, new Uint8Array(100_000).fill(index)),
      );
      await log.putSegments(many);
      expect(ids(await log.unfolded(place, new Set(), 1_000))).toEqual(many.map(({ id }) => id));
    });

    test("storing a segment again changes nothing", async () => {
      const log = await make();
      await log.putSegments([segment("s-1")]);
      await log.putSegments([segment("s-1")]);
      expect(ids(await log.unfolded(place, new Set(), 100))).toEqual(["s-1"]);
    });
  });

  describe("a mark", () => {
    const mark = (text: string, value: string, shard = 3) => ({ hour: hour(text), shard, value });

    test("is found under its shard up to the hour asked for, oldest first", async () => {
      const log = await make();
      const marks = [
        mark("2026-08-20T15", "a"),
        mark("2026-08-20T13", "b"),
        mark("2026-08-20T14", "c"),
        mark("2026-08-20T14", "d", 4),
      ];
      await log.putMarks(marks);
      expect(await log.marks(3, hour("2026-08-20T14"))).toEqual([
        mark("2026-08-20T13", "b"),
        mark("2026-08-20T14", "c"),
      ]);
      expect(await log.marks(4, hour("2026-08-20T20"))).toEqual([mark("2026-08-20T14", "d", 4)]);
      expect(await log.marks(5, hour("2026-08-20T20"))).toEqual([]);
    });

    test("is removed only if it still has the value that was read", async () => {
      const log = await make();
      const read = mark("2026-08-20T14", "first");
      await log.putMarks([read]);
      await log.putMarks([mark("2026-08-20T14", "second")]);
      await log.removeMark(read);
      expect(await log.marks(3, place.hour)).toEqual([mark("2026-08-20T14", "second")]);
      await log.removeMark(mark("2026-08-20T14", "second"));
      expect(await log.marks(3, place.hour)).toEqual([]);
    });

    test("that is gone may be removed again", async () => {
      const log = await make();
      await log.removeMark(mark("2026-08-20T14", "never there"));
      expect(await log.marks(3, place.hour)).toEqual([]);
    });
  });
}
