import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nestingDepth, readJson } from "./read-json.ts";

const bounds = { maxBytes: 1_048_576, maxDepth: 8 };
const tooDeep = { refused: "is nested deeper than 8 levels" };

function depthByCharacter(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (inString && character === "\\") index += 1;
    else if (character === '"') inString = !inString;
    else if (!inString && "[{".includes(character)) deepest = Math.max(deepest, (depth += 1));
    else if (!inString && "]}".includes(character)) depth -= 1;
  }
  return deepest;
}

describe("JSON from a stranger", () => {
  test.each(["[", '{"a":', "[{},[", '[{"y":'])(
    "100,000 levels of %j are refused and crash nothing",
    (open) => {
      expect(readJson(open.repeat(100_000), bounds)).toEqual(tooDeep);
      const closed = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
      expect(readJson(closed, bounds)).toEqual(tooDeep);
    },
  );

  test("as deep as allowed is read, one level more is not", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    expect(readJson(nested(8), bounds)).toHaveProperty("value");
    expect(readJson(nested(9), bounds)).toEqual(tooDeep);
  });

  test("braces inside strings, keys and after escaped quotes are no levels", () => {
    const braces = "[{".repeat(50);
    const text = JSON.stringify({ [braces]: `${braces}\\"${braces}"`, end: "\\" });
    expect(readJson(text, bounds)).toEqual({ value: JSON.parse(text) as unknown });
  });

  test("neighbours do not add up to depth", () => {
    const text = `[${"{},".repeat(10_000)}[]]`;
    expect(readJson(text, { ...bounds, maxDepth: 2 })).toHaveProperty("value");
    expect(readJson(text, { ...bounds, maxDepth: 1 })).toHaveProperty("refused");
  });

  test("its depth is what going through it character by character finds, closed or not", () => {
    const parts = fc.constantFrom('"', "\\", "[", "]", "{", "}", '{"', '"}', '\\"', "a", "é", ",");
    const anything = fc.array(parts, { maxLength: 60 }).map((drawn) => drawn.join(""));
    fc.assert(
      fc.property(anything, (text) => {
        expect(nestingDepth(text)).toBe(depthByCharacter(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test("its size is counted in bytes, not characters", () => {
    const text = JSON.stringify("é".repeat(10));
    expect(readJson(text, { maxBytes: 22, maxDepth: 1 })).toEqual({ value: "é".repeat(10) });
    expect(readJson(text, { maxBytes: 21, maxDepth: 1 })).toEqual({
      refused: "is 22 bytes long; at most 21 are read",
    });
  });

  test.each(["", "{", "{'a':1}", "[1,]", "NaN", '"\u0001"', "nul", "\uFEFF{}"])("%j is refused", (text) => {
    expect(readJson(text, bounds)).toEqual({ refused: "is not valid JSON" });
  });

  test("whatever JSON writes within the bounds is read as JSON.parse reads it", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        expect(readJson(text, bounds)).toEqual({ value: JSON.parse(text) as unknown });
      }),
    );
  });

  test("no text at all makes it throw", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void readJson(text, bounds)));
  });
});
