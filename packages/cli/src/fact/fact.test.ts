import {
  analyticsCode,
  at,
  buyerAccountId,
  example,
  licenseArn,
  licenseId,
} from "@tollhouse/core/memory/example";
import { describe, expect, test } from "vitest";
import { exampleSource, shownAt } from "../example-source.ts";
import { listParked } from "./parked.ts";
import { recordNamed } from "./record.ts";
import { showFacts } from "./show.ts";

const buyer = `${analyticsCode}/${buyerAccountId}`;
const unnamed = { licenseArn: undefined };
const parked = [
  example.agreementCreated("made", "2026-08-20T08:00:00Z", { agreementId: "agmt-9" }),
  example.notice("n-1", "2026-08-20T08:00:00Z", { agreementId: "agmt-9", known: false }),
  example.notice("n-2", "2026-08-20T09:00:00Z", { agreementId: "agmt-9", known: false }),
  example.notice("n-3", "2026-08-20T07:00:00Z", { agreementId: "agmt-9" }),
  example.licenseUpdated("l-1", "2026-08-20T08:00:00Z", { agreementId: "agmt-1" }),
  example.registered("visit", "2026-08-20T09:00:00Z", unnamed),
  example.registered("visit-2", "2026-08-20T10:00:00Z", unnamed),
];

describe("facts parked", () => {
  test("lists each record once for each reason, with the facts that are the reason", async () => {
    const { data } = await listParked(await exampleSource({ facts: parked }), 10);
    expect(data.parked.toSorted((a, b) => (a.why < b.why ? -1 : 1))).toEqual([
      { why: "agreement-unknown", record: "agreement:agmt-9", facts: 4, since: at("2026-08-20T07:00:00Z") },
      { why: "detail-type-unknown", record: "agreement:agmt-9", facts: 2, since: at("2026-08-20T08:00:00Z") },
      { why: "license-awaited", record: `buyer:${buyer}`, facts: 1, since: at("2026-08-20T10:00:00Z") },
    ]);
  });

  test("says what to do for each reason that is there, and for no other", async () => {
    const text = shownAt(100, await listParked(await exampleSource({ facts: parked }), 10));
    expect(text).toContain("license-awaited: AWS has not named the license that this buyer registered for.");
    expect(text).toContain("ask the buyer to come from AWS Marketplace once more");
    expect(text).not.toContain("evidence-only");
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("says so when nothing is", async () => {
    expect(shownAt(80, await listParked(await exampleSource({}), 10))).toContain("Nothing is parked");
  });
});

describe("facts show", () => {
  test("shows every fact under a record in the order in which they count, and a notice's detail harmlessly", async () => {
    const detail = String.raw`{"note": "ring\u0007 \u202eback"}`;
    const facts = [
      ...parked,
      example.notice("n-4", "2026-08-20T11:00:00Z", { agreementId: "agmt-9", detail }),
    ];
    const answer = await showFacts(await exampleSource({ facts }), "agreement:agmt-9", 10);
    expect(answer.data.facts.map(({ id }) => id)).toEqual(["n-3", "made", "n-1", "n-2", "n-4"]);
    const text = shownAt(80, answer);
    expect(text).toContain('"note": "ring');
    expect(text).not.toMatch(/[\u0007\u202e]/);
  });

  test("is bounded, and says how many are left out", async () => {
    const answer = await showFacts(await exampleSource({ facts: parked }), "agreement:agmt-9", 3);
    expect(answer.data).toMatchObject({ more: 1 });
    expect(shownAt(80, answer)).toContain("agreement:agmt-9: 4 facts");
    expect(shownAt(80, answer)).toContain("and 1 more: --limit 6");
  });

  test("refuses a record under which nothing is filed", async () => {
    await expect(showFacts(await exampleSource({}), "agreement:none", 3)).rejects.toMatchObject({
      code: "not-found",
    });
  });

  test.each([
    ["agreement:agmt-1", { kind: "agreement", id: "agmt-1" }],
    ["agmt-1", { kind: "agreement", id: "agmt-1" }],
    [`buyer:${buyer}`, { kind: "buyer", id: buyer }],
    [`subscription:${licenseArn}`, { kind: "subscription", id: licenseId }],
    [licenseArn, { kind: "subscription", id: licenseId }],
    ["seller:111122223333", { kind: "seller", id: "111122223333" }],
  ])("takes %s for a record", (name, key) => {
    expect(recordNamed(name)).toEqual(key);
  });

  test.each(["", "agreement:", "customer:cus-1", "anything"])("does not take %j for one", (name) => {
    expect(() => recordNamed(name)).toThrow(expect.objectContaining({ code: "wrong-usage" }));
  });
});
