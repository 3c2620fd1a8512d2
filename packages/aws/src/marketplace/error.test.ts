import * as Metering from "@aws-sdk/client-marketplace-metering";
import { describe, expect, test } from "vitest";
import { asUnavailable, faultOf, type MarketplaceCall } from "./error.ts";
import { SellerRoleError } from "./role-error.ts";

const arn = "arn:aws:iam::111122223333:role/TollhouseMetering";
const call: MarketplaceCall = { operation: "BatchMeterUsage", role: { duty: "metering", arn } };

const named = (name: string, more: object = {}) => Object.assign(new Error("any text"), { name }, more);
const ofClient = { $fault: "client" };

describe("what went wrong at AWS Marketplace", () => {
  test.each(["ThrottlingException", "TooManyRequestsException"])(
    "%s says that there were too many",
    (name) => {
      expect(faultOf(named(name, ofClient), call)).toEqual({ kind: "throttled", reason: name });
    },
  );

  test.each([
    "DisabledApiException",
    "AccessDeniedException",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "ExpiredToken",
  ])("%s had no effect, and has none until somebody has mended it", (name) => {
    expect(faultOf(named(name, ofClient), call)).toMatchObject({ kind: "barred" });
  });

  test("any other fault of ours is the request's, and sending it again changes nothing", () => {
    expect(faultOf(named("TimestampOutOfBoundsException", ofClient), call)).toEqual({
      kind: "request",
      reason: "TimestampOutOfBoundsException",
    });
  });

  test.each([
    named("InternalServiceErrorException", { $fault: "server" }),
    named("TimeoutError"),
    "something else",
  ])("of %s nobody knows the effect", (error) => {
    expect(faultOf(error, call)).toMatchObject({ kind: "unavailable", effect: "unknown" });
  });

  test("a token's fault is told by its class, and of our session elsewhere", () => {
    const expired = new Metering.ExpiredTokenException({ message: "any text", $metadata: {} });
    const invalid = new Metering.InvalidTokenException({ message: "any text", $metadata: {} });
    expect(faultOf(expired, call)).toEqual({ kind: "token", refusal: "expired" });
    expect(faultOf(invalid, call)).toEqual({ kind: "token", refusal: "invalid" });
    expect(asUnavailable(expired, call).message).toBe("BatchMeterUsage failed: the session is expired.");
  });

  test("a role without the action is named with duty and action, and the useless policy as well", () => {
    const { message } = asUnavailable(named("AccessDeniedException", ofClient), call);
    for (const part of [
      arn,
      "aws-marketplace:BatchMeterUsage",
      '"metering"',
      "AWSMarketplaceMeteringFullAccess",
    ])
      expect(message).toContain(part);
    const own = asUnavailable(named("AccessDeniedException", ofClient), {
      ...call,
      role: { duty: "metering", arn: undefined },
    });
    expect(own.message).toContain("this function's own role lacks aws-marketplace:BatchMeterUsage");
  });

  test("a Region without the API is named with what may be changed", () => {
    expect(asUnavailable(named("DisabledApiException", ofClient), call).message).toMatch(
      /does not offer BatchMeterUsage in this Region.*meteringRegion/,
    );
  });

  test("a call without a session had no effect, and says why there is none", () => {
    const noSession = new SellerRoleError({ arn, ownArn: undefined, cause: named("AccessDenied") });
    expect(faultOf(noSession, call)).toEqual({ kind: "barred", reason: noSession.message });
    const later = new SellerRoleError({ arn, ownArn: undefined, cause: named("TimeoutError") });
    const unavailable = { kind: "unavailable", reason: later.message, effect: "none" };
    expect(faultOf(later, call)).toEqual(unavailable);
  });
});

describe("why there is no session", () => {
  const ownArn = "arn:aws:iam::444455556666:role/tollhouse-production-meter";
  const sentence = (name: string) => new SellerRoleError({ arn, ownArn, cause: named(name) }).message;

  test.each<[string, RegExp]>([
    ["AccessDenied", /trust policy.*sts:ExternalId.*sts:AssumeRole/],
    ["ExpiredToken", /own credentials of .*tollhouse-production-meter are expired or not valid/],
    ["InvalidClientTokenId", /are expired or not valid/],
    ["SignatureDoesNotMatch", /are expired or not valid/],
    ["CredentialsProviderError", /are expired or not valid/],
    ["ValidationError", /maximum session duration/],
    ["RegionDisabledException", /switched off in us-east-1/],
    ["TimeoutError", /gave no session.*asked again/],
  ])("%s is told with what to compare", (name, wanted) => {
    expect(sentence(name)).toMatch(wanted);
    expect(sentence(name)).toContain(name);
  });

  test("a refused role is named together with ours", () => {
    expect(sentence("AccessDenied")).toContain(arn);
    expect(sentence("AccessDenied")).toContain(ownArn);
    expect(new SellerRoleError({ arn, ownArn: undefined, cause: named("AccessDenied") }).message).toContain(
      "did not let this function's role assume",
    );
  });
});
