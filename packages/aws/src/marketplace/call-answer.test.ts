import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { BatchMeterUsageCommand, MarketplaceMeteringClient } from "@aws-sdk/client-marketplace-metering";
import { buyerAccountId, customerIdentifier, licenseArn, mailerCode } from "@tollhouse/core/memory/example";
import { describe, expect, onTestFinished, test } from "vitest";
import { awsError, type ScriptedAnswer, scriptedService } from "../scripted-service.ts";
import { answerTo } from "./call-answer.ts";
import { SellerRoleError } from "./role-error.ts";

const arn = "arn:aws:iam::111122223333:role/TollhouseMetering";
const call = { operation: "BatchMeterUsage", role: { duty: "metering", arn } } as const;
const byLicense = { by: "license", licenseArn, buyerAccountId } as const;
const byCode = { by: "product-code", productCode: mailerCode, customerIdentifier } as const;

/** What the SDK's own client makes of a call, and what we make of that; `errors` counts what people are told. */
async function answer(endpoint: string, identity: typeof byLicense | typeof byCode = byLicense) {
  const credentials = { accessKeyId: "SESSION", secretAccessKey: "of-no-worth" };
  const client = new MarketplaceMeteringClient({
    endpoint,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  const error: unknown = await client
    .send(new BatchMeterUsageCommand({ UsageRecords: [] }))
    .catch((e: unknown) => e);
  let errors = 0;
  return { ...answerTo(error, call, { identity }, { error: () => (errors += 1) }), errors };
}

async function answerToScript(given: ScriptedAnswer, identity?: typeof byCode) {
  const service = await scriptedService(given);
  onTestFinished(service.close);
  return answer(service.url, identity);
}

describe("a call of BatchMeterUsage that ends in", () => {
  test.each([
    "InvalidLicenseException",
    "InvalidCustomerIdentifierException",
    "InvalidTagException",
    "InvalidUsageAllocationsException",
    "ValidationException",
    "RequestEntityTooLargeException",
  ])("%s is refused because of a record", async (name) => {
    expect(await answerToScript(awsError(name))).toEqual({ kind: "refused", reason: name, errors: 0 });
  });

  test("InvalidUsageDimensionException is refused because of a dimension, whatever else is sent of it", async () => {
    const name = "InvalidUsageDimensionException";
    const refused = { kind: "refused", reason: name, isUnknownDimension: true, errors: 0 };
    expect(await answerToScript(awsError(name))).toEqual(refused);
  });

  test("TimestampOutOfBoundsException is refused because it comes too late", async () => {
    const refused = { kind: "refused", reason: "TimestampOutOfBoundsException", isTooLate: true, errors: 0 };
    expect(await answerToScript(awsError("TimestampOutOfBoundsException"))).toEqual(refused);
  });

  test.each([awsError("Unknown", 413), { status: 413, body: "<html>Request Entity Too Large</html>" }])(
    "status 413, whatever its body, is refused as too large",
    async (given) => {
      expect(await answerToScript(given)).toEqual({ kind: "refused", reason: "HTTP 413", errors: 0 });
    },
  );

  test.each([
    awsError("ThrottlingException"),
    awsError("TooManyRequestsException"),
    awsError("Unknown", 429),
  ])("throttling of any name is made again", async (given) => {
    expect(await answerToScript(given)).toEqual({ kind: "throttled", errors: 0 });
  });

  test("InvalidProductCodeException bars the product, and says what to compare", async () => {
    const refusal = awsError("InvalidProductCodeException");
    const old = await answerToScript(refusal, byCode);
    expect(old).toMatchObject({ kind: "barred", isOldIdentity: true, errors: 0 });
    for (const part of [mailerCode, "prod-", "opted in", "metersByLicenseFrom"])
      expect(old).toHaveProperty("reason", expect.stringContaining(part));
    expect(await answerToScript(refusal)).toMatchObject({ kind: "barred", isOldIdentity: false });
  });

  test.each([
    ["AccessDeniedException", "lacks aws-marketplace:BatchMeterUsage"],
    ["DisabledApiException", "in this Region"],
    ["UnrecognizedClientException", "signature"],
    ["InvalidSignatureException", "signature"],
    ["ExpiredTokenException", "session"],
    ["InvalidTokenException", "session"],
    ["UnknownOperationException", "does not let"],
  ])("%s bars the product until somebody has mended it", async (name, part) => {
    const barred = { kind: "barred", reason: expect.stringContaining(part) as string, errors: 0 };
    expect(await answerToScript(awsError(name))).toEqual(barred);
  });

  test("status 403 of a name we do not know bars the product", async () => {
    expect(await answerToScript(awsError("SomethingForbidden", 403))).toMatchObject({ kind: "barred" });
  });

  test.each([
    awsError("InternalServiceErrorException", 500),
    awsError("ServiceUnavailable", 503),
    awsError("RequestTimeoutException", 408),
    { status: 502, body: "<html>Bad Gateway</html>" },
  ])("AWS being out of order has an effect that nobody knows", async (given) => {
    expect(await answerToScript(given)).toMatchObject({ kind: "unavailable", effect: "unknown", errors: 0 });
  });

  test("an error of the records that no reference names is refused, and people are told", async () => {
    expect(await answerToScript(awsError("NovelException"))).toEqual({
      ...{ kind: "refused", reason: "NovelException", errors: 1 },
    });
  });

  test("an error of AWS that no reference names has an effect that nobody knows, and people are told", async () => {
    expect(await answerToScript(awsError("NovelException", 500))).toEqual({
      ...{ kind: "unavailable", reason: "NovelException", effect: "unknown", errors: 1 },
    });
  });

  test("an answer that breaks off is taken for no success", async () => {
    expect(await answerToScript({ body: '{"Results":[{"Status":"Suc' })).toMatchObject({
      ...{ kind: "unavailable", effect: "unknown", errors: 1 },
    });
  });

  test("no connection at all had no effect; one that AWS ends may have had one", async () => {
    const server = createServer(({ socket }) => socket.destroy()).listen(0, "127.0.0.1");
    await new Promise((listening) => server.once("listening", listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await answer(url)).toMatchObject({ kind: "unavailable", effect: "unknown" });
    await new Promise((closed) => server.close(closed));
    expect(await answer(url)).toMatchObject({ kind: "unavailable", effect: "none", errors: 0 });
  });

  test("no session bars the product, unless only STS is out of order", () => {
    const withoutSession = (name: string) => {
      const cause = Object.assign(new Error("any text"), { name });
      const error = new SellerRoleError({ arn, ownArn: undefined, cause });
      return answerTo(error, call, { identity: byLicense }, { error: () => undefined });
    };
    expect(withoutSession("AccessDenied")).toMatchObject({
      kind: "barred",
      reason: expect.stringContaining("assume") as string,
    });
    expect(withoutSession("TimeoutError")).toMatchObject({ kind: "unavailable", effect: "none" });
  });
});
