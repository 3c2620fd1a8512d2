import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { floorUnits, microUnits, total } from "../quantity/micro-units.ts";
import type { TagSet } from "../usage/usage-event.ts";
import { allocate } from "./allocation.ts";

const amounts = (entries: Record<string, bigint>) =>
  new Map(Object.entries(entries).map(([tagSet, micro]) => [tagSet as TagSet, microUnits(micro)]));

const sum = (allocations: ReturnType<typeof allocate>) =>
  allocations.reduce((all, { units }) => all + units, 0n);
const atLeastZero = (units: bigint) => (units < 0n ? 0n : units);

const anyAmounts = fc
  .dictionary(fc.string({ maxLength: 3 }), fc.bigInt({ min: -5_000_000n, max: 20_000_000n }), { maxKeys: 12 })
  .map(amounts);

describe("an allocation", () => {
  test("adds up to the quantity exactly, in whole units, none negative", () => {
    fc.assert(
      fc.property(anyAmounts, fc.nat(100), (of, percent) => {
        const most = atLeastZero(floorUnits(total(of.values())));
        const quantity = (most * BigInt(percent)) / 100n;
        const allocations = allocate(of, quantity);
        expect(sum(allocations)).toBe(quantity);
        expect(allocations.every(({ tagSet, units }) => units > 0n && of.has(tagSet))).toBe(true);
        expect(new Set(allocations.map(({ tagSet }) => tagSet)).size).toBe(allocations.length);
      }),
      { numRuns: 1_000 },
    );
  });

  test("without corrections gives each tag set its own whole units or one more", () => {
    const usage = fc.dictionary(fc.string({ maxLength: 3 }), fc.bigInt({ min: 0n, max: 20_000_000n }));
    fc.assert(
      fc.property(usage.map(amounts), (of) => {
        const quantity = floorUnits(total(of.values()));
        const units = new Map(allocate(of, quantity).map((one) => [one.tagSet, one.units]));
        for (const [tagSet, amount] of of) {
          const more = (units.get(tagSet) ?? 0n) - floorUnits(amount);
          expect(more === 0n || more === 1n).toBe(true);
        }
      }),
    );
  });

  test("is the same whatever order the tag sets come in", () => {
    fc.assert(
      fc.property(anyAmounts, fc.infiniteStream(fc.nat()), (of, order) => {
        const quantity = atLeastZero(floorUnits(total(of.values())));
        const mixed = new Map(
          [...of]
            .map((entry) => [order.next().value, entry] as const)
            .toSorted(([a], [b]) => Number(a) - Number(b))
            .map(([, entry]) => entry),
        );
        const sorted = (from: typeof of) =>
          allocate(from, quantity).toSorted((a, b) => (a.tagSet < b.tagSet ? -1 : 1));
        expect(sorted(mixed)).toEqual(sorted(of));
      }),
    );
  });

  test.each<[string, Record<string, bigint>, bigint, Record<string, bigint>]>([
    [
      "two fractions that make a unit give it to the first by name",
      { b: 600_000n, a: 600_000n },
      1n,
      { a: 1n },
    ],
    ["the largest fraction is completed first", { a: 1_400_000n, b: 1_600_000n }, 3n, { a: 1n, b: 2n }],
    [
      "a correction comes off the smallest fraction",
      { a: 2_900_000n, b: 1_100_000n, c: -1_000_000n },
      3n,
      { a: 2n, b: 1n },
    ],
    [
      "a correction takes no tag set below zero",
      { a: 1_000_000n, b: 5_000_000n, c: -4_000_000n },
      2n,
      { b: 2n },
    ],
    ["nothing to give gives nothing", { a: 999_999n }, 0n, {}],
  ])("%s", (_, of, quantity, expected) => {
    const given = allocate(amounts(of), quantity).map(({ tagSet, units }) => [tagSet, units]);
    expect(Object.fromEntries(given)).toEqual(expected);
  });

  test("of 2,500 tag sets with 0.99 each bills 2,475", () => {
    const of = amounts(
      Object.fromEntries(Array.from({ length: 2_500 }, (_, index) => [`t${index}`, 990_000n])),
    );
    const allocations = allocate(of, 2_475n);
    expect(sum(allocations)).toBe(2_475n);
    expect(allocations.every(({ units }) => units === 1n)).toBe(true);
  });
});
