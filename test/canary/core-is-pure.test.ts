import { ESLint } from "eslint";
import { describe, expect, test } from "vitest";

const root = new URL("../..", import.meta.url).pathname;
const inCore = `${root}packages/core/src/time/instant.ts`;

/** What the linter says of a text, were it a file of core. */
async function refusals(text: string): Promise<readonly string[]> {
  const results = await new ESLint({ cwd: root }).lintText(text, { filePath: inCore });
  return results.flatMap(({ messages }) => messages.flatMap(({ ruleId }) => ruleId ?? "unreadable"));
}

describe("the linter refuses core", () => {
  test.each([
    ["a clock", "export const now = Date.now();", "no-restricted-globals"],
    ["a stopwatch", "export const now = performance.now();", "no-restricted-globals"],
    ["a timer", "setInterval(() => undefined, 1);", "no-restricted-globals"],
    ["the environment", "export const path = process.env;", "no-restricted-globals"],
    ["the network", 'export const answer = fetch("http://127.0.0.1");', "no-restricted-globals"],
    ["chance", "export const chance = Math.random();", "no-restricted-properties"],
    ["random ids", "export const id = crypto.randomUUID();", "no-restricted-globals"],
    [
      "Node's random ids",
      'import { randomUUID } from "node:crypto";\nexport const id = randomUUID();',
      "no-restricted-imports",
    ],
    [
      "all of Node's cryptography",
      'import * as all from "node:crypto";\nexport const id = all.randomUUID();',
      "no-restricted-imports",
    ],
    ["a way round", "export const now = globalThis.Date.now();", "no-restricted-globals"],
  ])("%s", async (_what, text, rule) => {
    expect(await refusals(text)).toContain(rule);
  });

  test("nothing in a hash", async () => {
    const text = 'import { createHash } from "node:crypto";\nexport const hash = createHash("sha256");';
    expect(await refusals(text)).toEqual([]);
  });
});
