import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hour } from "../memory/example.ts";
import { hoursLater, type UtcHour } from "../time/utc-hour.ts";
import { maxShardCount, neighboursOf, shardCount, shardOf } from "./shard.ts";

describe("shards", () => {
  const changes = [
    { fromHour: hour("2026-08-20T14"), count: 4 },
    { fromHour: hour("2026-08-21T00"), count: 8 },
    { fromHour: hour("2026-08-22T00"), count: 16 },
  ];

  test.each([
    ["2026-01-01T00", 4],
    ["2026-08-20T23", 4],
    ["2026-08-21T00", 8],
    ["2026-08-21T23", 8],
    ["2030-01-01T00", 16],
  ])("of hour %s are %d, and a later change never alters that", (text, count) => {
    expect(shardCount(changes, hour(text))).toBe(count);
    const more = [...changes, { fromHour: hour("2031-01-01T00"), count: 32 }];
    expect(shardCount(more, hour(text))).toBe(count);
    expect(maxShardCount(more)).toBe(32);
  });

  test("a subject stays in its shard or in the one that splits off it when the count doubles", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 9 }), (subject, power) => {
        const count = 2 ** power;
        const shard = shardOf(subject, count);
        expect(shard >= 0 && shard < count).toBe(true);
        expect([shard, shard + count]).toContain(shardOf(subject, count * 2));
      }),
    );
  });

  test("are filled evenly", () => {
    const filled = new Array<number>(8).fill(0);
    for (let index = 0; index < 8_000; index += 1) {
      const shard = shardOf(`subject-${index}`, 8);
      filled[shard] = (filled[shard] ?? 0) + 1;
    }
    expect(Math.min(...filled)).toBeGreaterThan(850);
    expect(Math.max(...filled)).toBeLessThan(1_150);
  });
});

describe("the hour-shards around one", () => {
  const doubling = [
    { fromHour: 0 as UtcHour, count: 2 },
    { fromHour: hour("2026-08-20T14"), count: 4 },
  ];

  test("hold every subject that it holds, before and after the count was doubled", () => {
    const subjects = Array.from({ length: 200 }, (_, index) => `subject-${index}`);
    for (const of of [hour("2026-08-20T13"), hour("2026-08-20T14")])
      for (const subject of subjects) {
        const place = { hour: of, shard: shardOf(subject, shardCount(doubling, of)) };
        const around = neighboursOf(place, doubling, 2);
        for (const other of [-2, -1, 1, 2].map((by) => hoursLater(of, by)))
          expect(around).toContainEqual({
            hour: other,
            shard: shardOf(subject, shardCount(doubling, other)),
          });
      }
  });

  test("are as many hours before and after as asked for, and none of its own", () => {
    const around = neighboursOf({ hour: hour("2026-08-25T14"), shard: 3 }, doubling, 6);
    expect(around).toHaveLength(12);
    expect(around.some(({ hour: of }) => of === hour("2026-08-25T14"))).toBe(false);
    expect(neighboursOf({ hour: hour("2026-08-25T14"), shard: 3 }, doubling, 0)).toEqual([]);
  });
});
