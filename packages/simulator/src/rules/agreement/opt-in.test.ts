import { describe, expect, it } from "vitest";
import { findListing } from "../listing.ts";
import { bill } from "../metering/bill.ts";
import { Story } from "../story.ts";
import { dayMs, hourMs } from "../time.ts";
import { cancel } from "./cancel.ts";
import { optIn } from "./opt-in.ts";

/** A buyer of an old listing, and what may be done about it. */
function begin(productCode = "old-metered", purchase = {}) {
  const story = new Story();
  const agreement = story.buys(productCode, purchase);
  const { catalogue, state } = story;
  const emails = { Dimension: "emails" };
  const byLicense = [Story.record(agreement, emails)];
  const byProductCode = {
    ProductCode: productCode,
    UsageRecords: [Story.record(agreement, { ...emails, LicenseArn: undefined })],
  };
  const optsIn = (nowMs = Story.beginMs + hourMs) => story.does(optIn(catalogue, state, productCode, nowMs));
  return { story, agreement, byLicense, byProductCode, optsIn };
}

describe("from the opt-in on", () => {
  it.each(["old-metered", "moving-metered"])(
    "the product code of %s is refused, the license taken",
    (code) => {
      const { story, byLicense, byProductCode, optsIn } = begin(code);
      expect(story.outcome(byProductCode)).toBe("Success");
      optsIn();
      expect(story.outcome(byProductCode)).toBe("InvalidProductCodeException");
      expect(story.outcome(byLicense)).toBe("Success");
    },
  );

  it("an hour that was reported by product code is billed again by license, as AWS warns", () => {
    const { story, byLicense, byProductCode, optsIn } = begin();
    story.meters(byProductCode);
    optsIn();
    story.meters(byLicense);
    expect(bill(story.catalogue, story.state).records.map(({ by, quantity }) => [by, quantity])).toEqual([
      ["product-code", 7],
      ["license", 7],
    ]);
  });

  it("a buyer may hold several agreements", () => {
    const { story, optsIn } = begin();
    expect(() => story.buys("old-metered")).toThrow("already-subscribed");
    optsIn();
    expect(story.buys("old-metered", {}, Story.beginMs + hourMs).licenseArn).toBeDefined();
  });

  it("a purchase and a cancellation are told both ways", () => {
    const { story, agreement, optsIn } = begin();
    optsIn(Story.laterMs);
    const { catalogue, state } = story;
    story.does(cancel(catalogue, state, agreement.id, Story.laterMs));
    expect(story.ahead(Story.laterMs).map((text) => text.split(" ")[1])).toEqual(
      expect.arrayContaining(["agreement-ended", "license-deprovisioned", "unsubscribe-pending"]),
    );
  });
});

describe("the agreements that a listing has", () => {
  const endAtMs = Story.beginMs + 30 * dayMs;
  const kinds = (story: Story) => story.ahead().map((text) => text.split(" ")[1]);

  it("tell by events too what is ahead of them, and nothing that is past", () => {
    const { story, optsIn } = begin("old-contract", { endAtMs });
    expect(kinds(story)).not.toContain("license-deprovisioned");
    optsIn();
    expect(kinds(story)).toEqual(expect.arrayContaining(["agreement-ended", "license-deprovisioned"]));
    expect(kinds(story)).not.toContain("license-updated");
  });

  it("tell of a license that is still to come", () => {
    const { story, optsIn } = begin("old-contract", { endAtMs });
    optsIn(Story.beginMs + 1_000);
    expect(kinds(story)).toContain("license-updated");
  });

  it("tell nothing where the payment failed, or of another listing", () => {
    const { story, optsIn } = begin("old-metered", { paymentFails: true });
    story.buys("old-contract", { endAtMs });
    const before = kinds(story);
    optsIn(Story.beginMs);
    expect(kinds(story)).toEqual(before);
  });

  it("say nothing again that a listing in migration says anyway", () => {
    const { story, optsIn } = begin("moving-contract", { endAtMs });
    const before = kinds(story);
    optsIn();
    expect(kinds(story)).toEqual(before);
  });
});

it("there is no way to opt in twice, nor for a new listing or one that is not sold", () => {
  const { story, optsIn } = begin();
  const { catalogue, state } = story;
  const refusal = (code: string) => story.refusal(optIn(catalogue, state, code, Story.laterMs));
  expect(optsIn()).toMatchObject({ generation: "migrating", optedInAtMs: Story.beginMs + hourMs });
  expect(findListing(catalogue, state, "old-contract")).toMatchObject({
    generation: "sns",
    optedInAtMs: null,
  });
  expect(refusal("old-metered")).toBe("already-opted-in");
  expect(refusal("new-metered")).toBe("already-opted-in");
  expect(refusal("nothing")).toBe("product-unknown");
});
