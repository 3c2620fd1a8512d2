import { describe, expect, test } from "vitest";
import type { LedgerItem, LedgerReader } from "../ledger/ledger-item.ts";
import { at, hour } from "../memory/example.ts";
import { sealedKey } from "../memory/seal-world.ts";
import { emptyBook } from "../metering/book.ts";
import { microUnits } from "../quantity/micro-units.ts";
import { fixedClock } from "../time/clock.ts";
import { inspectBooks } from "./inspect.ts";

const clock = fixedClock(at("2026-08-20T15:30:00Z"));

/** A book that says it counted `micro` more than it holds. */
const book = (micro: bigint): LedgerItem => ({
  kind: "book",
  book: { ...emptyBook(sealedKey), counted: microUnits(micro) },
});

/** Gives what is there at each look; the last look's goes on. */
function world(...looks: readonly (readonly LedgerItem[])[]) {
  let count = 0;
  const ledger: LedgerReader = {
    async *items() {
      count += 1;
      yield* await Promise.resolve(looks[Math.min(count, looks.length) - 1] ?? []);
    },
    openPlan: () => Promise.resolve(undefined),
    booked: () => Promise.resolve(new Set()),
  };
  let pauses = 0;
  const pause = () => Promise.resolve(void (pauses += 1));
  const inspect = (hasTime = () => true) => inspectBooks({ ledger, clock }, { hasTime, pause });
  return { inspect, pauses: () => pauses };
}

describe("an inspection", () => {
  test("of books that balance looks once", async () => {
    const { inspect, pauses } = world([book(0n)]);
    expect(await inspect()).toMatchObject({ kind: "completed", looks: 1, lasting: [] });
    expect(pauses()).toBe(0);
  });

  test("finds what every look finds, and pauses before each further one", async () => {
    const { inspect, pauses } = world([book(3_000_000n)]);
    const inspection = await inspect();
    expect(inspection).toMatchObject({ kind: "completed", looks: 3, sameEachLook: true });
    expect("lasting" in inspection && inspection.lasting.join()).toMatch(/3 units/);
    expect(pauses()).toBe(2);
  });

  test("leaves out what passed by while others wrote", async () => {
    const { inspect } = world([book(3_000_000n)], [book(0n)]);
    expect(await inspect()).toMatchObject({ kind: "completed", looks: 2, lasting: [] });
    const moving = world([book(3_000_000n)], [book(4_000_000n)], [book(5_000_000n)]);
    expect(await moving.inspect()).toMatchObject({ looks: 3, lasting: [], sameEachLook: false });
  });

  test("that runs out of time says so, and nothing about the books", async () => {
    const mark: LedgerItem = { kind: "mark", place: { hour: hour("2026-08-20T15"), shard: 0 } };
    const { inspect } = world(Array.from({ length: 2_500 }, () => mark));
    let asked = 0;
    const inspection = await inspect(() => (asked += 1) < 2);
    expect(inspection).toMatchObject({ kind: "cut-short", looked: { segments: 0 } });
    expect(asked).toBe(2);
  });
});
