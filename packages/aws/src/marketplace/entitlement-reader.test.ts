import {
  analyticsCode,
  at,
  exampleConfiguration,
  exampleProduct,
  licenseArn,
} from "@tollhouse/core/memory/example";
import { subscriptionSchema } from "@tollhouse/core/lifecycle/subscription";
import { afterEach, describe, expect, test, vi } from "vitest";
import { awsError, type ScriptedAnswer, scriptedService, sessionAnswer } from "../scripted-service.ts";
import { marketplaceEntitlementReader } from "./entitlement-reader.ts";
import { MarketplaceUnavailableError } from "./error.ts";

const subscription = (identity: object) =>
  subscriptionSchema.parse({
    ...{ id: "any", productCode: analyticsCode, identity, registration: "registered", freeTrial: false },
    grant: { state: "active", since: at("2026-08-20T14:00:00Z") },
  });
const byLicense = subscription({ by: "license", licenseArn });
const byCustomer = subscription({ by: "customer", customerIdentifier: "X77SAMPLEBUYER" });

const row = (Dimension: string, Value: object, more: object = {}) => ({
  ...{ ProductCode: analyticsCode, LicenseArn: licenseArn, Dimension, Value },
  ...more,
});
const page = (Entitlements: object[] | undefined, NextToken?: string): ScriptedAnswer => ({
  body: { Entitlements, NextToken },
});

const services: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const service of services.splice(0)) await service.close();
});

async function reading(...script: [ScriptedAnswer, ...ScriptedAnswer[]]) {
  const [api, sts] = await Promise.all([scriptedService(...script), scriptedService(sessionAnswer)]);
  services.push(api, sts);
  vi.stubEnv("AWS_ENDPOINT_URL_MARKETPLACE_ENTITLEMENT_SERVICE", api.url);
  vi.stubEnv("AWS_ENDPOINT_URL_STS", sts.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "OURS");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "of-no-worth");
  const reader = marketplaceEntitlementReader({ ...exampleConfiguration }, "test");
  return { calls: api.calls, read: (of = byLicense) => reader.read(of, exampleProduct(analyticsCode)) };
}

describe("entitlements read from AWS", () => {
  test.each([
    ["license, never by account", byLicense, { LICENSE_ARN: [licenseArn] }],
    ["customer, where the listing has no licenses", byCustomer, { CUSTOMER_IDENTIFIER: ["X77SAMPLEBUYER"] }],
  ])("are asked for by %s, through the lifecycle role", async (_, of, Filter) => {
    const { read, calls } = await reading(page([]));
    await read(of);
    expect(calls.map(({ body }) => body)).toEqual([{ ProductCode: analyticsCode, Filter, MaxResults: 25 }]);
    expect(calls[0]?.signedBy).toMatch(/^SESSION\/\d{8}\/us-east-1\/aws-marketplace$/);
  });

  test.each<[string, object, number | boolean | string]>([
    ["a whole number", { IntegerValue: 25 }, 25],
    ["none at all", { IntegerValue: 0 }, 0],
    ["a fraction", { DoubleValue: 2.5 }, 2.5],
    ["a fraction of nothing", { DoubleValue: 0 }, 0],
    ["yes", { BooleanValue: true }, true],
    ["no", { BooleanValue: false }, false],
    ["a text", { StringValue: "gold" }, "gold"],
    ["an empty text", { StringValue: "" }, ""],
  ])("of %s have just that value", async (_, given, value) => {
    const { read } = await reading(page([row("seats", given)]));
    expect(await read()).toEqual([{ dimension: "seats", value, expiresAt: undefined }]);
  });

  test("are those of every dimension, with the date until which each is valid at least", async () => {
    const until = { ExpirationDate: at("2027-08-20T00:00:00Z") / 1_000 };
    const { read } = await reading(
      page([row("seats", { IntegerValue: 5 }, until), row("support", { BooleanValue: true })]),
    );
    expect(await read()).toEqual([
      { dimension: "seats", value: 5, expiresAt: at("2027-08-20T00:00:00Z") },
      { dimension: "support", value: true, expiresAt: undefined },
    ]);
  });

  test("are read page by page, also over empty pages that name a next one", async () => {
    const { read, calls } = await reading(
      page([row("seats", { IntegerValue: 1 })], "two"),
      page([], "three"),
      page(undefined, "four"),
      page([row("support", { IntegerValue: 2 })], ""),
    );
    expect((await read()).map(({ dimension }) => dimension)).toEqual(["seats", "support"]);
    expect(calls.map(({ body }) => body["NextToken"])).toEqual([undefined, "two", "three", "four"]);
  });

  test("are none when AWS shows none", async () => {
    expect(await (await reading(page([]))).read()).toEqual([]);
  });

  test("are asked for again when AWS is too busy, and given back to the queue when it stays so", async () => {
    const busy = awsError("ThrottlingException");
    const once = await reading(busy, page([row("seats", { IntegerValue: 1 })]));
    expect(await once.read()).toHaveLength(1);
    expect(once.calls).toHaveLength(2);
    const always = await reading(busy);
    await expect(always.read()).rejects.toMatchObject({
      code: "marketplace-unavailable",
      retryable: true,
      message: "GetEntitlements failed: ThrottlingException.",
    });
    expect(always.calls).toHaveLength(4);
  });

  test("are an error and never a part when a later page fails", async () => {
    const { read } = await reading(
      page([row("seats", { IntegerValue: 1 })], "two"),
      awsError("InvalidParameterException"),
    );
    await expect(read()).rejects.toThrow(MarketplaceUnavailableError);
  });
});
