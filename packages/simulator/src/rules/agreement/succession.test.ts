import { describe, expect, it } from "vitest";
import { getEntitlements } from "../entitlement/get-entitlements.ts";
import { batchMeterUsage } from "../metering/batch-meter-usage.ts";
import { Story } from "../story.ts";
import { dayMs, hourMs } from "../time.ts";
import { amend } from "./amend.ts";
import { cancel } from "./cancel.ts";
import { passTime } from "./pass-time.ts";
import { renew, replace, type Succession } from "./succeed.ts";

const beginMs = Story.beginMs;
const laterMs = beginMs + 10 * dayMs;
const seats = (value: number) => [{ dimension: "seats", value }];

/** A contract that is replaced or renewed ten days in. */
function succeeded(
  how: "renew" | "replace",
  licenseAtRenewal: "same" | "new",
  productCode = "new-contract",
  change: Succession = {},
) {
  const story = new Story({ licenseAtRenewal });
  const { id } = story.buys(productCode, { entitlements: seats(5) });
  const decide = how === "renew" ? renew : replace;
  const next = story.does(decide(story.catalogue, story.state, id, change, laterMs));
  return { story, old: story.agreement(id), next };
}

function seatsHeld(story: Story, licenseArn: string, atMs: number) {
  const request = { ProductCode: "new-contract", Filter: { LICENSE_ARN: [licenseArn] } };
  const decision = getEntitlements(story.catalogue, story.state, request, atMs);
  return "answer" in decision ? decision.answer.Entitlements.map(({ Value }) => Value["IntegerValue"]) : [];
}

function meter(story: Story, licenseArn: string, timestampMs: number, nowMs = timestampMs) {
  const record = { Dimension: "gb", CustomerAWSAccountId: Story.buyer, LicenseArn: licenseArn };
  const request = { UsageRecords: [{ ...record, Timestamp: timestampMs / 1_000, Quantity: 1 }] };
  const context = { nowMs, region: "us-east-1", requestBytes: 100 };
  const outcome = story.tries(batchMeterUsage(story.catalogue, story.state, request, context));
  return "answer" in outcome ? outcome.answer.Results[0]?.Status : outcome.refusal.code;
}

describe.each(["same", "new"] as const)("with %s license at a renewal", (licenseAtRenewal) => {
  const deprovisioned = licenseAtRenewal === "new" ? ["31 license-deprovisioned"] : [];

  it.each(["renew", "replace"] as const)(
    "a %s ends the old agreement and begins one that names it",
    (how) => {
      const { old, next } = succeeded(how, licenseAtRenewal);
      const status = how === "renew" ? "RENEWED" : "REPLACED";
      expect(old.end).toMatchObject({ status, endedAtMs: laterMs });
      expect(next).toMatchObject({
        intent: how === "renew" ? "RENEW" : "REPLACE",
        previousAgreementId: old.id,
        initialAgreementId: old.id,
        startAtMs: laterMs,
      });
      expect(next.id).not.toBe(old.id);
    },
  );

  it("the license is kept or exchanged by its switch, and only an exchanged one is taken away", () => {
    const { story, old, next } = succeeded("renew", licenseAtRenewal);
    expect(next.licenseArn === old.licenseArn).toBe(licenseAtRenewal === "same");
    const arns = story
      .events(laterMs)
      .filter(({ type }) => type.startsWith("License Deprovisioned"))
      .map(({ detail }) => detail["license"]);
    // The renewed term's own end is a year ahead.
    expect(arns).toEqual([
      ...(licenseAtRenewal === "new" ? [{ arn: old.licenseArn }] : []),
      { arn: next.licenseArn },
    ]);
  });

  it("events tell of the end, the new agreement and the license, and of no other end before its term", () => {
    const { story } = succeeded("replace", licenseAtRenewal);
    expect(story.ahead(laterMs).filter((text) => Number(text.split(" ")[0]) < 1_000)).toEqual([
      "0 agreement-ended",
      "11 agreement-created",
      ...deprovisioned,
      "72 license-updated",
    ]);
  });

  it("the buyer holds entitlements at every instant of it, once", () => {
    const { story, old, next } = succeeded("replace", licenseAtRenewal, "new-contract", {
      entitlements: seats(9),
    });
    expect(seatsHeld(story, old.licenseArn, laterMs - 1_000)).toEqual([5]);
    expect(seatsHeld(story, next.licenseArn, laterMs)).toEqual([9]);
    if (licenseAtRenewal === "new") expect(seatsHeld(story, old.licenseArn, laterMs)).toEqual([]);
  });

  it("usage of before and after is taken, each under the license of its time", () => {
    const { story, old, next } = succeeded("renew", licenseAtRenewal);
    expect(meter(story, old.licenseArn, laterMs - hourMs, laterMs + 60_000)).toBe("Success");
    expect(meter(story, next.licenseArn, laterMs)).toBe("Success");
    const late = meter(story, old.licenseArn, laterMs - 2 * hourMs, laterMs + 2 * hourMs);
    expect(late).toBe(licenseAtRenewal === "same" ? "Success" : "CustomerNotSubscribed");
  });

  it("the end of the last agreement ends what is metered under every license of the chain", () => {
    const { story, old, next } = succeeded("renew", licenseAtRenewal);
    story.does(cancel(story.catalogue, story.state, next.id, laterMs + dayMs));
    const overMs = laterMs + dayMs + 2 * hourMs;
    for (const arn of [old.licenseArn, next.licenseArn])
      expect(meter(story, arn, laterMs + dayMs - hourMs, overMs)).toBe("CustomerNotSubscribed");
  });

  it("by product code, an old listing's subscription goes on as one", () => {
    const { story, old, next } = succeeded("replace", licenseAtRenewal, "old-contract");
    const record = { Dimension: "calls", CustomerAWSAccountId: Story.buyer, Quantity: 1 };
    const at = (timestampMs: number) => ({ ...record, Timestamp: timestampMs / 1_000 });
    const UsageRecords = [at(laterMs - 2 * hourMs), at(laterMs + hourMs)];
    const context = { nowMs: laterMs + 2 * hourMs, region: "us-east-1", requestBytes: 100 };
    const request = { ProductCode: "old-contract", UsageRecords };
    const { Results } = story.does(batchMeterUsage(story.catalogue, story.state, request, context));
    expect(Results.map(({ Status }) => Status)).toEqual(["Success", "Success"]);
    const billed = Object.values(story.state.records).map(({ licenseArn }) => licenseArn);
    expect(billed).toEqual([old.licenseArn, next.licenseArn]);
  });
});

it("a trial and missing licenses end with the first agreement", () => {
  const story = new Story();
  const { id } = story.buys("new-contract", { freeTrial: true, licenseArnMissing: 3 });
  const next = story.does(renew(story.catalogue, story.state, id, {}, laterMs));
  expect(next).toMatchObject({ freeTrial: false, licenseArnMissing: 0 });
});

describe("what old listings are told", () => {
  it("a renewal is an entitlement-updated and nothing else", () => {
    const { story } = succeeded("renew", "same", "old-contract");
    expect(story.ahead(laterMs)[0]).toBe("5 entitlement-updated");
    expect(story.ahead(laterMs)[1]).toMatch(/^3\d+ unsubscribe-pending$/);
  });

  it("a replacement is a subscribe-success again, with the new offer", () => {
    const { story, next, old } = succeeded("replace", "same", "old-contract");
    expect(story.ahead(laterMs).slice(0, 2)).toEqual(["5 subscribe-success", "5 entitlement-updated"]);
    expect(story.messages(laterMs)[0]).toMatchObject({ "offer-identifier": next.offerId });
    expect(next.offerId).not.toBe(old.offerId);
  });

  it("a migrating listing is told both ways", () => {
    const { story } = succeeded("replace", "same", "moving-contract");
    expect(story.ahead(laterMs).slice(0, 5)).toEqual([
      "0 agreement-ended",
      "5 subscribe-success",
      "5 entitlement-updated",
      "11 agreement-created",
      "72 license-updated",
    ]);
  });
});

describe("the event of a new agreement", () => {
  it("says RENEW with what it follows, the product and the proposer's name, and no resale authorization", () => {
    const { story, old } = succeeded("renew", "same");
    const created = story.events(laterMs).find(({ type }) => type.includes("Created"));
    expect(created?.detail).toMatchObject({
      agreement: { intent: "RENEW", previousAgreementId: old.id },
      product: { id: "prod-new-contract" },
    });
    expect(created?.detail).not.toHaveProperty("resaleAuthorization");
    expect(created?.detail["proposer"]).toHaveProperty("name");
  });

  it("says REPLACE with what it follows", () => {
    const { story, old } = succeeded("replace", "same");
    const created = story.events(laterMs).find(({ type }) => type.includes("Created"));
    expect(created?.detail).toMatchObject({ agreement: { intent: "REPLACE", previousAgreementId: old.id } });
  });
});

describe("a term that is renewed by itself", () => {
  const month = {
    startAtMs: Date.parse("2026-09-15T00:00:00Z"),
    endAtMs: Date.parse("2026-10-15T00:00:00Z"),
  };
  const begin = () => {
    const story = new Story();
    const first = story.buys("new-contract", { ...month, autoRenew: true });
    const passes = (untilMs: number) => {
      for (;;) {
        const next = passTime(story.catalogue, story.state, untilMs);
        if (next === undefined) return Object.values(story.state.agreements);
        story.does(next);
      }
    };
    return { story, first, passes };
  };

  it("goes on at the very end, for as long as before, again and again", () => {
    const { passes } = begin();
    expect(passes(month.endAtMs - 1)).toHaveLength(1);
    const agreements = passes(Date.parse("2027-01-01T00:00:00Z"));
    expect(agreements.map(({ startAtMs }) => new Date(startAtMs).toISOString().slice(0, 10))).toEqual([
      "2026-09-15",
      "2026-10-15",
      "2026-11-15",
      "2026-12-15",
    ]);
    expect(agreements.map(({ end }) => end?.status)).toEqual(["RENEWED", "RENEWED", "RENEWED", undefined]);
  });

  it("comes in the order of the ends, whichever was bought first", () => {
    const story = new Story();
    const endsAfter = (days: number) => ({ endAtMs: beginMs + days * dayMs, autoRenew: true });
    const [late, early] = [20, 10].map((days) => story.buys("new-contract", endsAfter(days)));
    const renewed = () => {
      const decision = passTime(story.catalogue, story.state, beginMs + 25 * dayMs);
      return decision && story.does(decision).previousAgreementId;
    };
    const first = renewed();
    expect(first).toBe(early?.id);
    renewed();
    expect(
      Object.values(story.state.agreements).map(({ previousAgreementId }) => previousAgreementId),
    ).toContain(late?.id);
  });

  it("announces no end while it will be renewed", () => {
    const { story } = begin();
    expect(story.ahead().map((text) => text.split(" ")[1])).toEqual(["agreement-created", "license-updated"]);
  });

  it("runs out once the renewal is switched off, and not when it is switched on again", () => {
    const { story, first, passes } = begin();
    const nowMs = month.startAtMs + dayMs;
    const set = (autoRenew: boolean) =>
      story.does(amend(story.catalogue, story.state, first.id, { autoRenew, disabledBy: "PROPOSER" }, nowMs));
    expect(set(false)).toMatchObject({ renewalDisabledBy: "PROPOSER", end: { status: "EXPIRED" } });
    expect(story.ahead(month.endAtMs).map((text) => text.split(" ")[1])).toEqual([
      "agreement-ended",
      "license-deprovisioned",
    ]);
    expect(story.events(nowMs)[0]).toMatchObject({
      type: "Purchase Agreement Amended - Proposer",
      detail: {
        agreement: { intent: "AMEND", autoRenewalEnabled: false },
        renewalSummary: { disabledBy: "PROPOSER", lockoutStartTime: null },
      },
    });
    expect(set(true)).toMatchObject({ renewalDisabledBy: null, end: null });
    expect(story.ahead(month.endAtMs)).toEqual([]);
    expect(passes(month.endAtMs)).toHaveLength(2);
  });
});

describe("what cannot follow", () => {
  it("is refused, with the reason", () => {
    const story = new Story();
    const { catalogue, state } = story;
    const metered = story.buys("new-metered");
    const early = story.buys("new-contract");
    const code = (decision: ReturnType<typeof renew>) => story.refusal(decision);
    expect(code(renew(catalogue, state, metered.id, {}, laterMs))).toBe("no-term");
    expect(code(replace(catalogue, state, metered.id, {}, laterMs))).toBe("no-contract");
    expect(code(amend(catalogue, state, metered.id, { autoRenew: true }, laterMs))).toBe("no-term");
    expect(code(renew(catalogue, state, early.id, {}, beginMs))).toBe("agreement-not-active");
    expect(code(renew(catalogue, state, "agmt-none", {}, laterMs))).toBe("agreement-unknown");
    expect(code(replace(catalogue, state, early.id, { endAtMs: laterMs }, laterMs))).toBe("end-before-start");
    const unknown = { entitlements: [{ dimension: "gb", value: 1 }] };
    expect(code(replace(catalogue, state, early.id, unknown, laterMs))).toBe("dimension-unknown");
    story.does(renew(catalogue, state, early.id, {}, laterMs));
    for (const decide of [renew, replace])
      expect(code(decide(catalogue, state, early.id, {}, laterMs))).toBe("agreement-ended");
    expect(code(cancel(catalogue, state, early.id, laterMs))).toBe("agreement-ended");
    expect(code(amend(catalogue, state, early.id, {}, laterMs))).toBe("agreement-ended");
  });
});
