import { describe, expect, it } from "vitest";
import { suspend } from "../agreement/suspend.ts";
import { Story } from "../story.ts";
import type { UsageRecord } from "./record.ts";

function begin() {
  const story = new Story();
  const agreement = story.buys("new-metered");
  const record = (change: Partial<UsageRecord> = {}) => Story.record(agreement, change);
  return { story, record };
}

describe("how much one call may hold", () => {
  const hours = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ Timestamp: (Story.hourAtMs + index) / 1_000 }));

  it("25 records, and not one more", () => {
    const { story, record } = begin();
    expect(story.outcome(hours(26).map(record))).toBe("ValidationException");
    expect(story.outcome(hours(25).map(record)).split(" ")).toHaveLength(25);
  });

  it("less than a megabyte", () => {
    const { story, record } = begin();
    expect(story.outcome([record()], { requestBytes: 1_000_000 })).toBe("RequestEntityTooLargeException");
    expect(story.outcome([record()], { requestBytes: 999_999 })).toBe("Success");
  });
});

describe("what AWS would not even read", () => {
  it.each<[string, Partial<UsageRecord>]>([
    ["an account that is no number", { CustomerAWSAccountId: "12345678901x" }],
    ["an account of 256 digits", { CustomerAWSAccountId: "1".repeat(256) }],
    ["a dimension without a letter", { Dimension: "" }],
    ["a dimension of 256 letters", { Dimension: "d".repeat(256) }],
    ["a time that is none", { Timestamp: NaN }],
  ])("%s", (_, change) => {
    const { story, record } = begin();
    expect(story.outcome([record(change)])).toBe("ValidationException");
  });

  it.each([
    ["a space", "old metered", "ValidationException"],
    ["256 letters", "p".repeat(256), "ValidationException"],
    ["255 letters", "p".repeat(255), "InvalidProductCodeException"],
  ])("a product code with %s", (_, ProductCode, code) => {
    const { story, record } = begin();
    const UsageRecords = [record({ LicenseArn: undefined })];
    expect(story.outcome({ ProductCode, UsageRecords })).toBe(code);
  });
});

it("a Region without the API takes nothing", () => {
  const { story, record } = begin();
  expect(story.outcome([record()], { region: "ca-west-1" })).toBe("DisabledApiException");
  expect(story.outcome([record()], { region: "eu-central-2" })).toBe("Success");
});

it("buyers of an old listing are told apart", () => {
  const story = new Story();
  const records = [Story.buyer, "210987654321"].map((buyerAccountId) =>
    Story.record(story.buys("old-metered", { buyerAccountId }), {
      Dimension: "emails",
      LicenseArn: undefined,
    }),
  );
  const other = { Dimension: "emails", Quantity: 8 };
  const UsageRecords = records.map((record, index) => ({ ...record, ...(index === 1 ? other : {}) }));
  expect(story.outcome({ ProductCode: "old-metered", UsageRecords })).toBe("Success Success");
});

it("nothing is taken while the buyer's account is suspended, and everything afterwards", () => {
  const { story, record } = begin();
  story.does(suspend(story.state, Story.buyer, Story.laterMs));
  expect(story.outcome([record()])).toBe("CustomerNotSubscribed");
  story.does({ answer: undefined, changes: [{ kind: "buyer-reinstated", buyerAccountId: Story.buyer }] });
  expect(story.outcome([record()])).toBe("Success");
});
