import { describe, expect, it } from "vitest";
import { carryOut, type Decision } from "../decision.ts";
import { exampleCatalogue as catalogue } from "../example.ts";
import { dueNotifications } from "../notification/notification.ts";
import { initialState, type State } from "../state.ts";
import { minuteMs } from "../time.ts";
import { amend } from "./amend.ts";
import { cancel } from "./cancel.ts";
import type { Purchase } from "./purchase.ts";
import { subscribe } from "./subscribe.ts";

const buyer = "123456789012";
const nowMs = Date.parse("2026-08-20T14:23:11.013Z");

function answered<Answer>(state: State, decision: Decision<Answer>): Answer {
  const outcome = carryOut(state, decision);
  if ("refusal" in outcome) throw new Error(outcome.refusal.code);
  return outcome.answer;
}
const code = <Answer>(decision: Decision<Answer>) =>
  "refusal" in decision ? decision.refusal.code : "answered";

const buy = (state: State, productCode: string, more: Partial<Purchase> = {}, atMs = nowMs) =>
  answered(state, subscribe(catalogue, state, { productCode, buyerAccountId: buyer, ...more }, atMs))
    .agreement;

/** What is planned, as seconds after the purchase and kind. */
const planned = (state: State) =>
  dueNotifications(state.notifications, Infinity).map(
    ({ kind, dueAtMs }) => `${Math.floor((dueAtMs - nowMs) / 1_000)} ${kind}`,
  );

describe("a new listing speaks through EventBridge", () => {
  it("a purchase is announced after 11 seconds and its license after 72, in the event's whole seconds", () => {
    const state = initialState();
    buy(state, "new-metered");
    expect(planned(state)).toEqual(["11 agreement-created", "71 license-updated"]);
    const times = dueNotifications(state.notifications, Infinity).map(({ content }) =>
      content.channel === "eventbridge" ? content.event["time"] : undefined,
    );
    expect(times).toEqual(["2026-08-20T14:23:22Z", "2026-08-20T14:24:23Z"]);
  });

  it("agreement events name neither product nor license; license events name both", () => {
    const state = initialState();
    const agreement = buy(state, "new-metered");
    const [created, updated] = dueNotifications(state.notifications, Infinity).map(({ content }) =>
      content.channel === "eventbridge" ? content.event : {},
    );
    expect(created?.["detail-type"]).toBe("Purchase Agreement Created - Proposer");
    expect(created?.["detail"]).toMatchObject({
      agreement: { id: agreement.id, intent: "NEW", endTime: "9999-01-01T00:00:00Z" },
      acceptor: { accountId: buyer },
    });
    expect(created?.["detail"]).not.toHaveProperty("product");
    expect(created?.["detail"]).not.toHaveProperty("license");
    expect(updated?.["detail-type"]).toBe("License Updated - Manufacturer");
    expect(updated?.["detail"]).toMatchObject({
      agreement: { id: agreement.id },
      product: { id: "prod-new-metered", code: "new-metered" },
      license: { arn: agreement.licenseArn },
    });
  });

  it("a seller whose partner makes the offer hears as the manufacturer", () => {
    const state = initialState();
    buy(state, "new-metered", { proposerAccountId: "999900001111" });
    const [created] = dueNotifications(state.notifications, Infinity);
    expect(created?.content).toMatchObject({
      event: { "detail-type": "Purchase Agreement Created - Manufacturer" },
    });
  });

  it("a cancellation is announced at once and takes the license away 31 seconds later", () => {
    const state = initialState();
    const { id } = buy(state, "new-contract");
    answered(state, cancel(catalogue, state, id, nowMs + 100_000));
    expect(planned(state).slice(2)).toEqual(["100 agreement-ended", "131 license-deprovisioned"]);
  });

  it("a cancellation before activation announces no license, neither given nor taken", () => {
    const state = initialState();
    const { id } = buy(state, "new-metered");
    const cancelled = answered(state, cancel(catalogue, state, id, nowMs + 5_000));
    expect(planned(state)).toEqual(["5 agreement-ended", "11 agreement-created"]);
    expect(cancelled.activatedAtMs).toBeNull();
  });

  it("a term runs out by itself", () => {
    const state = initialState();
    buy(state, "new-metered", { endAtMs: nowMs + 60 * minuteMs });
    const last = dueNotifications(state.notifications, Infinity).slice(2);
    expect(last.map(({ kind }) => kind)).toEqual(["agreement-ended", "license-deprovisioned"]);
    expect(last[0]?.content).toMatchObject({ event: { detail: { agreement: { status: "EXPIRED" } } } });
  });

  it("a purchase for later is announced now and activated on its day", () => {
    const state = initialState();
    buy(state, "new-metered", { startAtMs: nowMs + 3_600_000 });
    expect(planned(state)).toEqual(["11 agreement-created", "3671 license-updated"]);
  });

  it("one buyer may hold several agreements, each with a license of its own", () => {
    const state = initialState();
    const arns = [1, 2, 3].map(() => buy(state, "new-metered").licenseArn);
    expect(new Set(arns).size).toBe(3);
  });

  it("the hundred-and-first agreement at a time is one too many", () => {
    const state = initialState();
    const [first] = Array.from({ length: 100 }, () => buy(state, "new-metered"));
    const more = { productCode: "new-metered", buyerAccountId: buyer };
    expect(code(subscribe(catalogue, state, more, nowMs))).toBe("too-many-agreements");
    answered(state, cancel(catalogue, state, first?.id ?? "", nowMs));
    expect(code(subscribe(catalogue, state, more, nowMs))).toBe("answered");
  });

  it("a message is due at its instant and not before", () => {
    const state = initialState();
    buy(state, "new-metered");
    expect(dueNotifications(state.notifications, nowMs + 10_999)).toEqual([]);
    expect(dueNotifications(state.notifications, nowMs + 11_000)).toHaveLength(1);
  });

  it("an upgrade updates the license", () => {
    const state = initialState();
    const { id } = buy(state, "new-contract", { entitlements: [{ dimension: "seats", value: 5 }] });
    const later = nowMs + 100_000;
    answered(state, amend(catalogue, state, id, { entitlements: [{ dimension: "seats", value: 9 }] }, later));
    expect(planned(state)).toEqual(expect.arrayContaining(["105 agreement-amended", "105 license-updated"]));
    expect(state.agreements[id]?.entitlements).toEqual([{ dimension: "seats", value: 9 }]);
  });
});

describe("an old listing speaks through SNS", () => {
  it("a subscription succeeds seconds later, and ends an hour after it was cancelled", () => {
    const state = initialState();
    const { id } = buy(state, "old-metered");
    answered(state, cancel(catalogue, state, id, nowMs + 100_000));
    expect(planned(state)).toEqual([
      "4 subscribe-success",
      "100 unsubscribe-pending",
      "3700 unsubscribe-success",
    ]);
  });

  it("a contract sends to both topics", () => {
    const state = initialState();
    buy(state, "old-contract", { endAtMs: nowMs + 1_000_000 });
    expect(planned(state)).toEqual([
      "4 subscribe-success",
      "4 entitlement-updated",
      "1000 unsubscribe-pending",
      "1000 entitlement-updated",
      "4600 unsubscribe-success",
    ]);
  });

  it("messages carry the buyer's identifier and no account id, and the trial flag as a text", () => {
    const state = initialState();
    buy(state, "old-metered", { freeTrial: true, offerId: "offer-1" });
    const [success] = dueNotifications(state.notifications, Infinity);
    expect(success?.content).toMatchObject({
      topicArn: "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-old-metered",
      message: {
        action: "subscribe-success",
        "offer-identifier": "offer-1",
        "product-code": "old-metered",
        isFreeTrialTermPresent: "true",
      },
    });
    expect(JSON.stringify(success?.content)).not.toContain(buyer);
  });

  it("a buyer who returns within the hour is never told of the end", () => {
    const state = initialState();
    const { id } = buy(state, "old-metered");
    answered(state, cancel(catalogue, state, id, nowMs + 100_000));
    buy(state, "old-metered", {}, nowMs + 200_000);
    expect(planned(state)).toEqual([
      "4 subscribe-success",
      "100 unsubscribe-pending",
      "204 subscribe-success",
    ]);
  });

  it("a cancellation before activation is a failed subscription", () => {
    const state = initialState();
    const { id } = buy(state, "old-metered");
    answered(state, cancel(catalogue, state, id, nowMs + 1_000));
    expect(planned(state)).toEqual(["1 subscribe-fail"]);
  });

  it("a second subscription while one runs is refused", () => {
    const state = initialState();
    buy(state, "old-metered");
    const again = { productCode: "old-metered", buyerAccountId: buyer };
    expect(code(subscribe(catalogue, state, again, nowMs))).toBe("already-subscribed");
  });
});

describe("what no buyer can do", () => {
  const state = initialState();
  const { id } = buy(state, "new-contract");
  const asBuyer = (more: Partial<Purchase>) =>
    code(subscribe(catalogue, state, { productCode: "new-contract", buyerAccountId: buyer, ...more }, nowMs));

  it("is refused, with the reason", () => {
    expect(asBuyer({ productCode: "nothing" })).toBe("product-unknown");
    expect(asBuyer({ endAtMs: nowMs })).toBe("end-before-start");
    expect(asBuyer({ entitlements: [{ dimension: "gb", value: 1 }] })).toBe("dimension-unknown");
    const twice = { dimension: "seats", value: 1 };
    expect(asBuyer({ entitlements: [twice, twice] })).toBe("dimension-repeated");
    expect(code(cancel(catalogue, state, "agmt-nothing", nowMs))).toBe("agreement-unknown");
    expect(code(amend(catalogue, state, id, { entitlements: [{ dimension: "gb", value: 1 }] }, nowMs))).toBe(
      "dimension-unknown",
    );
  });

  it("an agreement ends once", () => {
    answered(state, cancel(catalogue, state, id, nowMs));
    expect(code(cancel(catalogue, state, id, nowMs + 1))).toBe("agreement-ended");
    expect(code(amend(catalogue, state, id, { entitlements: [] }, nowMs))).toBe("agreement-ended");
  });
});

it("one story has the same names in every run, and another seed has others", () => {
  const names = (seed: string) => {
    const state = initialState(seed);
    buy(state, "new-metered");
    return Object.keys(state.agreements).concat(Object.keys(state.notifications), Object.keys(state.tokens));
  };
  expect(names("a")).toEqual(names("a"));
  expect(names("a").filter((name) => names("b").includes(name))).toEqual([]);
});
