import { at } from "@tollhouse/core/memory/example";
import type { Quarantine, QuarantineEntry, QuarantineLine } from "@tollhouse/core/quarantine/quarantine";
import { describe, expect, test } from "vitest";

const entry = (id: string, time: string, body = "{}"): QuarantineEntry => ({
  id,
  quarantinedAt: at(time),
  door: "usage",
  reason: `because of ${id}`,
  body,
});

const mebibyte = 1_048_576;

/** Text that compression cannot shorten much: letters from a fixed linear congruential sequence. */
function noise(length: number): string {
  let seed = 42;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return 32 + ((seed >>> 16) % 95);
    }),
  ).toString("latin1");
}

/** What every Quarantine promises. */
export function quarantineContract(make: () => Promise<Quarantine>): void {
  describe("the quarantine", () => {
    test.each([
      ["an empty body", ""],
      ["text of several bytes a character", "héllo – 🚀 ".repeat(10_000)],
      ["NULs, line ends and a byte order mark", "\uFEFF\u0000\r\n\u0000"],
      ["1 MiB that compression cannot shorten", noise(mebibyte)],
      ["1 MiB of the same letter", "x".repeat(mebibyte)],
    ])("keeps %s to the byte", async (_, body) => {
      const quarantine = await make();
      const whole = entry("q-1", "2026-08-20T14:00:00Z", body);
      await quarantine.put([whole]);
      const read = await quarantine.get("q-1");
      expect(read?.body === body).toBe(true);
      expect({ ...read, body: "" }).toEqual({ ...whole, body: "" });
    });

    test("lists page after page, also when all came in one instant", async () => {
      const quarantine = await make();
      const times = [
        ...Array<string>(7).fill("2026-08-20T14:00:00Z"),
        "2026-08-19T23:59:59Z",
        "2026-08-20T00:00:00Z",
      ];
      await quarantine.put(times.map((time, index) => entry(`q-${index}`, time)));
      const listed: string[] = [];
      let page: readonly QuarantineLine[] = [];
      do {
        page = await quarantine.list(at("2026-08-21T00:00:00Z"), 3, page.at(-1));
        listed.push(...page.map(({ id }) => id));
      } while (page.length > 0);
      expect(listed).toEqual(["q-6", "q-5", "q-4", "q-3", "q-2", "q-1", "q-0", "q-8", "q-7"]);
    });

    test("an entry that is removed is gone, whole; removing it again is harmless", async () => {
      const quarantine = await make();
      const whole = entry("q-1", "2026-08-20T14:00:00Z", noise(mebibyte));
      await quarantine.put([whole, entry("q-2", "2026-08-20T14:00:00Z")]);
      await quarantine.remove("q-1");
      await quarantine.remove("q-1");
      expect(await quarantine.get("q-1")).toBeUndefined();
      expect((await quarantine.list(at("2026-08-21T00:00:00Z"), 10)).map(({ id }) => id)).toEqual(["q-2"]);
      const again = { ...whole, body: "short" };
      await quarantine.put([again]);
      expect(await quarantine.get("q-1")).toEqual(again);
    });

    test("what was never quarantined is not found", async () => {
      const quarantine = await make();
      expect(await quarantine.get("q-1")).toBeUndefined();
      expect(await quarantine.list(at("2026-08-20T14:00:00Z"), 10)).toEqual([]);
    });

    test("storing an entry again changes nothing, whenever and with whatever reason it comes again", async () => {
      const quarantine = await make();
      const first = entry("q-1", "2026-08-20T14:00:00Z", "first");
      await quarantine.put([first]);
      await quarantine.put([{ ...entry("q-1", "2026-08-20T15:00:00Z", "second"), reason: "another" }]);
      expect(await quarantine.get("q-1")).toEqual(first);
      const listed = await quarantine.list(at("2026-08-21T00:00:00Z"), 10);
      expect(listed.map(({ id, quarantinedAt }) => [id, quarantinedAt])).toEqual([
        ["q-1", at("2026-08-20T14:00:00Z")],
      ]);
    });

    test("lists the newest first, across days, without bodies and at most as many as asked for", async () => {
      const quarantine = await make();
      await quarantine.put([
        entry("q-1", "2026-08-18T23:59:59Z"),
        entry("q-3", "2026-08-20T14:00:00Z"),
        entry("q-2", "2026-08-20T00:00:00Z"),
      ]);
      const listed = await quarantine.list(at("2026-08-21T00:00:00Z"), 10);
      expect(listed.map(({ id }) => id)).toEqual(["q-3", "q-2", "q-1"]);
      expect(listed[0]).not.toHaveProperty("body");
      expect((await quarantine.list(at("2026-08-21T00:00:00Z"), 2)).map(({ id }) => id)).toEqual([
        "q-3",
        "q-2",
      ]);
    });

    test("lists nothing that was quarantined after the instant asked for, not even on the same day", async () => {
      const quarantine = await make();
      await quarantine.put([entry("q-1", "2026-08-20T14:00:00Z"), entry("q-2", "2026-08-20T15:00:00Z")]);
      const listed = await quarantine.list(at("2026-08-20T14:00:00Z"), 10);
      expect(listed.map(({ id }) => id)).toEqual(["q-1"]);
    });

    test("lists a day of more lines than one page holds completely", async () => {
      const quarantine = await make();
      const many = Array.from({ length: 30 }, (_, index) => ({
        ...entry(`q-${String(index).padStart(2, "0")}`, "2026-08-20T14:00:00Z"),
        reason: "x".repeat(50_000),
      }));
      await quarantine.put(many);
      expect(await quarantine.list(at("2026-08-20T14:00:00Z"), 100)).toHaveLength(30);
    });
  });
}
