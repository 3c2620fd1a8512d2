import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  floorUnits,
  formatQuantity,
  microUnits,
  parseQuantity,
  subtract,
  total,
  wholeUnits,
} from "./micro-units.ts";

/** Everything that may be written with 18 digits before and 6 after the point. */
const limit = 10n ** 24n - 1n;
const amount = fc.bigInt({ min: -limit, max: limit }).map(microUnits);

describe("a quantity", () => {
  test("is read back as it was written, to the last digit", () => {
    fc.assert(
      fc.property(amount, (micro) => {
        expect(parseQuantity(formatQuantity(micro))).toBe(micro);
      }),
    );
  });

  test("does not depend on zeros at its end", () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999 }), fc.nat({ max: 3 }), (whole, zeros) => {
        expect(parseQuantity(`${whole}.5${"0".repeat(zeros)}`)).toBe(parseQuantity(`${whole}.5`));
      }),
    );
  });

  test("as a JSON number is what the same digits are as text, or is refused", () => {
    fc.assert(
      fc.property(amount, (micro) => {
        const text = formatQuantity(micro);
        const parsed = parseQuantity(JSON.parse(text) as number);
        if (typeof parsed === "bigint") expect(parsed).toBe(micro);
      }),
      { examples: [[microUnits(9_007_199_254_740_993_000_000n)], [microUnits(123_456_789_012_123_456n)]] },
    );
  });

  test("as a JSON number of up to 15 digits is taken", () => {
    const short = fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }).map(microUnits);
    fc.assert(
      fc.property(short, (micro) => {
        expect(parseQuantity(JSON.parse(formatQuantity(micro)) as number)).toBe(micro);
      }),
    );
  });

  test.each([
    [0, 0n],
    [-0, 0n],
    ["-0", 0n],
    [0.1, 100_000n],
    ["0.000001", 1n],
    ["-12.5", -12_500_000n],
    ["999999999999999999.999999", limit],
  ])("%j is %s millionths", (value, micro) => {
    expect(parseQuantity(value)).toBe(micro);
  });

  test.each([
    "",
    " 1",
    "1 ",
    "+1",
    "01",
    "1.",
    ".5",
    "1e3",
    "0x10",
    "1,5",
    "1_000",
    "Infinity",
    "NaN",
    "1.0000000",
    "1.0000001",
    "1000000000000000000",
    "١",
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e-7,
    1e21,
    9_007_199_254_740_993,
    1_234_567_890_123_456,
    1_234_567_890.123_456,
  ])("%j is refused with the remedy in words", (value) => {
    expect(parseQuantity(value)).toEqual({ refused: expect.stringMatching(/e\.g\.|as a string/) as string });
  });

  test("in whole units is never more than the amount and less than one away, below zero too", () => {
    fc.assert(
      fc.property(amount, (micro) => {
        const rest = subtract(micro, wholeUnits(floorUnits(micro)));
        expect(rest >= 0n && rest < 1_000_000n).toBe(true);
      }),
    );
    expect(floorUnits(microUnits(-500_000n))).toBe(-1n);
    expect(floorUnits(microUnits(-1_000_000n))).toBe(-1n);
    expect(floorUnits(microUnits(-1_000_001n))).toBe(-2n);
  });

  test("sums are exact in any order", () => {
    fc.assert(
      fc.property(fc.array(amount), (amounts) => {
        const sum = amounts.reduce((a, b) => add(a, b), microUnits(0n));
        expect(total(amounts)).toBe(sum);
        expect(total(amounts.toReversed())).toBe(sum);
      }),
    );
  });
});
