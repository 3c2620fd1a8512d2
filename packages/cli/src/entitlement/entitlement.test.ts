import type { EntitlementSnapshot } from "@tollhouse/core/entitlement/entitlement";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import {
  archiveCode,
  at,
  customerIdentifier,
  example,
  licenseArn,
  licenseId,
} from "@tollhouse/core/memory/example";
import { describe, expect, test } from "vitest";
import { exampleSource, shownAt } from "../example-source.ts";
import { listEntitlements } from "./list.ts";
import { showEntitlements } from "./show.ts";

const facts = [
  example.licenseUpdated("given", "2026-08-20T09:00:00Z"),
  example.subscribeSucceeded("pay-as-you-go", "2026-08-20T09:00:00Z"),
];
const snapshot: EntitlementSnapshot = {
  subscriptionId: licenseId as string as SubscriptionId,
  readAt: at("2026-08-21T11:58:00Z"),
  version: 1,
  entitlements: [
    { dimension: "seats", value: 25, expiresAt: at("2027-08-20T09:00:00Z") },
    { dimension: "sso", value: true },
    { dimension: "tier", value: "gold" },
  ],
};
const doubted = { ...snapshot, emptySince: at("2026-08-21T11:55:00Z") };

describe("entitlements list", () => {
  test("has every subscription whose listing sells something up front, read or not, and no other", async () => {
    const unread = await listEntitlements(await exampleSource({ facts }), { limit: 10 });
    expect(unread.data.entitlements).toMatchObject([{ subscriptionId: licenseId, snapshot: null }]);
    expect(shownAt(80, unread)).toContain("not yet");
    const read = await listEntitlements(await exampleSource({ facts, entitlements: [snapshot] }), {
      limit: 10,
    });
    expect(shownAt(120, read)).toContain('seats 25, sso true, tier "gold"');
    expect(shownAt(80, read)).toContain("2 min ago");
  });

  test("says at any width when they are in doubt", async () => {
    const answer = await listEntitlements(await exampleSource({ facts, entitlements: [doubted] }), {
      limit: 10,
    });
    expect(shownAt(80, answer)).toContain("in doubt");
    expect(shownAt(140, answer)).toContain("empty since 5 min ago");
    for (const line of shownAt(80, answer).split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("by product has no other one's", async () => {
    const answer = await listEntitlements(await exampleSource({ facts }), {
      limit: 10,
      product: archiveCode,
    });
    expect(answer.data.entitlements).toEqual([]);
  });
});

describe("entitlements show", () => {
  test("has value, type and expiry of each, and the age of the reading", async () => {
    const text = shownAt(
      80,
      await showEntitlements(await exampleSource({ facts, entitlements: [snapshot] }), licenseArn),
    );
    expect(text).toMatch(/seats +25 +number +2027-08-20 09:00:00Z \(in 12 months\)/);
    expect(text).toMatch(/sso +true +boolean +no end told/);
    expect(text).toMatch(/tier +gold +text/);
    expect(text).toContain("read 2026-08-21 11:58:00Z (2 min ago)");
    expect(text).not.toContain("doubt");
  });

  test("says since when AWS has answered with nothing", async () => {
    const source = await exampleSource({ facts, entitlements: [doubted] });
    const answer = await showEntitlements(source, licenseId);
    expect(shownAt(200, answer)).toContain(
      "in doubt: AWS has answered with nothing since 2026-08-21 11:55:00Z",
    );
    const believed = await exampleSource({ facts, entitlements: [{ ...doubted, entitlements: [] }] });
    const none = shownAt(200, await showEntitlements(believed, licenseId));
    expect(none).toContain("Nothing is entitled.");
    expect(none).not.toContain("in doubt");
  });

  test("of a license that belongs to a subscription are that one's", async () => {
    const source = await exampleSource({
      facts: [
        example.registered("visit", "2026-08-20T08:00:00Z", { productCode: archiveCode, customerIdentifier }),
      ],
    });
    const { data } = await showEntitlements(source, licenseArn);
    expect(data.entitlements).toEqual([
      { subscriptionId: `${archiveCode}/${customerIdentifier}`, snapshot: null },
    ]);
  });

  test("refuse what is not there", async () => {
    await expect(showEntitlements(await exampleSource({}), licenseId)).rejects.toMatchObject({
      code: "not-found",
    });
  });
});
