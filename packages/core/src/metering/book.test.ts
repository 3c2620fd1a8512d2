import type { SubscriptionId } from "../lifecycle/subscription.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hour } from "../memory/example.ts";
import { add, microUnits, total, wholeUnits, zeroUnits } from "../quantity/micro-units.ts";
import { hoursLater } from "../time/utc-hour.ts";
import { type TagSet, untagged } from "../usage/usage-event.ts";
import { firstHour } from "./balance.ts";
import { assertBalanced, type Book, emptyBook, post, seal, sealable, isToBeSealed } from "./book.ts";

const key = { subscriptionId: "l-1" as SubscriptionId, dimension: "gb_stored" };
const first = hour("2026-08-20T10");
const of = (micro: bigint, tagSet = untagged) => new Map([[tagSet, microUnits(micro)]]);

const tagSets = ["[]", '[["team","a"]]', '[["team","b"]]'] as TagSet[];
/** Usage, corrections and sealings in any order, over a few hours. */
const step = fc.record({
  kind: fc.constantFrom("post", "post", "post", "seal"),
  hours: fc.nat(5),
  tagSet: fc.constantFrom(...tagSets),
  micro: fc.bigInt({ min: -3_000_000n, max: 9_000_000n }),
});

describe("a book", () => {
  test("always balances, and never bills more than was used", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let book: Book = emptyBook(key);
        let used = zeroUnits;
        let billed = zeroUnits;
        let most = zeroUnits;
        for (const { kind, hours, tagSet, micro } of steps) {
          const version = book.version;
          if (kind === "post") {
            book = post(book, hoursLater(first, hours), of(micro, tagSet));
            used = add(used, microUnits(micro));
          } else {
            const sealed = seal(book, hoursLater(first, hours));
            expect(sealed.quantity >= 0n && sealed.quantity <= 2_147_483_647n).toBe(true);
            expect(sealed.allocations.reduce((sum, { units }) => sum + units, 0n)).toBe(sealed.quantity);
            book = sealed.book;
            billed = add(billed, wholeUnits(sealed.quantity));
          }
          expect(book.version).toBe(version + 1);
          const held = total([...book.balance.values()].map((amounts) => total(amounts.values())));
          most = used > most ? used : most;
          expect(book.counted).toBe(used);
          expect(book.recorded).toBe(billed);
          expect(add(held, billed)).toBe(used);
        }
        const last = seal(book, hoursLater(first, 10));
        expect(wholeUnits(last.quantity) <= (used > billed ? used - billed : 0n)).toBe(true);
        if (used >= billed) expect(used - billed - wholeUnits(last.quantity) < 1_000_000n).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("never touches the book it was made from", () => {
    const before = post(emptyBook(key), first, of(1_500_000n));
    const copy = structuredClone(before);
    post(before, first, of(7n));
    seal(before, first);
    expect(before).toEqual(copy);
  });

  test("seals usage of its hour and before, none of later hours", () => {
    const posted = [0, 1, 2].reduce(
      (book, later) => post(book, hoursLater(first, later), of(2_000_000n)),
      emptyBook(key),
    );
    expect(sealable(posted, { from: firstHour, through: hoursLater(first, -1) })).toBe(0n);
    expect(sealable(posted, { from: firstHour, through: hoursLater(first, 1) })).toBe(4n);
    const { book, quantity } = seal(posted, hoursLater(first, 1));
    expect(quantity).toBe(4n);
    expect([...book.balance]).toEqual([[hoursLater(first, 2), of(2_000_000n)]]);
  });

  test("keeps what is left of each tag set until it is a whole unit", () => {
    const [, a = untagged] = tagSets;
    let book = post(emptyBook(key), first, new Map([...of(1_600_000n), ...of(600_000n, a)]));
    const sealed = seal(book, first);
    expect(sealed.quantity).toBe(2n);
    book = post(sealed.book, hoursLater(first, 1), of(800_000n));
    expect(seal(book, hoursLater(first, 1)).quantity).toBe(1n);
  });

  test("spreads an amount above AWS's limit over hours, and loses none of it", () => {
    const limit = 2_147_483_647n;
    let book = post(emptyBook(key), first, of((2n * limit + 5n) * 1_000_000n));
    const quantities: bigint[] = [];
    for (const later of [0, 1, 2, 3]) {
      const sealed = seal(book, hoursLater(first, later));
      quantities.push(sealed.quantity);
      book = sealed.book;
    }
    expect(quantities).toEqual([limit, limit, 5n, 0n]);
    expect(book.balance).toEqual(new Map());
  });

  test("counts amounts beyond 2^53 to the last millionth", () => {
    const book = post(post(emptyBook(key), first, of(9_007_199_254_740_993_000_001n)), first, of(1n));
    expect(book.counted).toBe(9_007_199_254_740_993_000_002n);
  });

  test("whose corrections outweigh its usage seals nothing, and bills only what comes on top later", () => {
    let book = post(emptyBook(key), first, of(-2_500_000n));
    const none = seal(book, first);
    expect([none.quantity, none.allocations]).toEqual([0n, []]);
    book = post(none.book, hoursLater(first, 1), of(4_000_000n));
    expect(seal(book, hoursLater(first, 1)).quantity).toBe(1n);
  });

  test("that does not balance is never stored", () => {
    const book = post(emptyBook(key), first, of(1_000_000n));
    for (const change of [{ counted: microUnits(1n) }, { recorded: microUnits(1n) }, { balance: new Map() }])
      expect(() => assertBalanced({ ...book, ...change })).toThrow(/would not balance/);
  });
});

describe("a book that is posted to for ever", () => {
  const size = ({ balance }: Book) =>
    JSON.stringify(
      [...balance].map(([of, amounts]) => [of, [...amounts].map(([tags, amount]) => [tags, `${amount}`])]),
    ).length;

  test("stays small however many tag sets there are, and loses no unit", () => {
    let book = emptyBook(key);
    const many = (prefix: string) =>
      new Map(
        Array.from({ length: 4_000 }, (_, index) => [
          `[["user","${prefix}-${index}"]]` as TagSet,
          microUnits(1_500_000n),
        ]),
      );
    for (const [index, prefix] of ["a", "b", "c"].entries())
      book = post(book, hoursLater(first, index), many(prefix));
    expect(book.counted).toBe(wholeUnits(18_000n));
    expect(size(book)).toBeLessThan(350_000);
    const { quantity, allocations } = seal(book, hoursLater(first, 2));
    expect(quantity).toBe(18_000n);
    expect(allocations.length).toBeLessThanOrEqual(2_501);
  });

  test("stays small however many hours hold a fraction", () => {
    let book = emptyBook(key);
    for (let index = 0; index < 2_000; index += 1) book = post(book, hoursLater(first, index), of(1_000n));
    expect(book.balance.size).toBeLessThanOrEqual(1_002);
    expect(size(book)).toBeLessThan(350_000);
    expect(book.counted).toBe(microUnits(2_000_000n));
    expect(sealable(book, { from: firstHour, through: hoursLater(first, 1_999) })).toBe(2n);
  });

  test("tells its tag sets apart however many hours hold the same ones", () => {
    let book = emptyBook(key);
    const hundred = new Map(
      Array.from({ length: 50 }, (_, index) => [`[["user","${index}"]]` as TagSet, microUnits(10_000n)]),
    );
    for (let index = 0; index < 60; index += 1) book = post(book, hoursLater(first, index), hundred);
    expect([...book.balance.values()].every((amounts) => !amounts.has(untagged))).toBe(true);
  });
});

describe("a book holds a whole unit", () => {
  const held = (...amounts: readonly bigint[]) => {
    let book = emptyBook(key);
    for (const [index, amount] of amounts.entries()) book = post(book, hoursLater(first, index), of(amount));
    return isToBeSealed(book);
  };

  test.each<[string, readonly bigint[], boolean]>([
    ["in one hour", [1_000_000n], true],
    ["in hours in a row together", [400_000n, 300_000n, 300_000n], true],
    ["whatever an earlier grant left", [-5_000_000n, 4_000_000n], true],
    ["whatever a later correction takes", [5_000_000n, -9_000_000n], true],
    ["but not fractions that are none", [400_000n, -1n, 600_000n], false],
    ["but not less than nothing", [-1_000_000n], false],
  ])("%s", (_, amounts, expected) => expect(held(...amounts)).toBe(expected));
});
