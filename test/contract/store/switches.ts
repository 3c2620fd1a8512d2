import { at, hour } from "@tollhouse/core/memory/example";
import type { SwitchStore } from "@tollhouse/core/metering/store";
import { describe, expect, test } from "vitest";

const [productCode, noon, later] = ["code-1", at("2026-08-20T12:00:00Z"), at("2026-08-20T13:00:00.123Z")];

/** What every SwitchStore promises. */
export function switchesContract(make: () => Promise<SwitchStore>): void {
  describe("what holds a product's metering up", () => {
    test("is nothing until somebody says so, and never another's product", async () => {
      const switches = await make();
      expect(await switches.load(productCode)).toEqual({ productCode });
      await switches.pause(productCode, "prices are wrong", noon);
      expect(await switches.load("code-2")).toEqual({ productCode: "code-2" });
    });

    test("is known of every product that was ever metered, whatever is configured now", async () => {
      const switches = await make();
      expect(await switches.known(["code-1", "code-2"])).toEqual(["code-1", "code-2"]);
      expect((await switches.known(["code-2", "code-3"])).toSorted()).toEqual(["code-1", "code-2", "code-3"]);
      expect((await switches.known([])).toSorted()).toEqual(["code-1", "code-2", "code-3"]);
    });

    test("is a pause until it is resumed, for the last reason given", async () => {
      const switches = await make();
      await switches.pause(productCode, "prices are wrong", noon);
      await switches.pause(productCode, "still wrong", later);
      expect(await switches.load(productCode)).toEqual({
        productCode,
        paused: { reason: "still wrong", at: later },
      });
      await switches.resume(productCode);
      await switches.resume(productCode);
      expect(await switches.load(productCode)).toEqual({ productCode });
    });

    test("is AWS since the first call it did not take, for the last reason, until it is released", async () => {
      const switches = await make();
      await switches.hold(productCode, "AccessDenied", noon);
      await switches.hold(productCode, "DisabledApi", later);
      const held = { reason: "DisabledApi", at: noon };
      expect(await switches.load(productCode)).toEqual({ productCode, held });
      await switches.release(productCode);
      await switches.release(productCode);
      expect(await switches.load(productCode)).toEqual({ productCode });
      await switches.hold(productCode, "AccessDenied", later);
      expect(await switches.load(productCode)).toMatchObject({ held: { at: later } });
    });

    test("is what was rehearsed, which only goes forward", async () => {
      const switches = await make();
      for (const through of ["2026-08-20T14", "2026-08-20T15", "2026-08-20T15", "2026-08-20T13"])
        await switches.rehearse(productCode, hour(through));
      const rehearsedThrough = hour("2026-08-20T15");
      expect(await switches.load(productCode)).toEqual({ productCode, rehearsedThrough });
    });

    test("is told apart: none of the three overwrites another, also at once", async () => {
      const switches = await make();
      await Promise.all([
        switches.pause(productCode, "prices are wrong", noon),
        switches.hold(productCode, "AccessDenied", later),
        switches.rehearse(productCode, hour("2026-08-20T15")),
      ]);
      const rehearsedThrough = hour("2026-08-20T15");
      const paused = { reason: "prices are wrong", at: noon };
      const held = { reason: "AccessDenied", at: later };
      expect(await switches.load(productCode)).toEqual({ productCode, paused, held, rehearsedThrough });
      await switches.release(productCode);
      expect(await switches.load(productCode)).toEqual({ productCode, paused, rehearsedThrough });
      await switches.hold(productCode, "AccessDenied", later);
      await switches.resume(productCode);
      expect(await switches.load(productCode)).toEqual({ productCode, held, rehearsedThrough });
    });
  });
}
