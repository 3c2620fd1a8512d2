import { at } from "@tollhouse/core/memory/example";
import type { RunCounter } from "@tollhouse/core/metering/restore";
import { describe, expect, test } from "vitest";

/** What every RunCounter promises. */
export function runCounterContract(make: () => Promise<RunCounter>): void {
  describe("how many runs there were", () => {
    test("is not known at first, goes forward, and never back", async () => {
      const runs = await make();
      expect(await runs.load()).toBeUndefined();
      const later = { count: 2, at: at("2026-08-20T15:00:00Z") };
      await runs.raise({ count: 1, at: at("2026-08-20T14:00:00Z") });
      await runs.raise(later);
      await runs.raise({ count: 1, at: at("2026-08-20T16:00:00Z") });
      await runs.raise({ count: 2, at: at("2026-08-20T17:00:00Z") });
      expect(await runs.load()).toEqual(later);
    });
  });
}
