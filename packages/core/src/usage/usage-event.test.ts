import { describe, expect, test } from "vitest";
import { at } from "../memory/example.ts";
import { usageIdentity } from "./identity.ts";
import { parseUsageEvent } from "./usage-event.ts";

const right = {
  specversion: "1.0",
  id: "e-1",
  source: "/service/a",
  type: "usage",
  subject: "l-0123456789abcdef",
  time: "2026-08-20T14:23:11.5+02:00",
  data: { dimension: "gb_stored", quantity: "12.5", tags: { team: "b", area: "a" } },
};

const withData = (change: object) => ({ ...right, data: { ...right.data, ...change } });

describe("a usage event", () => {
  test("is read exactly, its tags in one order whatever order they were written in", () => {
    const event = {
      source: "/service/a",
      id: "e-1",
      subject: "l-0123456789abcdef",
      at: at("2026-08-20T12:23:11.5Z"),
      dimension: "gb_stored",
      quantity: 12_500_000n,
      tagSet: '[["area","a"],["team","b"]]',
    };
    expect(parseUsageEvent(right)).toEqual(event);
    expect(parseUsageEvent(withData({ tags: { area: "a", team: "b" } }))).toEqual(event);
  });

  test("without tags is untagged, and so is one with none", () => {
    expect(parseUsageEvent(withData({ tags: undefined }))).toMatchObject({ tagSet: "[]" });
    expect(parseUsageEvent(withData({ tags: {} }))).toMatchObject({ tagSet: "[]" });
  });

  test("may carry attributes of others", () => {
    expect(parseUsageEvent({ ...right, traceparent: "00-1" })).toHaveProperty("quantity");
    expect(parseUsageEvent(withData({ more: {} }))).toHaveProperty("quantity");
  });

  test.each<[string, unknown, RegExp]>([
    ["that is no object", [], /no CloudEvent/],
    ["that is nothing", null, /no CloudEvent/],
    ["of another version", { ...right, specversion: "0.3" }, /^specversion/],
    ["without id", { ...right, id: undefined }, /^id/],
    ["with an empty id", { ...right, id: "" }, /^id is empty/],
    ["with a long source", { ...right, source: "x".repeat(257) }, /^source is longer than 256/],
    ["without subject", { ...right, subject: undefined }, /^subject/],
    ["without time", { ...right, time: undefined }, /^time is missing/],
    ["with a time without zone", { ...right, time: "2026-08-20T14:23:11" }, /time .* RFC 3339/],
    ["without data", { ...right, data: undefined }, /^data/],
    ["without dimension", withData({ dimension: undefined }), /^data\.dimension/],
    ["without quantity", withData({ quantity: undefined }), /^data\.quantity must be a decimal/],
    [
      "with a quantity that JSON rounded",
      withData({ quantity: 9_007_199_254_740_993 }),
      /^data\.quantity .*string/,
    ],
    ["with too fine a quantity", withData({ quantity: "0.0000001" }), /^data\.quantity .*6 after/],
    ["with a tag AWS refuses", withData({ tags: { team: "ü" } }), /^data\.tags\.team .*AWS/],
    [
      "with a tag that would vanish",
      withData({ tags: JSON.parse('{"__proto__":"x"}') as unknown }),
      /__proto__/,
    ],
    ["with half a character", { ...right, subject: "\ud800" }, /^subject has half a character/],
    ["with an empty tag", withData({ tags: { team: "" } }), /^data\.tags\.team/],
    [
      "with six tags",
      withData({ tags: Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((name) => [name, "x"])) }),
      /^data\.tags has more than 5/,
    ],
  ])("%s is refused, naming the field", (_, value, reason) => {
    expect(parseUsageEvent(value)).toEqual({ refused: expect.stringMatching(reason) as string });
  });

  test("is itself by source, id and subject, whatever its time or amount says", () => {
    const identity = (change: object = {}) => {
      const event = parseUsageEvent({ ...right, ...change });
      if ("refused" in event) throw new Error(event.refused);
      return usageIdentity(event);
    };
    expect(identity({ time: "2026-08-20T15:00:00Z" })).toBe(identity());
    expect(identity(withData({ quantity: "99" }))).toBe(identity());
    const others = [{ id: "e-2" }, { source: "/b" }, { subject: "l-2" }, { source: "/service/ae", id: "-1" }];
    expect(new Set([identity(), ...others.map(identity)]).size).toBe(5);
    expect(Buffer.from(identity(), "latin1")).toHaveLength(16);
  });
});
