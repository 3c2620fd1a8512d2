import { at, exampleProduct, analyticsCode, licenseId } from "@tollhouse/core/memory/example";
import {
  type Grant,
  type SubscriptionId,
  type SubscriptionKey,
  unknownSubscription,
} from "@tollhouse/core/lifecycle/subscription";
import { expect, test } from "vitest";
import { standingOf } from "./standing.ts";

const key: SubscriptionKey = {
  id: licenseId as string as SubscriptionId,
  identity: { by: "license", licenseArn: "arn" },
};
const now = at("2026-08-20T14:23:11Z");
const withGrant = (grant: Grant) => ({
  ...unknownSubscription(exampleProduct(analyticsCode).code, key),
  grant,
});

test.each<[string, Grant | undefined, string, RegExp, boolean]>([
  ["whose license is awaited", undefined, "waiting", /preparing your license/, false],
  ["of which AWS has said nothing", { state: "unknown" }, "waiting", /not confirmed/, false],
  ["agreed on", { state: "pending" }, "waiting", /not confirmed/, false],
  [
    "agreed on for later",
    { state: "pending", startsAt: at("2026-12-01T00:00:00Z") },
    "waiting",
    /starts on 1 December 2026 \(UTC\)/,
    true,
  ],
  ["in force", { state: "active", since: now }, "good", /right away/, true],
  ["that is being ended", { state: "cancelling", cutAt: now, deadlineAt: now }, "ended", /subscribe/, true],
  ["that has ended", { state: "ended", cutAt: now }, "ended", /subscribe/, true],
  ["whose payment failed", { state: "failed", at: now }, "ended", /payment/, true],
])("of a subscription %s the buyer is told so", (_, grant, tone, text, settled) => {
  const standing = standingOf(grant && withGrant(grant));
  expect(standing).toMatchObject({ tone, settled });
  expect(standing.text).toMatch(text);
});
