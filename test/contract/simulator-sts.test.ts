import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
  ResolveCustomerCommand,
} from "@aws-sdk/client-marketplace-metering";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  caller,
  callerArn,
  configuredCaller,
  errorName,
  externalId,
  roleArn,
  startWorld,
} from "./simulator-world.ts";

let world: Awaited<ReturnType<typeof startWorld>>;
beforeAll(async () => {
  world = await startWorld("http://127.0.0.1:9");
});
afterAll(() => world.close());

const stranger = { accessKeyId: "STRANGER", secretAccessKey: "also-of-no-worth" };
const sts = (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } = caller) =>
  new STSClient({ endpoint: world.url, region: "us-east-1", credentials, maxAttempts: 1 });
const assume = (change: object = {}, credentials = caller) =>
  sts(credentials).send(
    new AssumeRoleCommand({
      RoleArn: roleArn("Metering"),
      RoleSessionName: "test",
      ExternalId: externalId,
      ...change,
    }),
  );
const metering = (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) =>
  new MarketplaceMeteringClient({ endpoint: world.url, region: "us-east-1", credentials, maxAttempts: 1 });
const resolve = new ResolveCustomerCommand({ RegistrationToken: "any" });
const meterNothing = new BatchMeterUsageCommand({ UsageRecords: [] });

async function session() {
  const { Credentials } = await assume();
  return {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
}

describe("a role is assumed only by whom it trusts, with the external id", () => {
  it("gives a session that expires by the machine's clock, not the simulated one", async () => {
    await world.advance(86_400 * 365);
    const before = Date.now();
    const { Credentials, AssumedRoleUser } = await assume({ DurationSeconds: 900 });
    const expiresAt = Credentials?.Expiration?.getTime() ?? 0;
    expect(expiresAt).toBeGreaterThanOrEqual(Math.floor(before / 1_000) * 1_000 + 900_000);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 900_000);
    expect(AssumedRoleUser?.Arn).toBe("arn:aws:sts::111122223333:assumed-role/Metering/test");
  });

  it.each([
    ["without the external id", { ExternalId: undefined }],
    ["with another external id", { ExternalId: "tried-by-another" }],
    ["for a role that does not exist", { RoleArn: roleArn("Nothing") }],
  ])("is denied %s", async (_, change) => {
    expect(await errorName(assume(change))).toBe("AccessDenied");
  });

  it("is denied to a caller the role does not trust", async () => {
    expect(await errorName(assume({}, stranger))).toBe("AccessDenied");
  });

  it("is denied to a session of a role", async () => {
    expect(await errorName(assume({}, await session()))).toBe("AccessDenied");
  });

  it("is denied to unknown keys and to a wrong secret", async () => {
    expect(await errorName(assume({}, { ...caller, accessKeyId: "NOBODY" }))).toBe("InvalidClientTokenId");
    expect(await errorName(assume({}, { ...caller, secretAccessKey: "guessed" }))).toBe(
      "SignatureDoesNotMatch",
    );
  });

  it("lasts no longer than an hour", async () => {
    expect(await errorName(assume({ DurationSeconds: 3_601 }))).toBe("ValidationError");
  });
});

describe("Marketplace answers only a session whose role allows the call", () => {
  it("a session may do what its role allows and nothing else", async () => {
    const client = metering(await session());
    expect(await errorName(client.send(meterNothing))).toBe("none");
    expect(await errorName(client.send(resolve))).toBe("AccessDeniedException");
  });

  it("the caller's own keys are not enough", async () => {
    expect(await errorName(metering(caller).send(meterNothing))).toBe("AccessDeniedException");
  });

  it("a session's keys without its token, with another's token or a wrong secret are refused", async () => {
    const [one, other] = [await session(), await session()];
    const withoutToken = { accessKeyId: one.accessKeyId, secretAccessKey: one.secretAccessKey };
    const mixed = { ...one, sessionToken: other.sessionToken };
    expect(await errorName(metering(withoutToken).send(meterNothing))).toBe("UnrecognizedClientException");
    expect(await errorName(metering(mixed).send(meterNothing))).toBe("UnrecognizedClientException");
    expect(await errorName(metering({ ...one, secretAccessKey: "guessed" }).send(meterNothing))).toBe(
      "InvalidSignatureException",
    );
  });

  it("a request that nobody signed is refused", async () => {
    const response = await fetch(world.url, {
      method: "POST",
      headers: { "x-amz-target": "AWSMPMeteringService.BatchMeterUsage" },
      body: "{}",
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ __type: "MissingAuthenticationTokenException" });
  });

  it("a body changed after signing is refused", async () => {
    const client = metering(await session());
    client.middlewareStack.add(
      (next) => (args) => {
        // Only a name's first letter, so that the length and every header stay as they were signed.
        const request = args.request as { body: unknown };
        request.body = JSON.stringify({ usageRecords: [] });
        return next(args);
      },
      { step: "deserialize", priority: "low" },
    );
    expect(await errorName(client.send(meterNothing))).toBe("InvalidSignatureException");
  });

  it("everybody learns who they are", async () => {
    const identity = (credentials: Parameters<typeof sts>[0]) =>
      sts(credentials).send(new GetCallerIdentityCommand({}));
    expect((await identity(caller)).Arn).toBe(callerArn);
    expect((await identity(await session())).Account).toBe("111122223333");
  });

  it("the log of calls tells who was refused what, and no secret", async () => {
    const keys = await session();
    await errorName(metering(keys).send(resolve));
    const { body } = await world.call("GET", "/calls");
    const text = JSON.stringify(body);
    expect(text).toContain("AccessDeniedException");
    expect(text).toContain("assumed-role/Metering/test");
    for (const secret of Object.values(keys)) expect(text).not.toContain(secret);
  });
});

it("a seller in one account gives the caller the actions itself", async () => {
  const direct = await startWorld("http://127.0.0.1:9", {
    roles: [],
    callers: [
      configuredCaller("arn:aws:iam::111122223333:role/tollhouse-local", ["aws-marketplace:BatchMeterUsage"]),
    ],
  });
  const client = new MarketplaceMeteringClient({
    endpoint: direct.url,
    region: "us-east-1",
    credentials: caller,
    maxAttempts: 1,
  });
  expect(await errorName(client.send(meterNothing))).toBe("none");
  expect(await errorName(client.send(resolve))).toBe("AccessDeniedException");
  await direct.close();
});
