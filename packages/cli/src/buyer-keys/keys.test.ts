import { describe, expect, test } from "vitest";
import { changedKeys, drawnKeys } from "./keys.ts";

const keysIn = (secret: string) => (JSON.parse(secret) as { keys: Record<string, string>[] }).keys;

describe("the keys that sign buyers' tokens", () => {
  test("are drawn anew each time", () => {
    const [first, second] = [keysIn(drawnKeys()), keysIn(drawnKeys())];
    expect(first).toHaveLength(1);
    expect(first[0]).toMatchObject({ kty: "EC", crv: "P-256" });
    expect(first[0]?.["d"]).not.toBe(second[0]?.["d"]);
  });

  test("are changed one by one: the new one signs, the one before stays, older ones go", () => {
    const first = drawnKeys();
    const second = changedKeys(first);
    const third = changedKeys(`Other=1\nBuyerTokenKeys=${second}\nMore=2\n`);
    expect(keysIn(second)[1]).toEqual(keysIn(first)[0]);
    expect(keysIn(third)).toHaveLength(2);
    expect(keysIn(third)[1]).toEqual(keysIn(second)[0]);
    expect(keysIn(third)[0]).not.toEqual(keysIn(second)[0]);
  });

  test.each(["", "Other=1\n", '{"keys":[{"d":"secret-value"}]}'])(
    "that are none (%j) are refused unseen",
    (given) => {
      expect(() => changedKeys(given)).toThrow("no keys on standard input");
      expect(() => changedKeys(given)).not.toThrow("secret-value");
    },
  );
});
