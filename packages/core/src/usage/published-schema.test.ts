import { describe, expect, test } from "vitest";
import * as z from "zod";
import { publishedUsageSchema } from "./published-schema.ts";
import { parseUsageEvent } from "./usage-event.ts";

const event = {
  specversion: "1.0",
  id: "e-1",
  source: "/service/a",
  type: "usage",
  subject: "l-0123456789abcdef",
  time: "2026-08-20T14:23:11.5Z",
  data: { dimension: "gb_stored", quantity: "12.5", tags: { team: "b", area: "a" } },
};
const withData = (change: object) => ({ ...event, data: { ...event.data, ...change } });

describe("what is published of a usage event", () => {
  /** As a program of somebody else's would read it. */
  const published = z.fromJSONSchema(publishedUsageSchema() as z.core.JSONSchema.JSONSchema);

  test("is docs/usage-event.schema.json (npx vitest -u writes it)", async () => {
    await expect(`${JSON.stringify(publishedUsageSchema(), null, 2)}\n`).toMatchFileSnapshot(
      "../../../../docs/usage-event.schema.json",
    );
  });

  test.each<[string, unknown]>([
    ["an event", event],
    ["one with attributes of others", { ...event, traceparent: "00-1" }],
    ["one without tags", withData({ tags: undefined })],
    ["one with five", withData({ tags: { a: "1", b: "2", c: "3", d: "4", e: "5" } })],
    ["a whole quantity", withData({ quantity: "0" })],
    ["a negative quantity", withData({ quantity: "-1.000001" })],
    ["a number", withData({ quantity: 12.5 })],
    ["another version", { ...event, specversion: "0.3" }],
    ["no id", { ...event, id: undefined }],
    ["an empty id", { ...event, id: "" }],
    ["the longest subject", { ...event, subject: "x".repeat(256) }],
    ["too long a subject", { ...event, subject: "x".repeat(257) }],
    ["a number as subject", { ...event, subject: 7 }],
    ["no time", { ...event, time: undefined }],
    ["a time without a zone", { ...event, time: "2026-08-20T14:23:11" }],
    ["no data", { ...event, data: undefined }],
    ["too long a dimension", withData({ dimension: "x".repeat(256) })],
    ["too fine a quantity", withData({ quantity: "0.0000001" })],
    ["too large a quantity", withData({ quantity: "1".repeat(19) })],
    ["a quantity that is no decimal", withData({ quantity: "1e3" })],
    ["no quantity", withData({ quantity: undefined })],
    ["six tags", withData({ tags: { a: "1", b: "2", c: "3", d: "4", e: "5", f: "6" } })],
    ["a tag that AWS refuses", withData({ tags: { team: "ü" } })],
    ["a tag's name that AWS refuses", withData({ tags: { ü: "x" } })],
    ["an empty tag", withData({ tags: { team: "" } })],
    ["too long a tag", withData({ tags: { team: "x".repeat(257) } })],
    ["nothing", null],
  ])("says of %s what we say, alone and in a batch", (_, value) => {
    // Through JSON, which has no `undefined`.
    const sent: unknown = JSON.parse(JSON.stringify(value));
    const isTaken = !("refused" in parseUsageEvent(sent));
    expect(published.safeParse(sent).success).toBe(isTaken);
    expect(published.safeParse([event, sent]).success).toBe(isTaken);
  });
});
