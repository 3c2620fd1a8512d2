import { at } from "@tollhouse/core/memory/example";
import type { Suspicions } from "@tollhouse/core/reconciliation/suspicion";
import { describe, expect, test } from "vitest";

const suspicion = (id: string, time = "2026-08-20T14:00:00Z") => ({
  id,
  agreementId: "agmt-1",
  what: `what ${id} is about`,
  firstSeenAt: at(time),
});

/** What every Suspicions promises. */
export function suspicionsContract(make: () => Promise<Suspicions>): void {
  describe("suspicions", () => {
    test("are there until they are removed, each once", async () => {
      const suspicions = await make();
      expect(await suspicions.all()).toEqual([]);
      await suspicions.put(suspicion("s-1"));
      await suspicions.put(suspicion("s-2", "2026-08-20T15:00:00Z"));
      await suspicions.put(suspicion("s-1"));
      expect(await suspicions.all()).toEqual([suspicion("s-1"), suspicion("s-2", "2026-08-20T15:00:00Z")]);
      await suspicions.remove("s-1");
      await suspicions.remove("s-1");
      expect(await suspicions.all()).toEqual([suspicion("s-2", "2026-08-20T15:00:00Z")]);
    });

    test("of more than one page are all there", async () => {
      const suspicions = await make();
      const long = { ...suspicion("s"), what: "w".repeat(200_000) };
      for (let index = 0; index < 7; index += 1) await suspicions.put({ ...long, id: `s-${index}` });
      expect(await suspicions.all()).toHaveLength(7);
    });

    test("know when all was compared last", async () => {
      const suspicions = await make();
      expect(await suspicions.lastSweepAt()).toBeUndefined();
      await suspicions.sweptAt(at("2026-08-20T14:00:00Z"));
      expect(await suspicions.lastSweepAt()).toBe(at("2026-08-20T14:00:00Z"));
      expect(await suspicions.all()).toEqual([]);
    });
  });
}
