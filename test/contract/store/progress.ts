import { hour } from "@tollhouse/core/memory/example";
import type { Progress } from "@tollhouse/core/metering/store";
import { describe, expect, test } from "vitest";

/** What every Progress promises. */
export function progressContract(make: () => Promise<Progress>): void {
  describe("how far the books have been complete", () => {
    test("is not known at first, goes forward, and never back", async () => {
      const progress = await make();
      expect(await progress.load()).toBeUndefined();
      for (const through of ["2026-08-20T14", "2026-08-20T15", "2026-08-20T13"])
        await progress.advance(hour(through));
      expect(await progress.load()).toBe(hour("2026-08-20T15"));
    });
  });
}
