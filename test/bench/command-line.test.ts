import { expect, test } from "vitest";
import { readArguments } from "./command-line.ts";

test("without a suite all are asked for", () => {
  expect(readArguments([])).toEqual({
    request: { names: ["lifecycle", "usage", "submit", "access", "bundle"], json: false, quick: false },
  });
});

test("a suite that is named twice is measured once", () => {
  expect(readArguments(["lifecycle", "--json", "lifecycle", "--quick"])).toEqual({
    request: { names: ["lifecycle"], json: true, quick: true },
  });
});

test.each([["billing"], ["toString"], ["--fast"]])("%s is no suite or option, and is named", (word) => {
  expect(readArguments(["lifecycle", word])).toEqual({ wrong: expect.stringContaining(word) as string });
});
