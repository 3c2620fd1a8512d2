import { describe, expect, test } from "vitest";
import type { Grant, SubscriptionId } from "../lifecycle/subscription.ts";
import { at } from "../memory/example.ts";
import { decideEntitlements } from "./decide.ts";
import type { Entitlement, EntitlementSnapshot } from "./entitlement.ts";

const subscriptionId = "l-0123456789abcdef" as SubscriptionId;
const seats: Entitlement = { dimension: "seats", value: 25, expiresAt: at("2027-08-20T00:00:00Z") };
const support: Entitlement = { dimension: "support", value: "gold" };
const active: Grant = { state: "active", since: at("2026-08-01T00:00:00Z") };
const cutAt = at("2026-08-20T13:00:00Z");
const cancelling: Grant = { state: "cancelling", cutAt, deadlineAt: at("2026-08-20T14:00:00Z") };

const known = (entitlements: readonly Entitlement[]): EntitlementSnapshot => ({
  subscriptionId,
  readAt: at("2026-08-20T14:00:00Z"),
  version: 3,
  entitlements,
});

const decide = (
  before: EntitlementSnapshot | undefined,
  entitlements: readonly Entitlement[],
  { grant = active, readAt = "2026-08-20T15:00:00Z" }: { grant?: Grant; readAt?: string } = {},
) => decideEntitlements(before, { subscriptionId, readAt: at(readAt), entitlements }, grant);

const announced = (...given: Parameters<typeof decide>) => {
  const decision = decide(...given);
  if (decision.kind === "ignored") return decision.reason;
  return decision.outbox.flatMap(({ task }) => (task.kind === "publish" ? [task.event.type] : []));
};

describe("an answer of GetEntitlements", () => {
  test("announces what was granted, changed and revoked", () => {
    expect(announced(undefined, [seats])).toEqual(["entitlement.granted"]);
    expect(announced(known([]), [seats])).toEqual(["entitlement.granted"]);
    expect(announced(known([seats]), [{ ...seats, value: 50 }])).toEqual(["entitlement.changed"]);
    expect(announced(known([seats]), [seats, support])).toEqual(["entitlement.changed"]);
    expect(announced(known([seats, support]), [seats])).toEqual(["entitlement.changed"]);
    expect(announced(known([seats]), [], { grant: cancelling })).toEqual(["entitlement.revoked"]);
  });

  test("that moves only the expiry is a change", () => {
    const later = { ...seats, expiresAt: at("2028-08-20T00:00:00Z") };
    expect(announced(known([seats]), [later])).toEqual(["entitlement.changed"]);
  });

  test("that says the same, in whatever order, announces nothing but is kept as the newer truth", () => {
    const decision = decide(known([seats, support]), [support, seats]);
    expect(decision).toEqual({
      kind: "stored",
      snapshot: {
        ...known([seats, support]),
        version: 4,
        readAt: at("2026-08-20T15:00:00Z"),
        terms: [{ since: at("2026-08-01T00:00:00Z"), quantities: { seats: 25 } }],
      },
      outbox: [],
    });
  });

  test("25 and the text 25 are different values", () => {
    expect(announced(known([seats]), [{ ...seats, value: "25" }])).toEqual(["entitlement.changed"]);
  });

  test.each(["2026-08-20T13:59:59Z", "2026-08-20T14:00:00Z"])(
    "asked for at %s never overwrites one that was asked for at 14:00",
    (readAt) => {
      expect(announced(known([seats]), [], { readAt, grant: cancelling })).toBe("older-than-known");
    },
  );

  describe("that is empty", () => {
    const doubted = {
      ...known([seats]),
      emptySince: at("2026-08-20T15:00:00Z"),
      readAt: at("2026-08-20T15:00:00Z"),
    };

    test("before or after a grant is believed", () => {
      expect(announced(undefined, [], { grant: { state: "pending" } })).toEqual([]);
      expect(announced(known([seats]), [], { grant: { state: "ended", cutAt } })).toEqual([
        "entitlement.revoked",
      ]);
    });

    test("during a grant takes nothing away, and is asked again ten minutes later", () => {
      for (const [before, standing] of [
        [known([seats]), [seats]],
        [undefined, []],
      ] as const)
        expect(decide(before, [])).toMatchObject({
          kind: "stored",
          snapshot: { entitlements: standing, emptySince: at("2026-08-20T15:00:00Z") },
          outbox: [{ dueAt: at("2026-08-20T15:10:00Z"), task: { kind: "read-entitlements" } }],
        });
    });

    test("again sooner than that, were it a millisecond, still takes nothing away and is asked again", () => {
      const early = decide(doubted, [], { readAt: "2026-08-20T15:09:59.999Z" });
      expect(early).toMatchObject({
        snapshot: { entitlements: [seats], emptySince: at("2026-08-20T15:00:00Z") },
        outbox: [{ dueAt: at("2026-08-20T15:10:00.999Z"), task: { kind: "read-entitlements" } }],
      });
      const first = decide(known([seats]), []);
      expect("outbox" in first && "outbox" in early && first.outbox[0]?.id).toBe(
        "outbox" in early && early.outbox[0]?.id,
      );
    });

    test("again ten minutes later is believed", () => {
      expect(announced(doubted, [], { readAt: "2026-08-20T15:10:00Z" })).toEqual(["entitlement.revoked"]);
    });

    test("and then not any more starts anew the next time", () => {
      const decision = decide(doubted, [seats], { readAt: "2026-08-20T15:05:00Z" });
      if (decision.kind === "ignored") throw new Error(decision.reason);
      expect(decision.snapshot.emptySince).toBeUndefined();
      expect(decide(decision.snapshot, [], { readAt: "2026-08-20T15:11:00Z" })).toMatchObject({
        snapshot: { entitlements: [seats], emptySince: at("2026-08-20T15:11:00Z") },
      });
    });
  });

  test("carries version and whole state, with an id made of both", () => {
    const decision = decide(known([]), [support, seats]);
    if (decision.kind === "ignored") throw new Error(decision.reason);
    expect(decision.outbox.filter(({ task }) => task.kind === "publish")).toMatchObject([
      {
        id: `${subscriptionId}/entitlements@4:entitlement.granted`,
        dueAt: at("2026-08-20T15:00:00Z"),
        task: {
          event: {
            subject: `${subscriptionId}/entitlements`,
            data: {
              version: 4,
              subscriptionId,
              entitlements: [
                { dimension: "seats", value: 25, expiresAt: "2027-08-20T00:00:00.000Z" },
                { dimension: "support", value: "gold" },
              ],
            },
          },
        },
      },
    ]);
  });
});

describe("after a grant", () => {
  const since = at("2026-08-20T15:00:00Z");
  const granted: Grant = { state: "active", since };
  const next = (readAt: string, grant: Grant = granted) => {
    const decision = decide(undefined, [support], { grant, readAt });
    if (decision.kind === "ignored") throw new Error(decision.reason);
    return decision.outbox.flatMap(({ id, dueAt, task }) =>
      task.kind === "publish" ? [] : [`${id} ${dueAt - since}`],
    );
  };

  test.each([
    ["2026-08-20T14:59:59Z", 1],
    ["2026-08-20T15:00:59Z", 1],
    ["2026-08-20T15:01:00Z", 5],
    ["2026-08-20T15:05:00Z", 15],
    ["2026-08-20T15:59:59Z", 60],
  ])(
    "the read of %s asks for the next one, %s minutes after the grant, under the grant's own id",
    (readAt, minutes) => {
      expect(next(readAt)).toEqual([
        `${subscriptionId}/entitlements:granted-2026-08-20T15:00:00.000Z+${minutes} ${minutes * 60_000}`,
      ]);
    },
  );

  test("an hour later, or when the grant is over, no read asks for another", () => {
    expect(next("2026-08-20T16:00:00Z")).toEqual([]);
    expect(next("2026-08-20T15:01:00Z", cancelling)).toEqual([]);
  });
});

describe("an entitlement that expires", () => {
  const reads = (...given: Parameters<typeof decide>) => {
    const decision = decide(...given);
    if (decision.kind === "ignored") throw new Error(decision.reason);
    return decision.outbox.flatMap(({ task, dueAt }) => (task.kind === "read-entitlements" ? [dueAt] : []));
  };
  const sooner = { ...support, expiresAt: at("2026-12-01T00:00:00Z") };

  test("is read again at that instant, the nearest of several, once for each date", () => {
    expect(reads(undefined, [seats, sooner])).toEqual([sooner.expiresAt]);
    expect(reads(known([seats, sooner]), [seats, sooner])).toEqual([]);
    expect(reads(known([seats, sooner]), [seats])).toEqual([seats.expiresAt]);
  });

  test("and is still there afterwards, as on a renewal, is not read for ever", () => {
    expect(reads(known([sooner]), [sooner], { readAt: "2026-12-01T00:00:00Z" })).toEqual([]);
  });

  test("of which nothing is known is not read again", () => {
    expect(reads(undefined, [support])).toEqual([]);
  });
});

describe("an empty answer after a buyer has come back", () => {
  const back: Grant = { state: "active", since: at("2026-08-20T14:30:00Z") };
  const earlierGrants = [{ since: at("2026-08-01T00:00:00Z"), cutAt }];
  const readAt = at("2026-08-20T14:31:00Z");
  const empty = { subscriptionId, readAt, entitlements: [] };

  test("does not carry what was bought before the end into the new grant, and says that it is gone", () => {
    const decision = decideEntitlements(known([seats]), empty, back, { earlierGrants, term: undefined });
    expect(decision).toMatchObject({
      kind: "stored",
      snapshot: { entitlements: [], emptySince: readAt, readAt },
    });
    const told = decision.kind === "stored" ? decision.outbox.map(({ task }) => task) : [];
    expect(told).toContainEqual(
      expect.objectContaining({ event: expect.objectContaining({ type: "entitlement.revoked" }) as object }),
    );
  });

  test("lets stand what was read since the buyer is back", () => {
    const since = { ...known([seats]), readAt: at("2026-08-20T14:30:30Z") };
    const decision = decideEntitlements(since, empty, back, { earlierGrants, term: undefined });
    expect(decision).toMatchObject({ snapshot: { entitlements: [seats], emptySince: readAt } });
  });
});
