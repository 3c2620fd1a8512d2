import { describe, expect, test } from "vitest";
import { at, hour } from "../memory/example.ts";
import { memoryShardHistory } from "../memory/shard-history.ts";
import { fixedClock } from "../time/clock.ts";
import type { UtcHour } from "../time/utc-hour.ts";
import { keepShards, ShardsContradictError, shardKeeper } from "./shard-history.ts";

const now = at("2026-08-20T14:30:00Z");
const first = { fromHour: 0 as UtcHour, count: 4 };
const doubled = { fromHour: hour("2026-08-20T17"), count: 8 };

describe("the list of shards", () => {
  test("is noted when usage first comes, and may be appended to two hours ahead", async () => {
    const history = memoryShardHistory();
    await keepShards(history, [first], now);
    expect(await history.load()).toEqual([first]);
    await keepShards(history, [first, doubled], now);
    await keepShards(history, [first, doubled], at("2026-08-21T00:00:00Z"));
    expect(await history.load()).toEqual([first, doubled]);
  });

  test("may not begin sooner, since functions with the old list still store usage of that hour", async () => {
    const history = memoryShardHistory();
    await keepShards(history, [first], now);
    const soon = { ...doubled, fromHour: hour("2026-08-20T16") };
    await expect(keepShards(history, [first, soon], now)).rejects.toThrow(
      /new line from 2026-08-20T16, which is too soon.*from 2026-08-20T17 on/,
    );
    expect(await history.load()).toEqual([first]);
  });

  test.each([
    ["lost a line by which usage lies in the log", [first]],
    ["moved one", [first, { ...doubled, fromHour: hour("2026-08-20T18") }]],
    ["changed a count", [{ ...first, count: 8 }, doubled]],
  ])("is refused when it %s", async (_, changed) => {
    const history = memoryShardHistory();
    await keepShards(history, [first, doubled], now);
    const kept = keepShards(history, changed, at("2026-08-20T17:00:00Z"));
    await expect(kept).rejects.toThrow(ShardsContradictError);
    await expect(kept).rejects.toThrow(/Append lines, change none/);
  });

  test("of a function that is older than a new line is good until that line begins, and no longer", async () => {
    const history = memoryShardHistory();
    await keepShards(history, [first, doubled], now);
    await keepShards(history, [first], at("2026-08-20T16:59:59Z"));
    expect(await history.load()).toEqual([first, doubled]);
    await expect(keepShards(history, [first], at("2026-08-20T17:00:00Z"))).rejects.toThrow(
      ShardsContradictError,
    );
  });

  test("is looked at again by a function that lives on, not at every batch", async () => {
    const history = memoryShardHistory();
    let loads = 0;
    const counting = {
      ...history,
      load() {
        loads += 1;
        return history.load();
      },
    };
    const keep = shardKeeper(counting, [first], fixedClock(now));
    await keep();
    await keep();
    expect(loads).toBe(1);
    const time = { now };
    const moving = shardKeeper(counting, [first], { now: () => Promise.resolve(time.now) });
    await moving();
    time.now = at("2026-08-20T15:00:00Z");
    await moving();
    expect(loads).toBe(3);
  });
});
