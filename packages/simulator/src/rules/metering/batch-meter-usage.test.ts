import { describe, expect, it } from "vitest";
import { cancel } from "../agreement/cancel.ts";
import { type Subscribed, subscribe } from "../agreement/subscribe.ts";
import type { Catalogue } from "../catalogue.ts";
import { carryOut, type Decision } from "../decision.ts";
import { exampleCatalogue } from "../example.ts";
import { customerIdentifierOf } from "../identity.ts";
import { initialState, type State } from "../state.ts";
import { dayMs, hourMs, minuteMs, secondMs } from "../time.ts";
import { batchMeterUsage } from "./batch-meter-usage.ts";
import { bill } from "./bill.ts";
import type { BatchMeterUsageRequest, UsageRecord } from "./record.ts";

const buyer = "123456789012";
const acceptedAtMs = Date.parse("2026-08-20T14:23:11.013Z");
/** Accepted plus 72 seconds, in whole seconds. */
const activatedAtMs = Date.parse("2026-08-20T14:24:23Z");
const laterMs = Date.parse("2026-08-20T18:05:00Z");
const hourAtMs = Date.parse("2026-08-20T16:00:00Z");

function answered<Answer>(state: State, decision: Decision<Answer>): Answer {
  const outcome = carryOut(state, decision);
  if ("refusal" in outcome) throw new Error(outcome.refusal.message);
  return outcome.answer;
}

class Story {
  readonly state = initialState();
  readonly catalogue: Catalogue;
  constructor(conflicts: Partial<Catalogue["conflicts"]> = {}) {
    this.catalogue = { ...exampleCatalogue, conflicts: { ...exampleCatalogue.conflicts, ...conflicts } };
  }
  subscribes(productCode: string, buyerAccountId = buyer, nowMs = acceptedAtMs): Subscribed["agreement"] {
    return answered(this.state, subscribe(this.catalogue, this.state, { productCode, buyerAccountId }, nowMs))
      .agreement;
  }
  cancels(id: string, nowMs: number) {
    return answered(this.state, cancel(this.catalogue, this.state, id, nowMs));
  }
  /** The statuses of the records, or the code of the refusal. */
  meters(request: BatchMeterUsageRequest, nowMs = laterMs, region = "us-east-1", requestBytes = 1_000) {
    const context = { nowMs, region, requestBytes };
    const outcome = carryOut(this.state, batchMeterUsage(this.catalogue, this.state, request, context));
    return "refusal" in outcome
      ? outcome.refusal.code
      : outcome.answer.Results.map(({ Status }) => Status).join(" ");
  }
  billed(): number[] {
    return bill(this.catalogue, this.state).records.map(({ quantity }) => quantity);
  }
}

/** A story in which a buyer has the new listing, with a way to make records about it. */
function withLicense(conflicts: Partial<Catalogue["conflicts"]> = {}) {
  const story = new Story(conflicts);
  const agreement = story.subscribes("new-metered");
  const record = (change: Partial<UsageRecord> = {}): UsageRecord => ({
    Timestamp: hourAtMs / 1_000,
    Dimension: "gb",
    Quantity: 7,
    CustomerAWSAccountId: buyer,
    LicenseArn: agreement.licenseArn,
    ...change,
  });
  const meters = (change: Partial<UsageRecord> = {}, nowMs = laterMs) =>
    story.meters({ UsageRecords: [record(change)] }, nowMs);
  return { story, agreement, record, meters };
}

describe("the first quantity for an hour is billed, and only that", () => {
  it("a different quantity for the same hour is a duplicate and bills nothing", () => {
    const { story, meters } = withLicense();
    expect(meters()).toBe("Success");
    expect(meters({ Quantity: 8 })).toBe("DuplicateRecord");
    expect(story.billed()).toEqual([7]);
  });

  it.each(["Success", "DuplicateRecord"] as const)(
    "an identical resend answers %s and bills once",
    (answer) => {
      const { story, meters } = withLicense({ identicalResend: answer });
      meters();
      expect(meters()).toBe(answer);
      expect(story.billed()).toEqual([7]);
    },
  );

  it("the same quantity at another minute of the hour is a duplicate, not a resend", () => {
    const { story, meters } = withLicense();
    meters();
    expect(meters({ Timestamp: hourAtMs / 1_000 + 60 })).toBe("DuplicateRecord");
    expect(story.billed()).toEqual([7]);
  });

  it("two records for one hour in one call bill the first", () => {
    const { story, record } = withLicense();
    expect(story.meters({ UsageRecords: [record(), record({ Quantity: 1 })] })).toBe(
      "Success DuplicateRecord",
    );
    expect(story.billed()).toEqual([7]);
  });

  it("a zero locks its hour", () => {
    const { story, meters } = withLicense();
    expect(meters({ Quantity: undefined })).toBe("Success");
    expect(meters({ Quantity: 9 })).toBe("DuplicateRecord");
    expect(story.billed()).toEqual([0]);
  });

  it("hours, dimensions, licenses and Regions are told apart", () => {
    const { story, record } = withLicense();
    const second = story.subscribes("new-metered");
    const records = [
      record(),
      record({ Timestamp: (hourAtMs + hourMs) / 1_000 }),
      record({ Dimension: "events" }),
      record({ LicenseArn: second.licenseArn }),
    ];
    expect(story.meters({ UsageRecords: records })).toBe("Success Success Success Success");
    expect(story.meters({ UsageRecords: [record()] }, laterMs, "eu-west-1")).toBe("Success");
    expect(story.billed()).toEqual([7, 7, 7, 7, 7]);
  });

  it("the answer to a duplicate names the record that was billed", () => {
    const { story, record } = withLicense();
    const call = (Quantity: number) =>
      answered(
        story.state,
        batchMeterUsage(
          story.catalogue,
          story.state,
          { UsageRecords: [record({ Quantity })] },
          { nowMs: laterMs, region: "us-east-1", requestBytes: 1_000 },
        ),
      ).Results[0]?.MeteringRecordId;
    expect(call(1)).toMatch(/^[0-9a-f-]{36}$/);
    expect(call(2)).toBe(call(1));
  });
});

describe("one bad record refuses the whole call, and nothing of it is billed", () => {
  const { story, record } = withLicense();
  const other = story.subscribes("new-contract");
  const split = (...parts: { AllocatedUsageQuantity: number; Tags?: { Key: string; Value: string }[] }[]) =>
    record({ UsageAllocations: parts });
  const team = (Value: string) => [{ Key: "team", Value }];

  it.each<[string, UsageRecord, string]>([
    ["an unknown dimension", record({ Dimension: "GB" }), "InvalidUsageDimensionException"],
    ["an unknown license", record({ LicenseArn: `${other.licenseArn}0` }), "InvalidLicenseException"],
    ["no license", record({ LicenseArn: undefined }), "InvalidLicenseException"],
    ["another buyer's license", record({ CustomerAWSAccountId: "210987654321" }), "InvalidLicenseException"],
    ["a license of another product", record({ LicenseArn: other.licenseArn }), "InvalidLicenseException"],
    ["usage before activation", record({ Timestamp: activatedAtMs / 1_000 - 1 }), "InvalidLicenseException"],
    [
      "a customer identifier with a license",
      record({ CustomerAWSAccountId: undefined, CustomerIdentifier: "X" }),
      "InvalidCustomerIdentifierException",
    ],
    ["the future", record({ Timestamp: laterMs / 1_000 + 1 }), "TimestampOutOfBoundsException"],
    ["usage a day old", record({ Timestamp: (laterMs - dayMs) / 1_000 }), "TimestampOutOfBoundsException"],
    ["a fraction", record({ Quantity: 1.5 }), "ValidationException"],
    ["a negative quantity", record({ Quantity: -1 }), "ValidationException"],
    ["a quantity over 2,147,483,647", record({ Quantity: 2_147_483_648 }), "ValidationException"],
    ["both identifiers of a buyer", record({ CustomerIdentifier: "X" }), "ValidationException"],
    ["no buyer", record({ CustomerAWSAccountId: undefined }), "ValidationException"],
    [
      "allocations that add up to less",
      split({ AllocatedUsageQuantity: 6 }),
      "InvalidUsageAllocationsException",
    ],
    [
      "two allocations with the same tags",
      split({ AllocatedUsageQuantity: 3, Tags: team("a") }, { AllocatedUsageQuantity: 4, Tags: team("a") }),
      "InvalidUsageAllocationsException",
    ],
    [
      "six tags",
      split({
        AllocatedUsageQuantity: 7,
        Tags: ["a", "b", "c", "d", "e", "f"].map((Key) => ({ Key, Value: "x" })),
      }),
      "InvalidTagException",
    ],
    [
      "the same tag key twice",
      split({ AllocatedUsageQuantity: 7, Tags: [...team("a"), ...team("b")] }),
      "InvalidTagException",
    ],
    [
      "a tag outside the alphabet",
      split({ AllocatedUsageQuantity: 7, Tags: team("ü") }),
      "InvalidTagException",
    ],
  ])("%s", (_, bad, code) => {
    const good = record({ Timestamp: (hourAtMs + hourMs) / 1_000 });
    expect(story.meters({ UsageRecords: [good, bad] })).toBe(code);
    expect(story.billed()).toEqual([]);
  });

  it("26 records", () => {
    expect(story.meters({ UsageRecords: Array.from({ length: 26 }, () => record()) })).toBe(
      "ValidationException",
    );
  });

  it("a request of a megabyte", () => {
    expect(story.meters({ UsageRecords: [record()] }, laterMs, "us-east-1", 1_000_000)).toBe(
      "RequestEntityTooLargeException",
    );
  });

  it("a dimension that is bought up front", () => {
    const bad = record({ LicenseArn: other.licenseArn, Dimension: "seats" });
    expect(story.meters({ UsageRecords: [bad] })).toBe("InvalidUsageDimensionException");
  });
});

it("whole allocations that add up are taken, one of them untagged, and must be the same in a resend", () => {
  const { meters } = withLicense();
  const parts = [
    { AllocatedUsageQuantity: 3, Tags: [{ Key: "team", Value: "a" }] },
    { AllocatedUsageQuantity: 4 },
  ];
  expect(meters({ UsageAllocations: parts })).toBe("Success");
  expect(meters({ UsageAllocations: [...parts].reverse() })).toBe("Success");
  expect(meters({ UsageAllocations: undefined })).toBe("DuplicateRecord");
});

describe("from activation to the end of the final hour", () => {
  it("before activation nobody is subscribed", () => {
    const { meters } = withLicense();
    expect(meters({ Timestamp: acceptedAtMs / 1_000 }, activatedAtMs - 1)).toBe("CustomerNotSubscribed");
    expect(meters({ Timestamp: activatedAtMs / 1_000 }, activatedAtMs)).toBe("Success");
  });

  it.each([
    ["refused", "InvalidLicenseException"],
    ["accepted", "Success"],
  ] as const)("the start of the first hour is %s by its switch", (setting, outcome) => {
    const { meters } = withLicense({ hourStartBeforeActivation: setting });
    const firstHour = Date.parse("2026-08-20T14:00:00Z");
    expect(meters({ Timestamp: firstHour / 1_000 })).toBe(outcome);
    expect(meters({ Timestamp: firstHour / 1_000 - 1 })).toBe("InvalidLicenseException");
  });

  it.each([
    ["agreement-ended", 0],
    ["license-deprovisioned", 31 * secondMs],
  ] as const)("the final hour counts from %s by its switch", (setting, offsetMs) => {
    const { story, agreement, meters } = withLicense({ finalHourStartsAt: setting });
    story.cancels(agreement.id, laterMs);
    const deadlineMs = laterMs + offsetMs + hourMs;
    expect(meters({}, deadlineMs - 1)).toBe("Success");
    expect(meters({ Dimension: "events" }, deadlineMs)).toBe("CustomerNotSubscribed");
  });

  it("usage after the license was taken away lies outside its period, within the final hour", () => {
    const { story, agreement, meters } = withLicense();
    const { end } = story.cancels(agreement.id, laterMs);
    const goneAtMs = end?.deprovisionedAtMs ?? 0;
    expect(meters({ Timestamp: goneAtMs / 1_000 }, goneAtMs + minuteMs)).toBe("InvalidLicenseException");
    expect(meters({ Timestamp: goneAtMs / 1_000 - 1 }, goneAtMs + minuteMs)).toBe("Success");
  });
});

describe("an old listing is metered by product code", () => {
  const identifier = customerIdentifierOf(exampleCatalogue.sellerAccountId, buyer);
  const old = (change: Partial<UsageRecord> = {}): UsageRecord => ({
    Timestamp: hourAtMs / 1_000,
    Dimension: "emails",
    Quantity: 3,
    CustomerIdentifier: identifier,
    ...change,
  });
  const begin = () => {
    const story = new Story();
    return { story, agreement: story.subscribes("old-metered") };
  };

  it("by CustomerIdentifier or by account, which name the same buyer", () => {
    const { story } = begin();
    const byAccount = old({ CustomerIdentifier: undefined, CustomerAWSAccountId: buyer });
    expect(story.meters({ ProductCode: "old-metered", UsageRecords: [old()] })).toBe("Success");
    expect(story.meters({ ProductCode: "old-metered", UsageRecords: [byAccount] })).toBe("Success");
    expect(story.billed()).toEqual([3]);
  });

  it("never together with a license", () => {
    const { story, agreement } = begin();
    const UsageRecords = [old({ LicenseArn: agreement.licenseArn })];
    expect(story.meters({ ProductCode: "old-metered", UsageRecords })).toBe("InvalidProductCodeException");
  });

  it("a new listing refuses its product code, and a product id is none", () => {
    const { story } = withLicense();
    const UsageRecords = [old({ Dimension: "gb" })];
    expect(story.meters({ ProductCode: "new-metered", UsageRecords })).toBe("InvalidProductCodeException");
    expect(story.meters({ ProductCode: "prod-new-metered", UsageRecords })).toBe(
      "InvalidProductCodeException",
    );
  });

  it("an identifier of nobody refuses the call; a buyer of something else is not subscribed", () => {
    const { story } = begin();
    const nobody = old({ CustomerIdentifier: "NOBODY" });
    expect(story.meters({ ProductCode: "old-metered", UsageRecords: [old(), nobody] })).toBe(
      "InvalidCustomerIdentifierException",
    );
    story.subscribes("new-metered", "210987654321");
    const stranger = old({ CustomerIdentifier: undefined, CustomerAWSAccountId: "210987654321" });
    expect(story.meters({ ProductCode: "old-metered", UsageRecords: [old(), stranger] })).toBe(
      "Success CustomerNotSubscribed",
    );
  });

  it("takes usage for an hour after the cancellation, until a new subscription takes over", () => {
    const { story, agreement } = begin();
    story.cancels(agreement.id, laterMs);
    const late = (atMs: number) => ({
      ProductCode: "old-metered",
      UsageRecords: [old({ Timestamp: atMs / 1_000 })],
    });
    expect(story.meters(late(laterMs), laterMs + hourMs - 1)).toBe("Success");
    expect(story.meters(late(laterMs - hourMs), laterMs + hourMs)).toBe("CustomerNotSubscribed");
    story.subscribes("old-metered", buyer, laterMs + hourMs);
    const againMs = laterMs + 2 * hourMs;
    expect(story.meters(late(againMs), againMs)).toBe("Success");
  });

  it("usage reported by product code and again by license is billed twice, as AWS warns", () => {
    const { story, agreement } = begin();
    story.meters({ ProductCode: "old-metered", UsageRecords: [old()] });
    const again = old({
      CustomerIdentifier: undefined,
      CustomerAWSAccountId: buyer,
      LicenseArn: agreement.licenseArn,
    });
    expect(story.meters({ UsageRecords: [again] })).toBe("Success");
    expect(story.billed()).toEqual([3, 3]);
  });
});

it("no records are no error", () => {
  expect(new Story().meters({ UsageRecords: [] })).toBe("");
});
