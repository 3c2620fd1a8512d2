import type { LifecycleStore } from "@tollhouse/core/lifecycle/store";
import { at } from "@tollhouse/core/memory/example";
import type { Outbox } from "@tollhouse/core/outbox/outbox";
import { describe, expect, test } from "vitest";
import { entry, id, someday } from "./lifecycle-example.ts";

type Made = { readonly store: LifecycleStore; readonly outbox: Outbox };

/** What every LifecycleStore promises of entitlements. */
export function entitlementContract(make: () => Promise<Made>): void {
  describe("entitlements", () => {
    const snapshot = (version: number, time = "2026-08-20T15:00:00Z") => ({
      subscriptionId: id,
      readAt: at(time),
      version,
      entitlements: [
        { dimension: "seats", value: 25, expiresAt: at("2027-08-20T15:00:00Z") },
        { dimension: "support", value: "gold" },
        { dimension: "trial", value: false },
      ],
      emptySince: at("2026-08-20T14:55:00Z"),
    });

    test("are stored with what follows from them and read back as given", async () => {
      const { store, outbox } = await make();
      expect(await store.storeEntitlements(snapshot(1), [entry("o-1")])).toBe(true);
      expect(await store.loadEntitlements(id)).toEqual(snapshot(1));
      expect(await outbox.undone(someday, 1)).toEqual([entry("o-1")]);
    });

    test("of two answers decided on the same knowledge only one is stored", async () => {
      const { store, outbox } = await make();
      await store.storeEntitlements(snapshot(1), []);
      expect(await store.storeEntitlements(snapshot(1, "2026-08-20T16:00:00Z"), [entry("o-1")])).toBe(false);
      expect(await store.storeEntitlements(snapshot(3), [entry("o-3")])).toBe(false);
      expect(await store.loadEntitlements(id)).toEqual(snapshot(1));
      expect(await outbox.undone(someday, 10)).toEqual([]);
      const racing = await Promise.all(
        ["2026-08-20T17:00:00Z", "2026-08-20T18:00:00Z"].map((time) =>
          store.storeEntitlements(snapshot(2, time), []),
        ),
      );
      expect(racing.toSorted()).toEqual([false, true]);
      expect(await store.storeEntitlements(snapshot(3), [])).toBe(true);
    });
  });
}
