import { createHash } from "node:crypto";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { at, hour } from "@tollhouse/core/memory/example";
import { neverFolded } from "@tollhouse/core/metering/fold-state";
import type { FoldPlan, FoldState, FoldStore } from "@tollhouse/core/metering/store";
import { microUnits } from "@tollhouse/core/quantity/micro-units";
import type { TagSet } from "@tollhouse/core/usage/usage-event";
import { describe, expect, test } from "vitest";

const place = { hour: hour("2026-08-20T14"), shard: 3 };
const beyondFloats = microUnits(9_007_199_254_740_993_000_001n);

const plan = (id: string, segmentIds: readonly string[], accounts = ["l-1"]): FoldPlan => ({
  ...place,
  id,
  segmentIds,
  tally: { eventCount: 2, units: microUnits(5n), repeatCount: 1, repeatedUnits: beyondFloats },
  coversUntil: at("2026-08-20T15:20:00Z"),
  postings: accounts.map((account) => ({
    book: { subscriptionId: account as SubscriptionId, dimension: "gb_stored" },
    hour: place.hour,
    amounts: new Map([
      ['[["team","a"]]' as TagSet, beyondFloats],
      ["[]" as TagSet, microUnits(-1n)],
    ]),
  })),
});

const nothing = new Map<string, number>();

const digests = (count: number, salt = "") =>
  new Map(
    Array.from({ length: count }, (_, index) => {
      const name = createHash("sha256").update(`${salt}${index}`).digest();
      return [name.toString("latin1", 0, 16), name.readUInt32BE(16)] as const;
    }),
  );

const named = (met: ReadonlyMap<string, number>) => new Set(met.keys());

const given = (state: FoldState | undefined): FoldState => {
  if (state === undefined) throw new Error("the store refused");
  return state;
};

/** What every FoldStore promises. */
export function foldContract(make: () => Promise<FoldStore>): void {
  describe("a fold", () => {
    test("that never was has version 0", async () => {
      const folds = await make();
      expect(await folds.load(place)).toEqual(neverFolded(place));
      expect(await folds.metAmong(await folds.head(place), named(digests(1)))).toEqual(nothing);
    });

    test("that was opened is read back whole, amounts above 2^53 included", async () => {
      const folds = await make();
      const opened = given(
        await folds.open(await folds.load(place), plan("p-1", ["s-1", "s-2"]), nothing, []),
      );
      expect(opened).toEqual({
        ...place,
        version: 1,
        foldedSegmentIds: new Set(["s-1", "s-2"]),
        planIds: ["p-1"],
        tally: plan("p-1", []).tally,
        coveredUntil: undefined,
        open: plan("p-1", ["s-1", "s-2"]),
      });
      expect(await folds.load(place)).toEqual(opened);
      expect((await folds.load({ ...place, shard: 4 })).version).toBe(0);
    });

    test("is opened against the state that was read, and against no other", async () => {
      const folds = await make();
      const read = await folds.load(place);
      expect(await folds.open(read, plan("p-1", ["s-1"]), nothing, [])).toBeDefined();
      expect(await folds.open(read, plan("p-2", ["s-2"]), nothing, [])).toBeUndefined();
      expect((await folds.load(place)).planIds).toEqual(["p-1"]);
    });

    test("of folders that race to open it exactly one wins", async () => {
      const folds = await make();
      const read = await folds.load(place);
      const racers = Array.from({ length: 6 }, (_, index) =>
        folds.open(read, plan(`p-${index}`, [`s-${index}`]), nothing, []),
      );
      const winners = (await Promise.all(racers)).filter((state) => state !== undefined);
      expect(winners).toHaveLength(1);
      expect((await folds.load(place)).planIds).toEqual(winners[0]?.planIds);
    });

    test("that two folders decided differently, and so named differently, is the winner's, also after a crash", async () => {
      const folds = await make();
      const read = await folds.load(place);
      const first = await folds.open(read, plan("p-1", ["s-1"], ["l-1"]), nothing, []);
      expect(await folds.open(read, plan("p-2", ["s-1"], ["l-2"]), nothing, [])).toBeUndefined();
      expect((await folds.load(place)).open).toEqual(first?.open);
    });

    test("is closed once, and keeps what it folded", async () => {
      const folds = await make();
      const opened = given(await folds.open(await folds.load(place), plan("p-1", ["s-1"]), nothing, []));
      const closed = given(await folds.close(opened));
      expect(closed).toEqual({
        ...opened,
        ...{ version: 2, open: undefined, coveredUntil: at("2026-08-20T15:20:00Z") },
      });
      expect(await folds.load(place)).toEqual(closed);
      expect(await folds.close(opened)).toBeUndefined();
      const next = given(await folds.open(closed, plan("p-2", ["s-2"]), nothing, []));
      expect(next.foldedSegmentIds).toEqual(new Set(["s-1", "s-2"]));
      expect(next.planIds).toEqual(["p-1", "p-2"]);
    });

    test("remembers each of many thousand identities, over several plans, and no other", async () => {
      const folds = await make();
      const first = digests(45_000, "first");
      const second = digests(3, "second");
      const opened = given(await folds.open(await folds.load(place), plan("p-1", ["s-1"]), first, []));
      const closed = given(await folds.close(opened));
      const again = given(await folds.open(closed, plan("p-2", ["s-2"]), second, []));
      const all = new Map([...first, ...second]);
      const asked = new Set([...all.keys(), ...digests(5, "nowhere").keys()]);
      expect(await folds.metAmong(again, asked)).toEqual(all);
    });

    test("that lost the race counted nothing", async () => {
      const folds = await make();
      const read = await folds.load(place);
      await folds.open(read, plan("p-won", ["s-1"]), digests(2, "won"), []);
      await folds.open(read, plan("p-lost", ["s-2"]), digests(2, "lost"), []);
      const asked = new Set([...digests(2, "won").keys(), ...digests(2, "lost").keys()]);
      expect(await folds.metAmong(await folds.head(place), asked)).toEqual(digests(2, "won"));
    });

    test("is opened only while the hour-shards around are as they were read, also those that never were", async () => {
      const folds = await make();
      const before = { hour: hour("2026-08-20T13"), shard: 3 };
      const unfolded = await folds.head(before);
      expect(unfolded).toEqual({ ...before, version: 0, planIds: [], coveredUntil: undefined });
      const own = await folds.load(place);
      const other = { ...plan("p-0", ["s-0"]), ...before };
      given(await folds.open(await folds.load(before), other, digests(3, "there"), []));
      expect(await folds.open(own, plan("p-1", ["s-1"]), nothing, [unfolded])).toBeUndefined();
      const folded = await folds.head(before);
      expect(folded).toEqual({ ...before, version: 1, planIds: ["p-0"], coveredUntil: undefined });
      expect(await folds.open(own, plan("p-1", ["s-1"]), nothing, [folded])).toBeDefined();
    });

    test("tells which of some identities another hour-shard has met", async () => {
      const folds = await make();
      const there = digests(30_000, "there");
      given(await folds.open(await folds.load(place), plan("p-1", ["s-1"]), there, []));
      const some = new Map([...there].slice(0, 5));
      const asked = new Set([...some.keys(), ...digests(5, "nowhere").keys()]);
      expect(await folds.metAmong(await folds.head(place), asked)).toEqual(some);
      expect(await folds.metAmong(await folds.head({ ...place, shard: 4 }), asked)).toEqual(nothing);
    });

    test("whose usage belongs to ten thousand subjects fits as well", async () => {
      const folds = await make();
      const accounts = Array.from({ length: 10_000 }, (_, index) => `l-${String(index).padStart(32, "0")}`);
      const wide = plan("p-1", ["s-1"], accounts);
      const opened = given(await folds.open(await folds.load(place), wide, nothing, []));
      expect((await folds.load(place)).open?.postings).toEqual(wide.postings);
      expect(await folds.close(opened)).toBeDefined();
      expect((await folds.load(place)).open).toBeUndefined();
    });
  });
}
