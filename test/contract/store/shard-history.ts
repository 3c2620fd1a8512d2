import { hour } from "@tollhouse/core/memory/example";
import type { ShardHistory } from "@tollhouse/core/usage/shard-history";
import { describe, expect, test } from "vitest";

const lines = [
  { fromHour: hour("1970-01-01T00"), count: 4 },
  { fromHour: hour("2026-08-20T14"), count: 8 },
];

/** What every ShardHistory promises. */
export function shardHistoryContract(make: () => Promise<ShardHistory>): void {
  describe("the history of shards", () => {
    test("is read back as it was stored, over what was loaded and nothing else", async () => {
      const history = await make();
      expect(await history.load()).toBeUndefined();
      expect(await history.store(lines, lines.slice(0, 1))).toBe(false);
      expect(await history.store(lines.slice(0, 1), undefined)).toBe(true);
      expect(await history.store(lines, undefined)).toBe(false);
      expect(await history.store(lines, lines.slice(0, 1))).toBe(true);
      expect(await history.load()).toEqual(lines);
    });
  });
}
