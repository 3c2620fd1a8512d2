import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Agreed, buyer, caller, externalId, roleArn, startWorld } from "../contract/simulator-world.ts";

/** Debian's own, at this place: another on the path may be newer and speak otherwise. */
const aws = "/usr/bin/aws";
const isThere = existsSync(aws);
const isRequired = process.env["CI"] === "true";
const remedy = `${aws} is missing: install it with \`apt-get install awscli\``;

if (!isThere)
  console.warn(`\n!!! ${remedy}. The suite that tries the simulator with AWS's own CLI is left out.\n`);

if (!isThere && isRequired)
  describe("AWS's own CLI", () => {
    it("is installed where tests must be complete", () => {
      expect.fail(remedy);
    });
  });

describe.runIf(isThere)("AWS's own CLI, which knows only the old identifiers", () => {
  let world: Awaited<ReturnType<typeof startWorld>>;
  let agreed: Agreed;
  let session: Record<string, string> = {};

  beforeAll(async () => {
    world = await startWorld("http://127.0.0.1:9");
    agreed = await world.subscribe("old-contract", { entitlements: [{ dimension: "seats", value: 5 }] });
    await world.call("POST", "/clock", { now: "2026-08-20T18:05:00Z" });
  });
  afterAll(() => world.close());

  async function run(credentials: Record<string, string>, ...words: string[]): Promise<unknown> {
    const { stdout } = await promisify(execFile)(
      aws,
      ["--endpoint-url", world.url, "--output", "json", ...words],
      {
        env: {
          PATH: "/usr/bin:/bin",
          AWS_REGION: "us-east-1",
          AWS_EC2_METADATA_DISABLED: "true",
          AWS_CONFIG_FILE: "/dev/null",
          AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
          AWS_MAX_ATTEMPTS: "1",
          ...credentials,
        },
      },
    );
    return JSON.parse(stdout);
  }
  const asCaller = {
    AWS_ACCESS_KEY_ID: caller.accessKeyId,
    AWS_SECRET_ACCESS_KEY: caller.secretAccessKey,
  };
  const assumeRole = (id: string) =>
    run(
      asCaller,
      ...["sts", "assume-role", "--role-session-name", "cli"],
      ...["--role-arn", roleArn("Everything"), "--external-id", id],
    );

  it("assumes the seller's role with the external id, and is denied without", async () => {
    await expect(assumeRole("guessed")).rejects.toThrow(
      "(AccessDenied) when calling the AssumeRole operation",
    );
    const { Credentials } = (await assumeRole(externalId)) as { Credentials: Record<string, string> };
    session = {
      AWS_ACCESS_KEY_ID: Credentials["AccessKeyId"] ?? "",
      AWS_SECRET_ACCESS_KEY: Credentials["SecretAccessKey"] ?? "",
      AWS_SESSION_TOKEN: Credentials["SessionToken"] ?? "",
    };
    expect(await run(session, "sts", "get-caller-identity")).toMatchObject({ Account: "111122223333" });
  });

  it("resolves a registration token", async () => {
    const words = ["meteringmarketplace", "resolve-customer", "--registration-token"];
    await expect(run(asCaller, ...words, agreed.registrationToken)).rejects.toThrow("AccessDeniedException");
    expect(await run(session, ...words, agreed.registrationToken)).toEqual({
      CustomerIdentifier: agreed.customerIdentifier,
      CustomerAWSAccountId: buyer,
      ProductCode: "old-contract",
    });
    await expect(run(session, ...words, "nonsense")).rejects.toThrow("InvalidTokenException");
  });

  it("reads entitlements", async () => {
    const words = ["marketplace-entitlement", "get-entitlements", "--product-code", "old-contract"];
    const filter = JSON.stringify({ CUSTOMER_IDENTIFIER: [agreed.customerIdentifier] });
    expect(await run(session, ...words, "--filter", filter)).toMatchObject({
      Entitlements: [
        {
          ProductCode: "old-contract",
          Dimension: "seats",
          CustomerIdentifier: agreed.customerIdentifier,
          Value: { IntegerValue: 5 },
        },
      ],
    });
  });

  it("meters usage once an hour", async () => {
    const meter = (quantity: number) =>
      run(
        session,
        ...["meteringmarketplace", "batch-meter-usage", "--product-code", "old-contract", "--usage-records"],
        JSON.stringify([
          {
            Timestamp: "2026-08-20T16:00:00Z",
            CustomerIdentifier: agreed.customerIdentifier,
            Dimension: "calls",
            Quantity: quantity,
          },
        ]),
      );
    expect(await meter(7)).toMatchObject({ Results: [{ Status: "Success" }], UnprocessedRecords: [] });
    expect(await meter(8)).toMatchObject({ Results: [{ Status: "DuplicateRecord" }] });
    const { body } = await world.call("GET", "/bill");
    expect(body["totals"]).toMatchObject([{ dimension: "calls", quantity: 7 }]);
  });
});
