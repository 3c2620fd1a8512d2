import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { at, hour } from "@tollhouse/core/memory/example";
import { type BookKey, post } from "@tollhouse/core/metering/book";
import type { BookStore, WaitingStore, WaitingUsage } from "@tollhouse/core/metering/store";
import { microUnits } from "@tollhouse/core/quantity/micro-units";
import { untagged } from "@tollhouse/core/usage/usage-event";
import { someday } from "@tollhouse/core/time/instant";
import { describe, expect, test } from "vitest";

const used = hour("2026-08-20T14");
const key: BookKey = { subscriptionId: "l-0123456789abcdef" as SubscriptionId, dimension: "gb_stored" };
const amounts = new Map([[untagged, microUnits(9_007_199_254_740_993_000_001n)]]);

const waits = (id: string, change: Partial<WaitingUsage> = {}): WaitingUsage => ({
  subject: "tenant 42 #/ü",
  id,
  version: 1,
  reason: "subject-unknown",
  units: microUnits(9_007_199_254_740_993_000_001n),
  events: { hour: used, shard: 3, id: `${id}-0`, eventCount: 7, bytes: new Uint8Array([0, 1, 255]) },
  since: at("2026-08-20T15:10:00Z"),
  lookAt: at("2026-08-20T15:10:00Z"),
  ...change,
});

type Made = { books: BookStore; waiting: WaitingStore };

/** What every WaitingStore promises. */
export function waitingContract(make: () => Promise<Made>): void {
  describe("usage that waits", () => {
    const subject = waits("w").subject;

    test("is read back to the byte under its subject, in the order of its names, page by page", async () => {
      const { waiting } = await make();
      const bytes = Uint8Array.from({ length: 350_000 }, (_, index) => index % 251);
      const large = waits("w-2", { events: { ...waits("w-2").events, bytes } });
      for (const usage of [large, waits("w-3"), waits("w-1"), waits("w-9", { subject: "another" })])
        await waiting.put(usage);
      expect((await waiting.under(subject, 10)).map(({ id }) => id)).toEqual(["w-1", "w-2", "w-3"]);
      const [read] = await waiting.under(subject, 1, "w-1");
      expect(read).toEqual(large);
      expect(await waiting.under("nobody", 10)).toEqual([]);
    });

    test("is stored once, whatever became of it since", async () => {
      const { waiting } = await make();
      await waiting.put(waits("w-1"));
      await waiting.put(waits("w-1", { reason: "outside-grant" }));
      expect(await waiting.under(subject, 10)).toEqual([waits("w-1")]);
      expect(await waiting.settle(waits("w-1"), { kind: "counted" }, [])).toBe("settled");
      await waiting.put(waits("w-1"));
      expect(await waiting.under(subject, 10)).toEqual([]);
    });

    test("is counted together with the books that take it, or not at all", async () => {
      const { waiting, books } = await make();
      await waiting.put(waits("w-1"));
      const read = await books.load(key);
      const after = post(read, used, amounts);
      expect(await books.post(after, { book: key, hour: used, amounts }, "p-1")).toBe("posted");
      expect(await waiting.settle(waits("w-1"), { kind: "counted" }, [post(read, used, amounts)])).toBe(
        "conflict",
      );
      expect(await waiting.under(subject, 10)).toHaveLength(1);
      const next = post(await books.load(key), used, amounts);
      expect(await waiting.settle(waits("w-1"), { kind: "counted" }, [next])).toBe("settled");
      expect(await books.load(key)).toEqual(next);
      expect(await waiting.settle(waits("w-1"), { kind: "counted" }, [])).toBe("conflict");
    });

    test("in part is a new version, and the one before it is settled no more", async () => {
      const { waiting } = await make();
      await waiting.put(waits("w-1"));
      const rest = waits("w-1", { version: 2, units: microUnits(1n), reason: "outside-grant" });
      expect(await waiting.settle(waits("w-1"), { kind: "waits", rest }, [])).toBe("settled");
      expect(await waiting.under(subject, 10)).toEqual([rest]);
      expect(await waiting.settle(waits("w-1"), { kind: "counted" }, [])).toBe("conflict");
      expect(await waiting.settle(rest, { kind: "counted" }, [])).toBe("settled");
    });

    test("is due in its order by its time, and no longer once it is settled", async () => {
      const { waiting } = await make();
      const later = at("2026-08-20T16:00:00Z");
      const looked = waits("w-1", { lookAt: later });
      const rest = waits("w-3", { version: 2, lookAt: at("2026-08-20T17:00:00Z") });
      for (const usage of [looked, waits("w-2"), waits("w-3"), waits("w-4"), waits("w-5")])
        await waiting.put(usage);
      await waiting.settle(waits("w-3"), { kind: "waits", rest }, []);
      await waiting.settle(waits("w-4"), { kind: "counted" }, []);
      const givenUp = { kind: "unbillable", reason: "outside-grant", at: later } as const;
      await waiting.settle(waits("w-5"), givenUp, []);
      expect((await waiting.due(someday, 10)).map(({ id }) => id)).toEqual(["w-2", "w-1", "w-3"]);
      expect((await waiting.due(someday, 1)).map(({ id }) => id)).toEqual(["w-2"]);
      expect((await waiting.under(subject, 10)).map(({ id }) => id)).toEqual(["w-1", "w-2", "w-3"]);
      expect((await waiting.due(later, 10)).map(({ id }) => id)).toEqual(["w-2", "w-1"]);
      expect(await waiting.due(at("2026-08-20T15:09:59Z"), 10)).toEqual([]);
    });
  });
}
