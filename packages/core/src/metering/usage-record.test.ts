import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Grant,
  type GrantPeriod,
  grantPeriods,
  type Subscription,
  type SubscriptionId,
} from "../lifecycle/subscription.ts";
import {
  analyticsCode,
  at,
  exampleConfiguration,
  exampleProduct,
  hour,
  licenseArn,
  mailerCode,
} from "../memory/example.ts";
import { formatInstant, instant } from "../time/instant.ts";
import { formatHour, hoursLater, hourOf } from "../time/utc-hour.ts";
import { untagged } from "../usage/usage-event.ts";
import { earliestOpenHour, freezeEntry, recordDeadline, recordTimestamp } from "./usage-record.ts";

const { settings } = exampleConfiguration;
const active = { state: "active", since: at("2026-01-01T00:00:00Z") } as const;
const subscription: Subscription = {
  id: "l-0123456789abcdef" as SubscriptionId,
  productCode: analyticsCode,
  identity: { by: "license", licenseArn },
  registration: "registered",
  buyerAccountId: "123456789012",
  grant: active,
  earlierGrants: [],
  freeTrial: false,
};
const sealed = {
  hour: hour("2026-08-20T14"),
  dimension: "gb_stored",
  quantity: 3n,
  allocations: [{ tagSet: untagged, units: 3n }],
};

describe("a record's entry", () => {
  test("names the license and no product code", () => {
    expect(freezeEntry(subscription, active, exampleProduct(analyticsCode), "us-east-1", sealed)).toEqual({
      region: "us-east-1",
      identity: { by: "license", licenseArn, buyerAccountId: "123456789012" },
      dimension: "gb_stored",
      timestamp: at("2026-08-20T14:00:00Z"),
      quantity: 3n,
      allocations: sealed.allocations,
    });
  });

  test("of a listing with topics names the product code and no license", () => {
    const identity = { by: "customer", customerIdentifier: "X01" } as const;
    const entry = freezeEntry(
      { ...subscription, identity },
      active,
      exampleProduct(mailerCode),
      "us-east-1",
      sealed,
    );
    expect(entry).toMatchObject({
      identity: { by: "product-code", productCode: mailerCode, customerIdentifier: "X01" },
    });
  });

  test("is not made while the buyer's account is unknown", () => {
    const unknown = { ...subscription, buyerAccountId: undefined };
    expect(freezeEntry(unknown, active, exampleProduct(analyticsCode), "us-east-1", sealed)).toHaveProperty(
      "refused",
    );
  });
});

describe("a record's timestamp", () => {
  const timestamp = (grant: GrantPeriod) => formatInstant(recordTimestamp(hour("2026-08-20T14"), grant));

  test.each([
    ["before the hour", "2026-08-20T10:00:00Z", "2026-08-20T14:00:00.000Z"],
    ["with the hour", "2026-08-20T14:00:00Z", "2026-08-20T14:00:00.000Z"],
    ["within a second of the hour", "2026-08-20T14:23:11.013Z", "2026-08-20T14:59:59.000Z"],
    ["in the last millisecond of the hour", "2026-08-20T14:59:59.999Z", "2026-08-20T14:59:59.000Z"],
  ])(
    "of a grant that began %s is a whole second of the hour in which it was in force",
    (_, since, expected) => {
      expect(timestamp({ since: at(since) })).toBe(expected);
    },
  );

  test("of a grant that began and ended within the hour lies before its end", () => {
    const since = at("2026-08-20T14:10:00Z");
    const ended = (cutAt: string) => timestamp({ since, cutAt: at(cutAt) });
    expect(ended("2026-08-20T14:20:00Z")).toBe("2026-08-20T14:19:59.000Z");
    expect(ended("2026-08-20T14:20:00.001Z")).toBe("2026-08-20T14:20:00.000Z");
    expect(ended("2026-08-20T16:00:00Z")).toBe("2026-08-20T14:59:59.000Z");
  });

  test("of a grant that began earlier is the start of the hour, also when it ends in it", () => {
    const since = at("2026-08-20T10:00:00Z");
    expect(timestamp({ since, cutAt: at("2026-08-20T14:20:00Z") })).toBe("2026-08-20T14:00:00.000Z");
  });
});

describe("a record's deadline", () => {
  const deadline = (of: string, grant: Grant = active) =>
    formatInstant(
      recordDeadline(hour(of), at(`${of}:00:00Z`), settings, { ...subscription, grant }, periodOf(grant)),
    );

  const periodOf = (grant: Grant): GrantPeriod => grantPeriods({ ...subscription, grant }).at(-1) ?? active;

  test("is 24 hours after its timestamp", () => {
    expect(deadline("2026-08-20T14")).toBe("2026-08-21T14:00:00.000Z");
  });

  test("is 06:00 on the first for the last hours of a month, not a moment later", () => {
    expect(deadline("2026-08-31T05")).toBe("2026-09-01T05:00:00.000Z");
    expect(deadline("2026-08-31T06")).toBe("2026-09-01T06:00:00.000Z");
    expect(deadline("2026-08-31T23")).toBe("2026-09-01T06:00:00.000Z");
    expect(deadline("2026-09-01T00")).toBe("2026-09-02T00:00:00.000Z");
    expect(deadline("2028-02-29T23")).toBe("2028-03-01T06:00:00.000Z");
  });

  test("of a buyer who leaves is the end of the final window", () => {
    const cutAt = at("2026-08-20T14:05:00Z");
    const since = at("2026-08-01T00:00:00Z");
    const grant: Grant = { state: "cancelling", since, cutAt, deadlineAt: at("2026-08-20T15:05:00Z") };
    expect(deadline("2026-08-20T13", grant)).toBe("2026-08-20T15:05:00.000Z");
  });
});

describe("the earliest open hour", () => {
  const open = (now: string) => formatHour(earliestOpenHour(at(now), settings));

  test.each([
    ["2026-08-20T14:00:00Z", "2026-08-19T15"],
    ["2026-08-20T13:59:59.999Z", "2026-08-19T14"],
    ["2026-09-01T05:59:59.999Z", "2026-08-31T06"],
    ["2026-09-01T06:00:00Z", "2026-09-01T00"],
    ["2026-09-02T05:00:00Z", "2026-09-01T06"],
  ])("at %s is %s", (now, expected) => {
    expect(open(now)).toBe(expected);
  });

  test("is exactly the first whose deadline has not passed", () => {
    const anyNow = fc.integer({ min: Date.UTC(2026, 0, 3), max: Date.UTC(2028, 11, 31) });
    fc.assert(
      fc.property(anyNow, (epochMs) => {
        const now = instant(epochMs);
        const first = earliestOpenHour(now, settings);
        const deadlineOf = (of: typeof first) =>
          recordDeadline(of, recordTimestamp(of, active), settings, subscription, active);
        expect(first <= hourOf(now)).toBe(true);
        expect(deadlineOf(first) > now).toBe(true);
        expect(deadlineOf(hoursLater(first, -1)) <= now).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
