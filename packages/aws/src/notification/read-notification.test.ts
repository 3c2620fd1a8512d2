import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readNotification } from "./read-notification.ts";

const refusal = (reason: RegExp) => ({ refused: expect.stringMatching(reason) as string });

describe("a body that is no notification", () => {
  test.each<[string, string, RegExp]>([
    ["no JSON", "hello", /the body is not valid JSON/],
    ["too long", JSON.stringify("x".repeat(262_144)), /at most 262144/],
    ["too deep", "[".repeat(100_000), /nested deeper/],
    ["a list", "[]", /neither an SNS envelope nor/],
    ["an empty object", "{}", /neither an SNS envelope nor/],
    ["nothing", "null", /neither an SNS envelope nor/],
    ["one with a number for its type", '{"Type":7}', /neither an SNS envelope nor/],
  ])("(%s) is refused in words", (_, body, reason) => {
    expect(readNotification(body)).toEqual(refusal(reason));
  });

  test("is never an exception, whatever stands in the fields that we look at", () => {
    const anything = fc.jsonValue({ maxDepth: 3 });
    const field = fc.option(anything, { nil: undefined });
    const body = fc.record({
      Type: fc.oneof(fc.constantFrom("Notification", "SubscriptionConfirmation", "Unknown"), field),
      MessageId: field,
      Timestamp: fc.oneof(fc.constant("2026-08-20T14:23:11Z"), field),
      Message: field,
      "detail-type": fc.oneof(fc.constantFrom("License Updated", "Purchase Agreement Created"), field),
      source: fc.oneof(fc.constant("aws.agreement-marketplace"), field),
      id: field,
      time: fc.oneof(fc.constant("2026-08-20T14:23:11Z"), field),
      resources: field,
      detail: fc.oneof(fc.record({ agreement: field, license: field, acceptor: field }), field),
    });
    fc.assert(
      fc.property(body, (value) => {
        const reading = readNotification(JSON.stringify(value));
        expect(Object.keys(reading)).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });
});
