import { describe, expect, test } from "vitest";
import { analyticsCode, at, buyerAccountId, licenseArn, licenseId } from "../memory/example.ts";
import { type Grant, type Subscription, unknownSubscription } from "../lifecycle/subscription.ts";
import { licenseKey } from "../lifecycle/subscription.ts";
import type { ObservedAgreement } from "./agreement-reader.ts";
import { contradictionOf } from "./contradiction.ts";

const time = at("2026-08-20T10:00:00Z");
const now = at("2026-08-20T12:00:00Z");
const grants: Readonly<Record<Grant["state"], Grant>> = {
  unknown: { state: "unknown" },
  pending: { state: "pending" },
  active: { state: "active", since: time },
  cancelling: { state: "cancelling", since: time, cutAt: time, deadlineAt: now },
  ended: { state: "ended", since: time, cutAt: time },
  failed: { state: "failed", at: time },
};

function held(state: Grant["state"], agreementId = "agmt-1"): Subscription {
  const key = licenseKey(licenseArn);
  if (key === undefined) throw new Error("no license");
  return { ...unknownSubscription(analyticsCode, key), grant: grants[state], agreementId };
}

const disagreement = (
  status: ObservedAgreement["status"],
  subscription: Subscription | undefined,
): string | undefined =>
  contradictionOf(
    analyticsCode,
    { agreementId: "agmt-1", status, buyerAccountId, licenseArns: [licenseArn] },
    licenseArn,
    { subscription, agreementIds: ["agmt-1"] },
    now,
  )?.what;

describe("what AWS shows as active", () => {
  test.each(["unknown", "pending", "failed"] as const)("begins what is %s", (state) => {
    expect(disagreement("ACTIVE", held(state))).toBe(`${licenseId} is active`);
  });

  test("begins what nothing ever named", () => {
    expect(disagreement("ACTIVE", undefined)).toBe(`${licenseId} is active`);
  });

  test.each(["active", "cancelling", "ended"] as const)("is no news of what is %s", (state) => {
    expect(disagreement("ACTIVE", held(state))).toBeUndefined();
  });
});

describe("what AWS shows as ended", () => {
  test.each(["unknown", "pending", "active"] as const)("ends what is %s under that agreement", (state) => {
    expect(disagreement("CANCELLED", held(state))).toBe(`${licenseId} ended (CANCELLED)`);
  });

  test.each(["unknown", "pending", "active"] as const)("ends nothing %s under another agreement", (state) => {
    expect(disagreement("CANCELLED", held(state, "agmt-2"))).toBeUndefined();
  });

  test("ends nothing that nothing ever named", () => {
    expect(disagreement("CANCELLED", undefined)).toBeUndefined();
  });

  test.each(["failed", "cancelling", "ended"] as const)("is no news of what is %s", (state) => {
    expect(disagreement("CANCELLED", held(state))).toBeUndefined();
  });
});
