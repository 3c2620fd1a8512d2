import {
  MarketplaceEntitlementServiceClient,
  GetEntitlementsCommand,
} from "@aws-sdk/client-marketplace-entitlement-service";
import { sellerRole } from "@tollhouse/aws/marketplace/role";
import { SellerRoleError } from "@tollhouse/aws/marketplace/role-error";
import { marketplaceTokenResolver } from "@tollhouse/aws/marketplace/token-resolver";
import { defineConfiguration } from "@tollhouse/core/configuration/configuration";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { caller, callerArn, configuredCaller, roleArn, startWorld } from "./simulator-world.ts";

let world: Awaited<ReturnType<typeof startWorld>>;
beforeEach(async () => {
  const trusting = { externalId, trusts: [callerArn] };
  world = await startWorld("http://127.0.0.1:9", {
    roles: [
      { arn: roleArn("Lifecycle"), ...trusting, actions: ["aws-marketplace:GetEntitlements"] },
      { arn: roleArn("Metering"), ...trusting, actions: ["aws-marketplace:BatchMeterUsage"] },
    ],
  });
  vi.stubEnv("AWS_ENDPOINT_URL", world.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", caller.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", caller.secretAccessKey);
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "tollhouse-production-entitlement");
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await world.close();
});

const externalId = "tried-in-this-test-only";
const roles = { registration: "Metering", metering: "Metering", lifecycle: "Lifecycle", audit: "Nothing" };

/** Production apart from the seller, unless told that both are one account. */
const configuration = (change: object = {}, sellerAlone = false) =>
  defineConfiguration({
    name: "tollhouse",
    seller: {
      accountId: "111122223333",
      ...(!sellerAlone && { assumeRole: { externalId, roles, ...change } }),
    },
    production: { accountId: sellerAlone ? "111122223333" : "444455556666" },
    products: [
      {
        code: "new-contract",
        title: "New contract",
        generation: "eventbridge",
        pricing: "contract",
        dimensions: [{ key: "seats", kind: "entitled" }],
      },
    ],
    registrationPage: {
      sellerName: "Example Software",
      supportContact: "support@example.com",
      continueUrl: "https://app.example.com/welcome",
    },
  });

/** Who made which calls, as the simulator saw them, oldest first. */
async function seen(operation: string) {
  const { body } = await world.call("GET", "/calls");
  const { calls } = body as { calls: { operation: string; outcome: string; principal?: string }[] };
  return calls.filter((call) => call.operation === operation);
}
const askEntitlements = (role: ReturnType<typeof sellerRole>) => {
  const client = new MarketplaceEntitlementServiceClient({
    region: "us-east-1",
    credentials: role.credentials,
  });
  return () =>
    client.send(
      new GetEntitlementsCommand({
        ProductCode: "new-contract",
        Filter: { LICENSE_ARN: ["arn:aws:license-manager::1:license:l-1"] },
      }),
    );
};

describe("a session of the seller's role", () => {
  it("is named after the function, in the seller's own records", async () => {
    await askEntitlements(sellerRole(configuration(), "lifecycle", "entitlement"))();
    expect((await seen("GetEntitlements")).map(({ principal }) => principal)).toEqual([
      "arn:aws:sts::111122223333:assumed-role/Lifecycle/tollhouse-entitlement",
    ]);
  });

  it("is made once, however many calls of however many clients wait for it", async () => {
    const shared = configuration();
    const one = askEntitlements(sellerRole(shared, "lifecycle", "entitlement"));
    const other = askEntitlements(sellerRole(shared, "lifecycle", "entitlement"));
    await Promise.all(Array.from({ length: 5 }, () => Promise.all([one(), other()])));
    expect(await seen("GetEntitlements")).toHaveLength(10);
    expect(await seen("AssumeRole")).toHaveLength(1);
  });

  it("is kept until five minutes before its end, and then renewed once for all who wait", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const startMs = Date.now();
    // Asked for directly: a client of Marketplace would correct its clock by the machine's, which has not moved.
    const { credentials } = sellerRole(configuration(), "lifecycle", "entitlement");
    const first = await credentials();
    vi.setSystemTime(startMs + 54 * 60_000);
    expect(await credentials()).toBe(first);
    expect(await seen("AssumeRole")).toHaveLength(1);
    vi.setSystemTime(startMs + 55 * 60_000 + 1_000);
    const [renewed, ...others] = await Promise.all([credentials(), credentials(), credentials()]);
    expect(others).toEqual([renewed, renewed]);
    expect(await seen("AssumeRole")).toHaveLength(2);
    expect(renewed.expiration?.getTime()).toBeGreaterThan(Date.now() + 59 * 60_000);
  });

  it("is another one for another duty", async () => {
    const shared = configuration();
    const [lifecycle, metering] = await Promise.all(
      (["lifecycle", "metering"] as const).map((duty) => sellerRole(shared, duty, "any").credentials()),
    );
    expect(lifecycle?.accessKeyId).not.toBe(metering?.accessKeyId);
  });
});

describe("a role that does not let us in says which side to mend", () => {
  const failure = (change: object) =>
    sellerRole(configuration(change), "lifecycle", "entitlement")
      .credentials()
      .then(
        () => undefined,
        (error: unknown) => error,
      );
  const own = "arn:aws:iam::444455556666:role/tollhouse-production-entitlement";

  it.each([
    ["another external id", { externalId: "of-somebody-else-entirely" }, "Lifecycle"],
    ["a role that does not exist", { roles: { ...roles, lifecycle: "Nothing" } }, "Nothing"],
  ])("%s", async (_, change, name) => {
    const error = await failure(change);
    expect(error).toBeInstanceOf(SellerRoleError);
    const { message } = error as SellerRoleError;
    for (const part of [
      `arn:aws:iam::111122223333:role/${name}`,
      own,
      "trust policy",
      "externalId",
      "sts:AssumeRole",
    ])
      expect(message).toContain(part);
    expect(message).not.toContain("of-somebody-else-entirely");
  });

  it("a caller that the role does not trust", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "STRANGER");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "also-of-no-worth");
    expect(String(await failure({}))).toMatch(/AccessDenied.*trust policy/);
  });

  it("is measured, so that somebody is told: the alarm on it waits for this name", async () => {
    vi.stubEnv("POWERTOOLS_METRICS_NAMESPACE", "Tollhouse/tollhouse-production");
    const lines: string[] = [];
    const write = vi
      .spyOn(process.stdout, "write")
      .mockImplementation((line) => lines.push(String(line)) > 0);
    await failure({ externalId: "of-somebody-else-entirely" });
    write.mockRestore();
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ SellerRoleRefused: 1 }]);
  });

  it.each([
    ["unknown", "NOBODY", caller.secretAccessKey, /InvalidClientTokenId/],
    ["wrong", caller.accessKeyId, "guessed", /SignatureDoesNotMatch/],
  ])("own credentials that are %s", async (_, key, secret, name) => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", key);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", secret);
    const { message } = (await failure({})) as SellerRoleError;
    expect(message).toMatch(/own credentials .* are expired or not valid/);
    expect(message).toMatch(name);
    expect(message).not.toContain(secret);
  });

  it("a role without the action of its duty", async () => {
    const resolving = marketplaceTokenResolver(configuration()).resolve("any");
    await expect(resolving).rejects.toThrow(
      /role\/Metering lacks aws-marketplace:ResolveCustomer, an action of the duty "registration".*AWSMarketplaceMeteringFullAccess/,
    );
  });

  it("the seller's own account, where the function's role lacks the action", async () => {
    const direct = await startWorld("http://127.0.0.1:9", {
      roles: [],
      callers: [
        configuredCaller("arn:aws:iam::111122223333:role/tollhouse-local", [
          "aws-marketplace:BatchMeterUsage",
        ]),
      ],
    });
    vi.stubEnv("AWS_ENDPOINT_URL", direct.url);
    await expect(marketplaceTokenResolver(configuration({}, true)).resolve("any")).rejects.toThrow(
      /this function's own role lacks aws-marketplace:ResolveCustomer/,
    );
    await direct.close();
  });
});
