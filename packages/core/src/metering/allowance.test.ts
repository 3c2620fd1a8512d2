import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyticsCode, at, example, exampleConfiguration, hour } from "../memory/example.ts";
import { sealedKey as key, sealWorld } from "../memory/seal-world.ts";
import { decideEntitlements } from "../entitlement/decide.ts";
import { floorUnits, microUnits, wholeUnits } from "../quantity/micro-units.ts";
import { formatHour, hoursLater } from "../time/utc-hour.ts";
import { type TagSet, untagged } from "../usage/usage-event.ts";
import type { Allowance } from "./allowance.ts";
import { cover } from "./allowance.ts";
import { type Book, emptyBook, post, seal, writeOff, writeOffGrant } from "./book.ts";

const configuration = {
  ...exampleConfiguration,
  products: exampleConfiguration.products.map((product) =>
    product.code === analyticsCode
      ? {
          ...product,
          dimensions: product.dimensions.map((dimension) =>
            dimension.key === "gb_stored" ? { ...dimension, includedIn: "seats" } : dimension,
          ),
        }
      : product,
  ),
};

/** A contract from noon of 19 August on whose `seats` cover gigabytes; nothing is known of how many yet. */
async function contract() {
  const world = sealWorld(key, configuration);
  await world.record(
    example.agreementCreated("f-0", "2026-08-19T12:00:00Z", { startsAt: at("2026-08-19T12:00:00Z") }),
  );
  await world.record(example.licenseUpdated("f-1", "2026-08-19T12:00:00Z"));
  const read = async (readAt: string, seats: number | undefined) => {
    const { subscriptionId } = key;
    const subscription = await world.store.currentSubscription(subscriptionId);
    if (subscription === undefined) throw new Error("the example has no subscription");
    const entitlements = seats === undefined ? [] : [{ dimension: "seats", value: seats }];
    const answer = { subscriptionId, readAt: at(readAt), entitlements };
    const before = await world.store.loadEntitlements(subscriptionId);
    const decision = decideEntitlements(before, answer, subscription.grant, subscription);
    if (decision.kind === "stored") await world.store.storeEntitlements(decision.snapshot, []);
  };
  const renew = async (time: string) => {
    await world.record(
      example.agreementCreated("f-2", time, {
        agreementId: "agmt-2",
        intent: "RENEW",
        previousAgreementId: "agmt-1",
        startsAt: at(time),
      }),
    );
    await world.record(example.licenseUpdated("f-3", time, { agreementId: "agmt-2" }));
  };
  return { ...world, read, renew };
}

describe("what a contract includes", () => {
  test("is used up first, and only what goes beyond is metered", async () => {
    const { count, seal, read, book } = await contract();
    await read("2026-08-19T12:01:00Z", 100);
    await count("2026-08-20T10", 60n);
    expect((await seal("2026-08-20T10", "2026-08-20T11:20:00Z")).records).toEqual([]);
    await count("2026-08-20T11", 55n);
    expect((await seal("2026-08-20T11", "2026-08-20T12:20:00Z")).records).toEqual([["2026-08-20T11", 15n]]);
    expect((await book()).covered).toBe(100_000_000n);
    await count("2026-08-20T12", 7n);
    expect((await seal("2026-08-20T12", "2026-08-20T13:20:00Z")).records).toEqual([["2026-08-20T12", 7n]]);
  });

  test("is waited for: usage is not metered before AWS has said what the contract includes", async () => {
    const { count, seal, read } = await contract();
    await count("2026-08-20T10", 60n);
    const waiting = await seal("2026-08-20T10", "2026-08-20T11:20:00Z");
    expect(waiting.records).toEqual([]);
    expect(waiting.skipped).toEqual([expect.stringContaining("is not known yet") as string]);
    await read("2026-08-20T11:21:00Z", undefined);
    expect((await seal("2026-08-20T10", "2026-08-20T11:25:00Z")).records).toEqual([]);
    await read("2026-08-20T11:40:00Z", 50);
    expect((await seal("2026-08-20T10", "2026-08-20T11:45:00Z")).records).toEqual([["2026-08-20T10", 10n]]);
  });

  test("and nothing when the contract does not have the dimension", async () => {
    const { count, sealWith, ports, store } = await contract();
    await store.storeEntitlements(
      {
        ...{ subscriptionId: key.subscriptionId, readAt: at("2026-08-19T12:01:00Z"), version: 1 },
        entitlements: [{ dimension: "support", value: "gold" }],
        terms: [{ since: at("2026-08-19T12:00:00Z"), quantities: {} }],
      },
      [],
    );
    await count("2026-08-20T10", 6n);
    const { sealed } = await sealWith(ports, "2026-08-20T10", "2026-08-20T11:20:00Z");
    expect(sealed.map(({ entry }) => entry.quantity)).toEqual([6n]);
  });

  test("that grows within the term covers the whole term: what was billed before counts as paid", async () => {
    const { count, seal, read } = await contract();
    await read("2026-08-19T12:01:00Z", 100);
    await count("2026-08-20T10", 150n);
    expect((await seal("2026-08-20T10", "2026-08-20T11:20:00Z")).records).toEqual([["2026-08-20T10", 50n]]);
    await read("2026-08-20T11:21:00Z", 200);
    await count("2026-08-20T11", 90n);
    expect((await seal("2026-08-20T11", "2026-08-20T12:20:00Z")).records).toEqual([]);
    await count("2026-08-20T12", 20n);
    // 260 used, 200 included, 50 billed.
    expect((await seal("2026-08-20T12", "2026-08-20T13:20:00Z")).records).toEqual([["2026-08-20T12", 10n]]);
  });

  test("that shrinks within the term is what was read at most", async () => {
    const { count, seal, read } = await contract();
    await read("2026-08-19T12:01:00Z", 100);
    await read("2026-08-19T18:01:00Z", 40);
    await count("2026-08-20T10", 90n);
    expect((await seal("2026-08-20T10", "2026-08-20T11:20:00Z")).records).toEqual([]);
  });

  test("begins anew with a renewal, which late usage of the old term does not use up", async () => {
    const { count, seal, read, renew, book } = await contract();
    await read("2026-08-19T12:01:00Z", 100);
    await count("2026-08-20T10", 130n);
    await seal("2026-08-20T10", "2026-08-20T11:20:00Z");
    await renew("2026-08-20T12:00:00Z");
    await count("2026-08-20T12", 70n);
    expect((await seal("2026-08-20T12", "2026-08-20T13:20:00Z")).skipped).toEqual([
      expect.stringContaining("is not known yet") as string,
    ]);
    await read("2026-08-20T13:21:00Z", 80);
    await count("2026-08-20T10", 5n);
    const { records } = await seal("2026-08-20T12", "2026-08-20T13:25:00Z");
    expect(records).toEqual([["2026-08-20T11", 5n]]);
    await count("2026-08-20T13", 20n);
    expect((await seal("2026-08-20T13", "2026-08-20T14:20:00Z")).records).toEqual([["2026-08-20T13", 10n]]);
    expect((await book()).terms.map(({ covered }) => covered)).toEqual([100_000_000n, 80_000_000n]);
  });

  test("is given back by corrections, first what goes beyond", async () => {
    const { count, seal, read, book } = await contract();
    await read("2026-08-19T12:01:00Z", 100);
    await count("2026-08-20T10", 80n);
    await seal("2026-08-20T10", "2026-08-20T11:20:00Z");
    await count("2026-08-20T11", -30n);
    await count("2026-08-20T11", 60n);
    expect((await seal("2026-08-20T11", "2026-08-20T12:20:00Z")).records).toEqual([["2026-08-20T11", 10n]]);
    await count("2026-08-20T12", -50n);
    await count("2026-08-20T13", 30n);
    expect((await seal("2026-08-20T13", "2026-08-20T14:20:00Z")).records).toEqual([]);
    // 90 used in all, 10 of them billed when it was 110: ten are owed, and used up by what comes next.
    expect((await book()).covered).toBe(90_000_000n);
    await count("2026-08-20T14", 15n);
    expect((await seal("2026-08-20T14", "2026-08-20T15:20:00Z")).records).toEqual([]);
    await count("2026-08-20T15", 10n);
    expect((await seal("2026-08-20T15", "2026-08-20T16:20:00Z")).records).toEqual([["2026-08-20T15", 5n]]);
  });
});

test("usage waits when what was bought has run out and AWS has not said what follows", async () => {
  const { count, seal, store, read } = await contract();
  const { subscriptionId } = key;
  await store.storeEntitlements(
    {
      ...{ subscriptionId, readAt: at("2026-08-19T12:01:00Z"), version: 1 },
      entitlements: [{ dimension: "seats", value: 100, expiresAt: at("2026-08-20T10:00:00Z") }],
      terms: [{ since: at("2026-08-19T12:00:00Z"), quantities: { seats: 100 } }],
    },
    [],
  );
  await count("2026-08-20T09", 120n);
  await count("2026-08-20T10", 50n);
  const { records, skipped } = await seal("2026-08-20T10", "2026-08-20T11:20:00Z");
  expect(records).toEqual([["2026-08-20T09", 20n]]);
  expect(skipped).toEqual([expect.stringContaining("is not known yet") as string]);
  await read("2026-08-20T11:30:00Z", 100);
  expect((await seal("2026-08-20T10", "2026-08-20T11:40:00Z")).records).toEqual([["2026-08-20T10", 50n]]);
});

const first = hour("2026-08-19T12");

test("what a contract includes is not used up by what was written off, and nobody is owed that", () => {
  const since = at("2026-08-19T12:00:00Z");
  const allowance: Allowance = { terms: [{ since, quantity: wholeUnits(100n) }], unknownFrom: undefined };
  const [first, second, third] = [14, 15, 16].map((of) => hour(`2026-08-19T${of}`));
  if (first === undefined || second === undefined || third === undefined) throw new Error("no hours");
  const counted = (book: Book, of: typeof first, units: bigint) =>
    post(book, of, new Map([[untagged, wholeUnits(units)]]));
  let book = cover(counted(emptyBook(key), second, 5n), allowance, second);
  book = writeOff(counted(book, first, 30n), { from: first, through: first }, "before-start");
  book = cover(counted(book, third, 10n), allowance, third);
  expect(book.covered).toBe(wholeUnits(15n));
  expect(book.balance.size).toBe(0);
});

test("of usage that is wholly covered nothing is left, be a correction in another hour and of another tag set", () => {
  const since = at("2026-08-19T12:00:00Z");
  const allowance: Allowance = { terms: [{ since, quantity: wholeUnits(100n) }], unknownFrom: undefined };
  const [earlier, later] = [hour("2026-08-19T14"), hour("2026-08-19T15")];
  const team = '[["team","a"]]' as TagSet;
  const corrected = post(emptyBook(key), earlier, new Map([[team, wholeUnits(-2n)]]));
  const book = cover(post(corrected, later, new Map([[untagged, wholeUnits(40n)]])), allowance, later);
  expect(book.covered).toBe(wholeUnits(38n));
  expect(book.balance.size).toBe(0);
});

test("what the buyer is owed for a correction is owed once, however usage comes after it", () => {
  const since = at("2026-08-19T12:00:00Z");
  const allowance: Allowance = { terms: [{ since, quantity: wholeUnits(90n) }], unknownFrom: undefined };
  const of = hour("2026-08-19T14");
  const range = { from: of, through: of };
  const counted = (book: Book, units: bigint) =>
    cover(post(book, of, new Map([[untagged, wholeUnits(units)]])), allowance, of);
  const billed = seal(counted(emptyBook(key), 100n), of).book;
  const corrected = writeOffGrant(counted(billed, -30n), range);
  const after = writeOffGrant(counted(corrected, 5n), range);
  expect([after.recorded, after.covered]).toEqual([wholeUnits(10n), wholeUnits(75n)]);
  expect([...after.unbillable]).toEqual([["owed-to-buyer", wholeUnits(-10n)]]);
});

test("a term is billed what was used in it beyond the most it included, however it is counted, covered and sealed", () => {
  const step = fc.record({
    hours: fc.nat(47),
    micro: fc.bigInt({ min: 0n, max: 9_000_000n }),
    seals: fc.boolean(),
    grows: fc.constantFrom([0, 0], [0, 0], [3, 0], [0, 5]),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const quantities = [10, 10];
      const used = [0n, 0n];
      const allowance = (): Allowance => ({
        terms: [
          {
            since: at("2026-08-19T12:00:00Z"),
            quantity: microUnits(BigInt(quantities[0] ?? 0) * 1_000_000n),
          },
          {
            since: at("2026-08-20T12:00:00Z"),
            quantity: microUnits(BigInt(quantities[1] ?? 0) * 1_000_000n),
          },
        ],
        unknownFrom: undefined,
      });
      let book: Book = emptyBook(key);
      let billed = 0n;
      const sealAll = (through: number) => {
        book = cover(book, allowance(), hoursLater(first, through));
        for (let of = 0; of <= through; of += 1) {
          const sealed = seal(book, hoursLater(first, of));
          billed += sealed.quantity;
          book = sealed.book;
        }
      };
      for (const { hours, micro, seals, grows } of steps) {
        book = post(book, hoursLater(first, hours), new Map([[untagged, microUnits(micro)]]));
        used[hours < 24 ? 0 : 1] = (used[hours < 24 ? 0 : 1] ?? 0n) + micro;
        grows.forEach((by, term) => (quantities[term] = (quantities[term] ?? 0) + by));
        if (seals) sealAll(hours);
      }
      sealAll(47);
      const beyond = used.map((units, term) => {
        const over = units - BigInt(quantities[term] ?? 0) * 1_000_000n;
        return over < 0n ? 0n : over;
      });
      const due = floorUnits(microUnits((beyond[0] ?? 0n) + (beyond[1] ?? 0n)));
      // What was billed before a quantity grew counts as paid, but no more can be taken back than AWS lets us.
      expect(billed >= due, `${formatHour(first)}: ${billed} billed, ${due} due`).toBe(true);
      if (quantities[0] === 10 && quantities[1] === 10) expect(billed).toBe(due);
    }),
    { numRuns: 500 },
  );
});
