import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  analyticsCode,
  at,
  customerIdentifier,
  example,
  exampleProduct,
  licenseArn,
  licenseId,
  mailerCode,
} from "../memory/example.ts";
import { deliver, licenseFact, spellings, topicFact } from "../memory/history.ts";
import type { Fact } from "./fact.ts";
import { foldSubscription } from "./fold.ts";
import {
  finalDeadline,
  grantPeriods,
  type Subscription,
  subscriptionKey,
  unknownSubscription,
} from "./subscription.ts";

/** The state that facts mean in the order in which they arrived; the first to name the license spells the start. */
function fold(code: string, facts: readonly Fact[]): Subscription {
  const spelled = facts.flatMap((fact) => ("licenseArn" in fact ? [fact.licenseArn] : []))[0];
  const key = subscriptionKey(exampleProduct(code), {
    customerIdentifier,
    licenseArn: spelled ?? licenseArn,
  });
  if (key === undefined) throw new Error("no key");
  return foldSubscription(unknownSubscription(code, key), exampleProduct(code), facts);
}

const foldLicense = (...facts: Fact[]) => fold(analyticsCode, facts).grant;
const foldTopic = (...facts: Fact[]) => fold(mailerCode, facts).grant;

describe("the state of a subscription", () => {
  test.each([
    ["with a license", analyticsCode, licenseFact],
    ["with a customer identifier", mailerCode, topicFact],
  ])("%s does not depend on the order or repetition of deliveries", (_, code, factOf) => {
    const draws = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(draws, fc.array(fc.nat(), { maxLength: 30 }), (rows, picks) => {
        const facts = rows.map(factOf);
        expect(fold(code, deliver(facts, picks))).toEqual(fold(code, facts));
      }),
      { numRuns: 1_000 },
    );
  });

  test("names the license in its full form, whichever spelling came first", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...spellings], { minLength: 1 }), (arns) => {
        const facts = arns.map((arn, index) =>
          example.licenseUpdated(`f-${index}`, "2026-08-20T10:00:00Z", { licenseArn: arn }),
        );
        const { id, identity } = fold(analyticsCode, facts);
        const full = arns.filter((arn) => arn.startsWith("arn:")).toSorted();
        expect(id).toBe(licenseId);
        expect(identity).toEqual({ by: "license", licenseArn: full[0] ?? arns.toSorted()[0] });
      }),
    );
  });
});

describe("a buyer of an old listing", () => {
  const began = example.subscribeSucceeded("f-1", "2026-08-20T10:00:00Z");
  const cut = example.unsubscribePending("f-2", "2026-08-20T13:10:00Z");
  const over = example.unsubscribeSucceeded("f-3", "2026-08-20T14:05:00Z");
  const again = example.subscribeSucceeded("f-4", "2026-08-20T14:06:00Z");

  test("who subscribes again after the end has two grants, and usage of either still counts", () => {
    const state = fold(mailerCode, [began, cut, over, again]);
    expect(state.grant).toEqual({ state: "active", since: at("2026-08-20T14:06:00Z") });
    expect(grantPeriods(state)).toEqual([
      { since: at("2026-08-20T10:00:00Z"), cutAt: at("2026-08-20T13:10:00Z") },
      { since: at("2026-08-20T14:06:00Z"), cutAt: undefined },
    ]);
  });

  test("who subscribes again before the end has one grant that was never cut", () => {
    const soon = example.subscribeSucceeded("f-4", "2026-08-20T13:30:00Z");
    expect(grantPeriods(fold(mailerCode, [began, cut, soon]))).toEqual([
      { since: at("2026-08-20T10:00:00Z"), cutAt: undefined },
    ]);
  });

  test("whose further payment fails keeps what is in force, and the cut of what is ending", () => {
    const failed = example.subscribeFailed("f-5", "2026-08-20T13:30:00Z");
    expect(foldTopic(began, failed)).toEqual({ state: "active", since: at("2026-08-20T10:00:00Z") });
    expect(foldTopic(began, cut, failed)).toEqual(foldTopic(began, cut));
  });
});

describe("a buyer of an old listing who returns", () => {
  const since = at("2026-08-20T10:00:00Z");
  const began = example.subscribeSucceeded("f-1", "2026-08-20T10:00:00Z");
  const cut = example.unsubscribePending("f-2", "2026-08-20T13:00:00Z");
  const again = (time: string) => example.subscribeSucceeded("f-3", time);

  test("exactly at the end of the final window goes on as if never cut", () => {
    expect(grantPeriods(fold(mailerCode, [began, cut, again("2026-08-20T14:00:00.000Z")]))).toEqual([
      { since, cutAt: undefined },
    ]);
  });

  test("a millisecond after the end of the final window has a new grant", () => {
    expect(grantPeriods(fold(mailerCode, [began, cut, again("2026-08-20T14:00:00.001Z")]))).toEqual([
      { since, cutAt: at("2026-08-20T13:00:00Z") },
      { since: at("2026-08-20T14:00:00.001Z"), cutAt: undefined },
    ]);
  });
});

describe("what has ended", () => {
  test("is not opened again by a later warning of the end", () => {
    const began = example.subscribeSucceeded("f-1", "2026-08-20T10:00:00Z");
    const over = example.unsubscribeSucceeded("f-2", "2026-08-20T13:00:00Z");
    const late = example.unsubscribePending("f-3", "2026-08-20T13:30:00Z");
    expect(foldTopic(began, over, late)).toEqual(foldTopic(began, over));
  });

  test("is not opened again by a license that is taken away after its window", () => {
    const ended = example.agreementEnded("f-2", "2026-08-20T11:00:00Z");
    const gone = example.licenseDeprovisioned("f-3", "2026-08-20T13:00:00Z");
    expect(foldLicense(example.licenseUpdated("f-1", "2026-08-20T10:00:00Z"), ended, gone)).toEqual({
      state: "ended",
      since: at("2026-08-20T10:00:00Z"),
      cutAt: at("2026-08-20T11:00:00Z"),
    });
  });
});

describe("the offer", () => {
  test("of a subscription by topic is kept when a later message names none", () => {
    const facts = [
      example.subscribeSucceeded("f-1", "2026-08-20T10:00:00Z", { offerId: "offer-1" }),
      example.subscribeSucceeded("f-2", "2026-08-20T11:00:00Z"),
    ];
    expect(fold(mailerCode, facts).offerId).toBe("offer-1");
  });

  test("of a license is kept when a later message names none", () => {
    const facts = [
      example.licenseUpdated("f-1", "2026-08-20T10:00:00Z", { offerId: "offer-1" }),
      example.licenseUpdated("f-2", "2026-08-20T11:00:00Z"),
    ];
    expect(fold(analyticsCode, facts).offerId).toBe("offer-1");
  });
});

describe("a license", () => {
  const updated = example.licenseUpdated("f-1", "2026-08-20T10:00:00Z");
  const active = { state: "active", since: at("2026-08-20T10:00:00Z") };

  test("is pending once its agreement is made and active once it is updated", () => {
    const created = example.agreementCreated("f-0", "2026-08-20T09:59:00Z");
    expect(foldLicense(created)).toEqual({ state: "pending" });
    expect(foldLicense(created, updated)).toEqual(active);
  });

  test("updated again stays active since the first time", () => {
    expect(foldLicense(updated, example.licenseUpdated("f-2", "2026-09-20T10:00:00Z"))).toEqual(active);
  });

  test.each(["RENEWED", "REPLACED"] as const)("whose agreement was %s loses nothing", (status) => {
    const ended = example.agreementEnded("f-2", "2026-08-21T10:00:00Z", { status });
    expect(foldLicense(updated, ended)).toEqual(active);
  });

  test.each(["CANCELLED", "EXPIRED", "TERMINATED"] as const)(
    "whose agreement was %s may report earlier usage for an hour",
    (status) => {
      const ended = example.agreementEnded("f-2", "2026-08-21T10:00:00Z", { status });
      expect(foldLicense(updated, ended)).toEqual({
        state: "cancelling",
        since: active.since,
        cutAt: at("2026-08-21T10:00:00Z"),
        deadlineAt: at("2026-08-21T11:00:00Z"),
      });
    },
  );

  test("that moved to a new agreement outlives the end of the old one, whichever came first", () => {
    const moved = example.licenseUpdated("f-2", "2026-08-21T10:00:00Z", { agreementId: "agmt-2" });
    for (const time of ["2026-08-21T09:59:59Z", "2026-08-21T10:00:00Z", "2026-08-21T10:00:01Z"]) {
      const ended = example.agreementEnded("f-3", time, { status: "EXPIRED" });
      expect(foldLicense(updated, moved, ended)).toEqual(active);
    }
  });

  test("whose agreement had ended before it was updated never becomes active", () => {
    const ended = example.agreementEnded("f-0", "2026-08-20T09:59:50Z");
    expect(foldLicense(ended, updated)).toMatchObject({
      state: "cancelling",
      cutAt: at("2026-08-20T09:59:50Z"),
      since: undefined,
    });
  });

  test("whose agreement ended in the instant of the update never becomes active", () => {
    expect(foldLicense(updated, example.agreementEnded("f-2", "2026-08-20T10:00:00Z"))).toMatchObject({
      state: "cancelling",
      cutAt: at("2026-08-20T10:00:00Z"),
      since: undefined,
    });
  });

  test.each(["2026-08-20T09:30:00Z", "2026-08-20T11:00:00Z"])(
    "goes by the first end of its agreement, and not by another one at %s",
    (time) => {
      const ends = [
        example.agreementEnded("f-2", "2026-08-20T09:00:00Z"),
        example.agreementEnded("f-3", time, { status: "EXPIRED" }),
      ];
      expect(foldLicense(...ends, updated)).toMatchObject({
        cutAt: at("2026-08-20T09:00:00Z"),
        since: undefined,
      });
    },
  );

  test("names its buyer also when it is only told that it was taken away", () => {
    const gone = example.licenseDeprovisioned("f-1", "2026-08-20T10:00:00Z", {
      buyerAccountId: "999999999999",
    });
    expect(fold(analyticsCode, [gone]).buyerAccountId).toBe("999999999999");
  });

  test("keeps the earliest sign of its end as the cut", () => {
    const ended = example.agreementEnded("f-2", "2026-08-21T10:00:00Z");
    const deprovisioned = example.licenseDeprovisioned("f-3", "2026-08-21T10:03:00Z");
    expect(foldLicense(updated, ended, deprovisioned)).toMatchObject({ cutAt: at("2026-08-21T10:00:00Z") });
    const early = example.licenseDeprovisioned("f-3", "2026-08-21T09:57:00Z");
    expect(foldLicense(updated, ended, early)).toMatchObject({ cutAt: at("2026-08-21T09:57:00Z") });
  });

  test("that was deprovisioned never comes back", () => {
    const gone = example.licenseDeprovisioned("f-2", "2026-08-21T10:00:00Z");
    const again = example.licenseUpdated("f-3", "2026-08-21T10:05:00Z", { agreementId: "agmt-2" });
    expect(foldLicense(updated, gone, again)).toMatchObject({
      state: "cancelling",
      cutAt: at("2026-08-21T10:00:00Z"),
    });
  });

  test("that was deprovisioned in the same second as it was updated is gone", () => {
    const gone = example.licenseDeprovisioned("a-first-by-id", "2026-08-20T10:00:00Z");
    expect(foldLicense(gone, updated)).toMatchObject({ state: "cancelling" });
  });

  test("of an agreement that is not its own is not ended by it", () => {
    const stranger = example.agreementEnded("f-2", "2026-08-21T10:00:00Z", { agreementId: "agmt-9" });
    expect(foldLicense(updated, stranger)).toEqual(active);
  });

  test("registered before it is known keeps its buyer", () => {
    const registered = example.registered("f-0", "2026-08-20T09:00:00Z");
    const state = fold(analyticsCode, [registered, updated]);
    expect(state).toMatchObject({
      registration: "registered",
      grant: active,
      buyerAccountId: "123456789012",
    });
    expect(state.customerId).toMatch(/^cus-[0-9a-f]{24}$/);
  });
});

describe("a subscription by topic", () => {
  const success = example.subscribeSucceeded("f-1", "2026-08-20T10:00:00Z", { freeTrial: true });
  const pending = example.unsubscribePending("f-2", "2026-08-21T10:00:00Z");
  const done = example.unsubscribeSucceeded("f-3", "2026-08-21T11:00:00Z");
  const cutAt = at("2026-08-21T10:00:00Z");
  const since = at("2026-08-20T10:00:00Z");

  test("goes from active over cancelling to ended, and keeps the cut", () => {
    expect(foldTopic(success)).toEqual({ state: "active", since });
    expect(foldTopic(success, pending)).toEqual({
      state: "cancelling",
      since,
      cutAt,
      deadlineAt: finalDeadline(cutAt),
    });
    expect(foldTopic(success, pending, done)).toEqual({ state: "ended", since, cutAt });
  });

  test("ended without a warning is cut when it ended", () => {
    expect(foldTopic(success, done)).toEqual({ state: "ended", since, cutAt: at("2026-08-21T11:00:00Z") });
  });

  test("made again before it was over goes on as if it had never been cut", () => {
    const again = example.subscribeSucceeded("f-4", "2026-08-21T10:10:00Z");
    expect(foldTopic(success, pending, again)).toEqual({ state: "active", since });
  });

  test("made again after it was over begins anew", () => {
    const again = example.subscribeSucceeded("f-4", "2026-08-22T10:00:00Z");
    expect(foldTopic(success, pending, done, again)).toEqual({
      state: "active",
      since: at("2026-08-22T10:00:00Z"),
    });
  });

  test("that failed is failed, but a failure does not end what is active", () => {
    const failed = example.subscribeFailed("f-0", "2026-08-20T09:00:00Z");
    expect(foldTopic(failed)).toEqual({ state: "failed", at: at("2026-08-20T09:00:00Z") });
    expect(foldTopic(failed, success)).toEqual({ state: "active", since });
    expect(foldTopic(success, example.subscribeFailed("f-5", "2026-08-20T12:00:00Z"))).toEqual({
      state: "active",
      since,
    });
  });

  test("knows whether it is a trial from the newest success", () => {
    expect(fold(mailerCode, [success]).freeTrial).toBe(true);
    const paid = example.subscribeSucceeded("f-4", "2026-09-20T10:00:00Z");
    expect(fold(mailerCode, [paid, success]).freeTrial).toBe(false);
  });
});
