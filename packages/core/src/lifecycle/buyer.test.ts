import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyticsCode, at, buyerAccountId } from "../memory/example.ts";
import { laterBy, minuteMs } from "../time/instant.ts";
import { claims, know, type KnownLicense, unclaimed } from "./buyer.ts";
import type { FactId, Registered } from "./fact.ts";
import type { SubscriptionId } from "./subscription.ts";

const [first, second] = ["l-11111111", "l-22222222"].map((id) => id as SubscriptionId) as [
  SubscriptionId,
  SubscriptionId,
];
const minute = (count: number) => laterBy(at("2026-08-20T10:00:00Z"), count * minuteMs);

/** What one fact says of a license, at a minute. */
type Saying = readonly [id: SubscriptionId, what: "seenAt" | "registeredAt" | "goneAt", minute: number];

const known = (...sayings: readonly Saying[]): readonly KnownLicense[] =>
  sayings.reduce<readonly KnownLicense[]>(
    (licenses, [id, what, when]) => know(licenses, { id, visits: [], [what]: minute(when) }),
    [],
  );

const visit = (id: string, when: number): Registered => ({
  kind: "customer-registered",
  id: id as FactId,
  at: minute(when),
  productCode: analyticsCode,
  buyerAccountId,
});

const meant = (licenses: readonly KnownLicense[], waiting: readonly Registered[]) =>
  Object.fromEntries([...claims(licenses, waiting)].map(([{ id }, license]) => [id, license]));

describe("a registration that waits for its license", () => {
  test("never means one that was registered by name before AWS told of it", () => {
    expect(meant(known([first, "registeredAt", 0], [first, "seenAt", 1]), [visit("v", 2)])).toEqual({});
  });

  test("never means one that was gone before AWS told of it", () => {
    expect(meant(known([first, "goneAt", 0], [first, "seenAt", 1]), [visit("v", 2)])).toEqual({});
  });

  test("never means one that an earlier registration means already", () => {
    const [one, other] = [visit("v-1", 1), visit("v-2", 2)];
    const licenses = known([first, "seenAt", 0]);
    expect(meant(licenses, [one, other])).toEqual({ "v-1": first });
    expect(unclaimed(licenses, [one, other])).toEqual([other]);
    const more = known([first, "seenAt", 0], [second, "seenAt", 3]);
    expect(meant(more, [one, other])).toEqual({ "v-1": first, "v-2": second });
  });

  test("counts a license as registered from the first time on, in whatever order the times are told", () => {
    const told: readonly Saying[] = [
      [first, "seenAt", 1],
      [first, "registeredAt", 0],
      [first, "registeredAt", 4],
    ];
    for (const order of [told, told.toReversed()])
      expect(meant(known(...order), [visit("v", 2)])).toEqual({});
  });
});

describe("of what happens at one instant", () => {
  test("the registration by name comes before the sight of the license", () => {
    expect(meant(known([first, "registeredAt", 1], [first, "seenAt", 1]), [visit("v", 0)])).toEqual({});
  });

  test("the registration by name comes before the one that waits", () => {
    expect(meant(known([first, "seenAt", 0], [first, "registeredAt", 1]), [visit("v", 1)])).toEqual({});
  });

  test("all licenses are seen before anyone waits, so that none of several is meant", () => {
    expect(meant(known([first, "seenAt", 0], [second, "seenAt", 0]), [visit("v", 0)])).toEqual({});
  });

  test("the license is taken away last, so that who waits may still mean it", () => {
    const licenses = known([first, "seenAt", 0], [first, "goneAt", 1]);
    expect(meant(licenses, [visit("v", 1)])).toEqual({ v: first });
    expect(meant(licenses, [visit("v", 2)])).toEqual({});
  });

  test("the order goes by name: of two registrations one and the same means the license", () => {
    const waiting = [visit("v-1", 1), visit("v-2", 1)];
    for (const order of [waiting, waiting.toReversed()])
      expect(meant(known([first, "seenAt", 0]), order)).toEqual({ "v-1": first });
  });

  test("the order goes by name: of two licenses one and the same is meant by who waits already", () => {
    const licenses = known([first, "seenAt", 1], [second, "seenAt", 1]);
    for (const order of [licenses, licenses.toReversed()])
      expect(meant(order, [visit("v", 0)])).toEqual({ v: first });
  });
});

test("which license is meant depends on what happened and when, never on the order in which it is told", () => {
  const saying = fc.tuple(
    fc.constantFrom(first, second, "l-33333333" as SubscriptionId),
    fc.constantFrom("seenAt", "registeredAt", "goneAt"),
    fc.nat({ max: 4 }),
  );
  const visits = fc.array(fc.nat({ max: 4 }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(saying, { maxLength: 10 }), visits, (sayings, minutes) => {
      const waiting = minutes.map((when, index) => visit(`v-${index}`, when));
      const licenses = known(...sayings);
      expect(known(...sayings.toReversed())).toEqual(licenses);
      expect(meant(licenses.toReversed(), waiting.toReversed())).toEqual(meant(licenses, waiting));
    }),
    { numRuns: 500 },
  );
});
