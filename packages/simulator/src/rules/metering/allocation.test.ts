import { describe, expect, it } from "vitest";
import { Story } from "../story.ts";
import { bill } from "./bill.ts";
import type { UsageAllocation, UsageRecord } from "./record.ts";

const tags = (record: Record<string, string>) => ({
  Tags: Object.entries(record).map(([Key, Value]) => ({ Key, Value })),
});
const numbered = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, "x"]));

function begin() {
  const story = new Story();
  const agreement = story.buys("new-metered");
  /** Sends a record that is the sum of its parts. */
  const outcome = (parts: readonly UsageAllocation[], change: Partial<UsageRecord> = {}) => {
    const Quantity = parts.reduce((sum, { AllocatedUsageQuantity: part }) => sum + part, 0);
    return story.outcome([Story.record(agreement, { Quantity, UsageAllocations: parts, ...change })]);
  };
  return { story, agreement, outcome };
}
const part = (AllocatedUsageQuantity: number, record?: Record<string, string>): UsageAllocation => ({
  AllocatedUsageQuantity,
  ...(record === undefined ? {} : tags(record)),
});

describe("what a quantity may be split into", () => {
  const teams = (count: number) => Array.from({ length: count }, (_, n) => part(1, { team: `t${n}` }));

  it.each<[string, readonly UsageAllocation[], string]>([
    ["2,500 parts", teams(2_500), "Success"],
    ["2,501 parts", teams(2_501), "ValidationException"],
    ["no part", [], "ValidationException"],
    ["five tags", [part(1, numbered(5))], "Success"],
    ["six tags", [part(1, numbered(6))], "InvalidTagException"],
    ["an empty list of tags", [part(1, {})], "ValidationException"],
    ["every letter a tag may have", [part(1, { "aZ0+ -=._:\\/@": "aZ0+ -=._:\\/@" })], "Success"],
    ["a comma in a tag", [part(1, { team: "a,b" })], "InvalidTagException"],
    ["a key of 100 letters", [part(1, { ["k".repeat(100)]: "x" })], "Success"],
    ["a key of 101 letters", [part(1, { ["k".repeat(101)]: "x" })], "InvalidTagException"],
    ["a value of 257 letters", [part(1, { team: "v".repeat(257) })], "InvalidTagException"],
    ["an empty value", [part(1, { team: "" })], "InvalidTagException"],
    ["one part without tags", [part(1), part(1, { team: "a" })], "Success"],
    ["two parts without tags", [part(1), part(1)], "InvalidUsageAllocationsException"],
    [
      "two parts with the same tags in another order",
      [part(1, { a: "1", b: "2" }), part(1, { b: "2", a: "1" })],
      "InvalidUsageAllocationsException",
    ],
    ["half a unit", [part(0.5), part(0.5, { team: "a" })], "ValidationException"],
  ])("%s", (_, parts, expected) => {
    expect(begin().outcome(parts)).toBe(expected);
  });

  it("a sum that is not the quantity", () => {
    expect(begin().outcome([part(2)], { Quantity: 3 })).toBe("InvalidUsageAllocationsException");
  });
});

describe("the bill by tags", () => {
  it("adds up the hours of one tag set, however its tags were listed, and what has none", () => {
    const { story, agreement, outcome } = begin();
    const hour = (hours: number) => ({ Timestamp: Story.hourAtMs / 1_000 + hours * 3_600 });
    outcome([part(3, { team: "a", app: "x" }), part(4)]);
    outcome([part(5, { app: "x", team: "a" }), part(1, { team: "b" })], hour(1));
    outcome([], { ...hour(2), Quantity: 10, UsageAllocations: undefined });
    const { licenseArn } = agreement;
    const { tagTotals, totals } = bill(story.catalogue, story.state, { licenseArn });
    expect(tagTotals.map((total) => [total.dimension, total.tags, total.quantity])).toEqual([
      [
        "gb",
        [
          ["app", "x"],
          ["team", "a"],
        ],
        8,
      ],
      ["gb", [], 14],
      ["gb", [["team", "b"]], 1],
    ]);
    expect(totals).toMatchObject([{ licenseArn, buyerAccountId: Story.buyer, quantity: 23 }]);
    expect(bill(story.catalogue, story.state, { licenseArn: "another" }).tagTotals).toEqual([]);
  });

  it("what AWS did not take as a repeat is in no part of it", () => {
    const { story, outcome } = begin();
    outcome([part(3, { team: "a" })]);
    expect(outcome([part(3, { team: "b" })])).toBe("DuplicateRecord");
    expect(bill(story.catalogue, story.state).tagTotals).toMatchObject([
      { tags: [["team", "a"]], quantity: 3 },
    ]);
  });
});
