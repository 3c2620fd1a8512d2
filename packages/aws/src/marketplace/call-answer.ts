import * as Metering from "@aws-sdk/client-marketplace-metering";
import type { CallAnswer } from "@tollhouse/core/metering/submission";
import type { UsageRecordEntry } from "@tollhouse/core/metering/usage-record";
import type { Logger } from "../logging/logger.ts";
import { faultOf, type MarketplaceCall } from "./error.ts";

/** What a call of BatchMeterUsage that ended in an error comes to; of the whole call, never of one record. */
export function answerTo(
  error: unknown,
  call: MarketplaceCall,
  { identity }: Pick<UsageRecordEntry, "identity">,
  logger: Pick<Logger, "error">,
): CallAnswer {
  if (error instanceof Metering.TimestampOutOfBoundsException)
    return { kind: "refused", reason: error.name, isTooLate: true };
  if (error instanceof Metering.InvalidUsageDimensionException)
    return { kind: "refused", reason: error.name, isUnknownDimension: true };
  if (error instanceof Metering.InvalidProductCodeException)
    return {
      kind: "barred",
      reason: aboutProductCode(identity),
      isOldIdentity: identity.by === "product-code",
    };
  const fault = faultOf(error, call);
  switch (fault.kind) {
    case "throttled":
      return { kind: "throttled" };
    case "token":
      return { kind: "barred", reason: aboutSession(fault.refusal, call) };
    case "request":
      if (!refusals.has(fault.reason)) logger.error(undocumented, { reason: fault.reason });
      return { kind: "refused", reason: fault.reason };
    case "barred":
      return fault;
    case "unavailable":
      if (fault.effect === "unknown" && !outages.has(fault.reason))
        logger.error(undocumented, { reason: fault.reason });
      return fault;
    default:
      return fault satisfies never;
  }
}

/** Tells people of what the reference does not name: it may mean something else than we make of it. */
const undocumented = "AWS Marketplace answered a metering call with an error that is not documented";

/** By which AWS refuses a call because of a record in it (BatchMeterUsage reference, and AWS's common errors). */
const refusals = new Set([
  "InvalidLicenseException",
  "InvalidCustomerIdentifierException",
  "InvalidTagException",
  "InvalidUsageAllocationsException",
  "ValidationException",
  "ValidationError",
  "RequestEntityTooLargeException",
  "HTTP 413",
]);

/** Of AWS, or of the way to it; nobody knows whether the call was taken. */
const outages = new Set([
  "InternalServiceErrorException",
  "InternalFailure",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "RequestTimeout",
  "RequestTimeoutException",
  "TimeoutError",
  ...[408, 500, 502, 503, 504].map((status) => `HTTP ${status}`),
]);

function aboutProductCode(identity: UsageRecordEntry["identity"]): string {
  const name = "InvalidProductCodeException";
  if (identity.by === "license")
    return `AWS Marketplace takes no usage of this product by license (${name}): compare the product's generation in tollhouse.config.ts with its listing`;
  return (
    `AWS Marketplace does not take the product code ${identity.productCode} (${name}): is the code in tollhouse.config.ts the listing's, and not ` +
    `its product id, prod-…? Was the listing opted in to licenses? Then set generation to "migrating" and metersByLicenseFrom to the hour of the change`
  );
}

/** The same class that says "expired" of a registration token says it here of our session. */
const aboutSession = (refusal: "expired" | "invalid", { role: { arn } }: MarketplaceCall): string =>
  `AWS Marketplace says that the session of ${arn ?? "this function's own role"} is ${refusal}: compare this machine's clock; ` +
  `a new session is made within the hour`;
