import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at } from "../memory/example.ts";
import { usageIdentity } from "./identity.ts";
import { isOrdinary, parseBySchema, parseUsageEvent } from "./usage-event.ts";

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
    const whole = createHash("sha256").update('["/service/a","e-1","l-0123456789abcdef"]').digest();
    expect(Buffer.from(identity(), "latin1")).toEqual(whole.subarray(0, 16));
  });
});

/** Mostly what belongs there, now and then something odd. */
const mostly = (right: fc.Arbitrary<unknown>, ...odd: unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: fc.constantFrom(...odd) });

const none = [undefined, null, 7, true, [], {}, ["a"]];
const lengths = ["", "x".repeat(100), "x".repeat(101), "x".repeat(255), "x".repeat(256), "x".repeat(257)];
const texts = [
  ...lengths,
  "😀".repeat(128),
  "😀".repeat(129),
  "\ud800",
  "a\udc00",
  "\u0000",
  " ",
  "ü",
  "__proto__",
];
const name = mostly(fc.stringMatching(/^[a-z/-]{1,12}$/), ...texts, ...none);
const tag = mostly(fc.stringMatching(/^[a-z]{1,6}$/), ...texts, "a\n", "a_b", "a,b", ...none);
const tagKey = tag.map(String);

const built = (pairs: readonly (readonly [string, unknown])[], proto: object | null): unknown => {
  const tags: object = Object.create(proto) as object;
  for (const [key, value] of pairs)
    Object.defineProperty(tags, key, { value, enumerable: true, writable: true, configurable: true });
  return tags;
};
const tags = mostly(
  fc
    .tuple(fc.array(fc.tuple(tagKey, tag), { maxLength: 6 }), mostly(fc.constant(Object.prototype), null, {}))
    .map(([pairs, proto]) => built(pairs, proto as object | null)),
  ...[undefined, undefined, ...none, "a", new Map([["a", "b"]])],
);
const times = [
  "",
  "now",
  "2026-02-30T14:23:11Z",
  "2026-08-20T14:23:11",
  "2026-08-20t14:23:11.123456789+02:00",
];
const quantities = [
  "",
  "1e3",
  "0.0000001",
  "-0",
  "01",
  " 1",
  NaN,
  Infinity,
  -Infinity,
  -0,
  1e-7,
  2 ** 53,
  1n,
];
const data = mostly(
  fc.record(
    {
      dimension: name,
      quantity: mostly(
        fc.oneof(fc.stringMatching(/^\d{1,6}(\.\d{1,6})?$/), fc.integer(), fc.double()),
        ...[...quantities, ...none],
      ),
      tags,
      more: fc.anything(),
    },
    { requiredKeys: ["dimension", "quantity"] },
  ),
  ...none,
);
const anyEvent = mostly(
  fc.record(
    {
      specversion: mostly(fc.constant("1.0"), "0.3", 1, undefined),
      ...{ id: name, source: name, type: name, subject: name, data },
      time: mostly(fc.constant("2026-08-20T14:23:11Z"), ...times, ...none),
      more: fc.anything(),
    },
    { requiredKeys: ["specversion", "id", "source", "type", "subject", "time", "data"] },
  ),
  ...none,
);

describe("the quick look at a usage event", () => {
  test("comes to what the schema comes to, whatever is sent", () => {
    const plain = (_: string, held: unknown): unknown => (typeof held === "bigint" ? 1 : held);
    const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null, plain));
    const seen = { ordinary: 0, fitOnly: 0, refused: 0 };
    fc.assert(
      fc.property(anyEvent, fc.boolean(), (drawn, throughJson) => {
        const value = throughJson ? asJson(drawn) : drawn;
        const bySchema = parseBySchema(value);
        expect(parseUsageEvent(value)).toEqual(bySchema);
        seen[isOrdinary(value) ? "ordinary" : "refused" in bySchema ? "refused" : "fitOnly"] += 1;
      }),
      { numRuns: 5_000 },
    );
    expect(seen.ordinary).toBeGreaterThan(500);
    expect(seen.refused).toBeGreaterThan(500);
  });

  test.each<[string, unknown]>([
    ["an event with tags", right],
    ["one without", withData({ tags: undefined })],
    ["one with five", withData({ tags: { a: "1", b: "2", c: "3", d: "4", e: "5" } })],
    ["a number as quantity", withData({ quantity: 12.5 })],
    ["attributes of others", { ...right, traceparent: "00-1" }],
  ])("knows %s as ordinary", (_, value) => {
    expect(isOrdinary(value)).toBe(true);
    expect(parseBySchema(value)).toEqual(parseUsageEvent(value));
  });

  test.each<[string, unknown]>([
    ["too great a number", withData({ quantity: Infinity })],
    ["tags that JSON did not make", withData({ tags: built([["a", "b"]], null) })],
    ["a tag that would vanish", withData({ tags: JSON.parse('{"__proto__":"x"}') as unknown })],
    ["six tags", withData({ tags: { a: "1", b: "2", c: "3", d: "4", e: "5", f: "6" } })],
    ["the end of a line in a tag", withData({ tags: { a: "b\n" } })],
    ["no tags by null", withData({ tags: null })],
  ])("leaves %s to the schema", (_, value) => {
    expect(isOrdinary(value)).toBe(false);
  });
});
