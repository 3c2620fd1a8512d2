import { describe, expect, test } from "vitest";
import type { Grant, Term } from "../lifecycle/subscription.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { at } from "../memory/example.ts";
import type { EntitlementSnapshot } from "./entitlement.ts";
import { noteTerm } from "./included-term.ts";

const since = at("2026-08-01T09:30:00Z");
const grant: Grant = { state: "active", since };

/** Answers one after the other, each at its instant and with so many units valid until another one. */
function terms(
  ...answers: readonly [
    readAt: string,
    value: number | string | undefined,
    until?: string | undefined,
    term?: Term,
  ][]
) {
  let before: EntitlementSnapshot | undefined;
  for (const [readAt, value, until, term] of answers) {
    const expiresAt = until === undefined ? {} : { expiresAt: at(until) };
    const entitlements = value === undefined ? [] : [{ dimension: "gb", value, ...expiresAt }];
    const answer = { readAt: at(readAt), entitlements };
    before = {
      ...{ subscriptionId: "l-1" as SubscriptionId, version: 1, ...answer },
      terms: noteTerm(before, answer, { grant, term, earlierGrants: [] }),
    };
  }
  return before?.terms?.map(({ since: from, quantities }) => [from, quantities["gb"]]);
}

describe("the terms of a contract", () => {
  test("begin with the grant while nothing else is known", () => {
    expect(terms(["2026-08-01T10:00:00Z", 100])).toEqual([[since, 100]]);
  });

  test("are told nothing by an answer with nothing in it, nor by what is no quantity", () => {
    expect(terms(["2026-08-01T10:00:00Z", undefined])).toEqual([]);
    expect(terms(["2026-08-01T10:00:00Z", "gold"])).toEqual([[since, undefined]]);
  });

  test("include the most that was read", () => {
    expect(
      terms(["2026-08-01T10:00:00Z", 100], ["2026-08-05T10:00:00Z", 300], ["2026-08-06T10:00:00Z", 200]),
    ).toEqual([[since, 300]]);
  });

  test("begin anew with the agreement that renews them, once it has begun", () => {
    const renewal = { intent: "RENEW", startsAt: at("2026-09-01T00:00:00Z") };
    expect(
      terms(
        ["2026-08-01T10:00:00Z", 100],
        ["2026-08-31T10:00:00Z", 100, undefined, renewal],
        ["2026-09-01T00:05:00Z", 50, undefined, renewal],
      ),
    ).toEqual([
      [since, 100],
      [renewal.startsAt, 50],
    ]);
  });

  test("go on when their own agreement becomes known later", () => {
    const own = { intent: "NEW", startsAt: at("2026-08-01T09:29:11Z") };
    expect(terms(["2026-08-01T10:00:00Z", 100], ["2026-08-01T10:05:00Z", 100, undefined, own])).toEqual([
      [since, 100],
    ]);
  });

  test("of an old listing, whose agreements are not told, begin anew where the old date was", () => {
    expect(
      terms(
        ["2026-08-01T10:00:00Z", 100, "2026-09-01T00:00:00Z"],
        ["2026-09-01T00:00:10Z", 70, "2026-10-01T00:00:00Z"],
      ),
    ).toEqual([
      [since, 100],
      [at("2026-09-01T00:00:00Z"), 70],
    ]);
  });

  test("of an old listing go on when they are lengthened long before their end", () => {
    expect(
      terms(
        ["2026-08-01T10:00:00Z", 100, "2026-09-01T00:00:00Z"],
        ["2026-08-10T00:00:10Z", 170, "2026-12-01T00:00:00Z"],
      ),
    ).toEqual([[since, 170]]);
  });
});

describe("a quantity that is still the old one", () => {
  const renewal: Term = { intent: "RENEW", startsAt: at("2026-09-01T00:00:00Z") };

  test("says nothing of the term that has begun: it was valid only until then", () => {
    expect(
      terms(
        ["2026-08-01T10:00:00Z", 1_000, "2026-09-01T00:00:00Z"],
        ["2026-09-01T00:00:05Z", 1_000, "2026-09-01T00:00:00Z", renewal],
        ["2026-09-01T00:05:00Z", 100, "2026-10-01T00:00:00Z", renewal],
      ),
    ).toEqual([
      [since, 1_000],
      [renewal.startsAt, 100],
    ]);
  });
});

test("a buyer who comes back after an end begins a term, though no agreement is told", () => {
  const back = at("2026-08-10T12:00:00Z");
  const row = { dimension: "gb", value: 100 };
  const first = { readAt: at("2026-08-01T10:00:00Z"), entitlements: [row] };
  const before: EntitlementSnapshot = {
    ...{ subscriptionId: "l-1" as SubscriptionId, version: 1, ...first },
    terms: noteTerm(undefined, first, { grant, earlierGrants: [] }),
  };
  const again = noteTerm(
    before,
    { readAt: at("2026-08-10T12:01:00Z"), entitlements: [row] },
    {
      grant: { state: "active", since: back },
      earlierGrants: [{ since, cutAt: at("2026-08-09T00:00:00Z") }],
    },
  );
  expect(again.map((one) => one.since)).toEqual([since, back]);
});
