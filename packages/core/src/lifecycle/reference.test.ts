import { describe, expect, test } from "vitest";
import { parseReference } from "./reference.ts";

describe("a reference", () => {
  test.each(["7", "tenant-42", "Acme.eu_1:prod", "x".repeat(128), "lively", "customer-1"])(
    "%s is taken as it is",
    (text) => {
      expect(parseReference(text)).toBe(text);
    },
  );

  test.each([
    ["nothing", ""],
    ["too much", "x".repeat(129)],
    ["a blank", "tenant 42"],
    ["a sign at the beginning", "-tenant"],
    ["a letter of another alphabet", "münchen"],
    ["a line's end", "tenant\n"],
    ["the border within a table's key", "a#b"],
    ["a subscription of an old listing", "product/customer"],
  ])("of %s is refused with what it may hold", (_, text) => {
    expect(parseReference(text)).toEqual({ refused: expect.stringContaining("1 to 128 letters") as string });
  });

  test.each(["cus-0123", "CUS-1", "l-1", "lic-1", "arn:aws", "tenant:l-0123456789abcdef"])(
    "%s is refused, since usage about it would be read as about something else",
    (text) => {
      expect(parseReference(text)).toEqual({ refused: expect.stringContaining("look like") as string });
    },
  );
});
