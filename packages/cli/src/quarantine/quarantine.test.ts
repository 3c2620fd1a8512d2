import { at } from "@tollhouse/core/memory/example";
import type { QuarantineEntry } from "@tollhouse/core/quarantine/quarantine";
import { describe, expect, test } from "vitest";
import { exampleSource, shownAt } from "../example-source.ts";
import { listQuarantine } from "./list.ts";
import { showQuarantined } from "./show.ts";

const body = '{"é": "\u001b[2J"}';
const entry = (id: string, door: QuarantineEntry["door"], hour = 10): QuarantineEntry => ({
  id,
  door,
  quarantinedAt: at(`2026-08-20T${hour}:00:00Z`),
  reason:
    "the \u001b[2Jbody is not valid JSON: send it as JSON, and mind the quotes around every single name in it",
  body,
});

describe("quarantine list", () => {
  const quarantined = [
    ...Array.from({ length: 150 }, (_, index) => entry(`usage:${index}`, "usage", 11)),
    entry("intake:1", "intake"),
    entry("intake:2", "intake", 12),
  ];

  test("has what came in by a door, newest first, however much of other doors lies between", async () => {
    const { data } = await listQuarantine(await exampleSource({ quarantined }), {
      door: "intake",
      limit: 10,
    });
    expect(data.quarantined.map(({ id }) => id)).toEqual(["intake:2", "intake:1"]);
  });

  test("is bounded, says how many are left out, and holds no body", async () => {
    const answer = await listQuarantine(await exampleSource({ quarantined }), { limit: 2 });
    expect(answer.data).toMatchObject({ more: 150, moreIsAtLeast: false });
    expect(JSON.stringify(answer.data)).not.toContain("é");
    const text = shownAt(60, answer);
    expect(text).toContain("and 150 more: --limit 4");
    expect(text).not.toContain("\u001b");
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(60);
  });
});

describe("quarantine show", () => {
  const source = () => exampleSource({ quarantined: [entry("intake:1", "intake")] });

  test("shows no body, and says what it may hold", async () => {
    const answer = await showQuarantined(await source(), "intake:1", false);
    expect(answer.data.entry).toMatchObject({ bodyBytes: 14, expiresAt: at("2026-11-18T10:00:00Z") });
    expect(answer.data.entry).not.toHaveProperty("body");
    expect(answer.raw).toBeUndefined();
    expect(shownAt(80, answer)).toContain("personal data");
  });

  test("gives the body to the byte when it is asked for", async () => {
    const answer = await showQuarantined(await source(), "intake:1", true);
    expect(answer.raw).toBe(body);
    expect(answer.data.entry.body).toBe(body);
    expect(shownAt(80, answer)).not.toContain("é");
  });

  test("refuses what is not there", async () => {
    await expect(showQuarantined(await source(), "intake:9", true)).rejects.toMatchObject({
      code: "not-found",
    });
  });
});
