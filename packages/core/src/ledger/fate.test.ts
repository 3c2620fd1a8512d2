import { describe, expect, test } from "vitest";
import { analyticsCode, at, buyerAccountId, hour, licenseArn, licenseId } from "../memory/example.ts";
import type { Grant, Subscription, SubscriptionId } from "../lifecycle/subscription.ts";
import type { Outcome, UsageRecord } from "../metering/usage-record.ts";
import { untagged } from "../usage/usage-event.ts";
import { type Fate, fateOf } from "./fate.ts";

const key = { subscriptionId: licenseId as string as SubscriptionId, dimension: "gb_stored" };
const over = at("2026-08-22T00:00:00Z");
const open = at("2026-08-20T16:00:00Z");

const record = (outcome: Outcome, attempts = 1): UsageRecord => ({
  ...key,
  hour: hour("2026-08-20T14"),
  productCode: analyticsCode,
  entry: {
    ...{
      region: "us-east-1",
      dimension: key.dimension,
      timestamp: at("2026-08-20T14:00:00Z"),
      quantity: 10n,
    },
    identity: { by: "license", licenseArn, buyerAccountId },
    allocations: [{ tagSet: untagged, units: 10n }],
  },
  ...{ taken: [], deadlineAt: at("2026-08-21T14:00:00Z"), attempts, outcome },
});

const active: Grant = { state: "active", since: at("2026-08-20T12:00:00Z") };
const ended: Grant = { ...active, state: "ended", cutAt: at("2026-08-20T15:00:00Z") };
const holder = (grant: Grant): Subscription => ({
  ...{ id: key.subscriptionId, productCode: analyticsCode, identity: { by: "license", licenseArn } },
  ...{ registration: "registered", grant, earlierGrants: [], freeTrial: false },
});
const fate = (
  outcome: Outcome,
  {
    grant = active,
    now = over,
    awsHas,
    attempts,
  }: { grant?: Grant; now?: typeof over; awsHas?: bigint; attempts?: number } = {},
) => fateOf(record(outcome, attempts), { now, subscription: holder(grant), awsHas });

describe("what becomes of a record", () => {
  test.each<[string, Fate["billed"], Fate["remedies"], Outcome, Parameters<typeof fate>[1]?]>([
    ["taken is billed", { least: 10n, most: 10n }, [], { state: "accepted", at: open }],
    ["not sent yet waits", { least: 0n, most: 0n }, ["wait"], { state: "pending" }, { attempts: 0 }],
    ["sent without an answer may be billed", { least: 0n, most: 10n }, ["wait"], { state: "pending" }],
    [
      "refused for now has a cause that can be mended",
      { least: 0n, most: 0n },
      ["mend-cause", "wait"],
      { state: "pending", refusedAs: "rejected" },
      { attempts: 0 },
    ],
    [
      "in conflict is billed as nobody here knows",
      { least: 0n, most: undefined },
      ["find-out"],
      { state: "conflict", at: open },
    ],
    [
      "refused to the end is not billed",
      { least: 0n, most: 0n },
      ["ask-aws"],
      { state: "not-subscribed", at: over },
    ],
    [
      "expired after an attempt may be billed",
      { least: 0n, most: 10n },
      ["find-out", "ask-aws"],
      { state: "expired", at: over },
    ],
    [
      "expired without one is not",
      { least: 0n, most: 0n },
      ["ask-aws"],
      { state: "expired", at: over },
      { attempts: 0 },
    ],
    [
      "that gave its units back is not, and nothing is wrong",
      { least: 0n, most: 0n },
      [],
      { state: "returned", at: over },
    ],
  ])("one that was %s", (_, billed, remedies, outcome, given) => {
    expect(fate(outcome, given)).toMatchObject({ billed, remedies, tooMuch: undefined });
  });

  const conflict: Outcome = { state: "conflict", at: open };
  test.each<[string, bigint, Fate["remedies"], Parameters<typeof fate>[1]]>([
    ["as much: all is well", 0n, [], { awsHas: 10n }],
    [
      "more, while usage follows: less usage, or a refund",
      5n,
      ["correct-by-usage", "refund"],
      { awsHas: 15n },
    ],
    ["more, of a grant that is over: a refund", 5n, ["refund"], { awsHas: 15n, grant: ended }],
    ["less, in its window: an event of now", -6n, ["bill-by-usage"], { awsHas: 4n, now: open }],
    ["less, after it: only AWS can", -6n, ["ask-aws"], { awsHas: 4n }],
    [
      "less, of a grant that is over: only AWS can",
      -6n,
      ["ask-aws"],
      { awsHas: 4n, now: open, grant: ended },
    ],
  ])("when AWS has %s", (_, tooMuch, remedies, given) => {
    expect(fate(conflict, given)).toMatchObject({
      tooMuch,
      remedies,
      billed: { least: given?.awsHas, most: given?.awsHas },
    });
  });

  test("what a record gave back is billed by another: all that AWS has of it is too much", () => {
    expect(fate({ state: "returned", at: over }, { awsHas: 10n })).toMatchObject({ tooMuch: 10n });
  });

  test("what AWS has not yet of a record that is still to be sent is no reason to send it otherwise", () => {
    expect(fate({ state: "pending" }, { awsHas: 0n, now: open })).toMatchObject({
      tooMuch: -10n,
      remedies: ["wait"],
    });
  });
});
