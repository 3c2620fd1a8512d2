import * as Entitlement from "@aws-sdk/client-marketplace-entitlement-service";
import * as Metering from "@aws-sdk/client-marketplace-metering";

/** What an error of AWS Marketplace means for us; decided by its class, never by its text. */
export type MarketplaceFault =
  /** The token's own fault; the buyer can mend it. */
  | { readonly kind: "token"; readonly refusal: "expired" | "invalid" }
  /** Something in the request is not to AWS's liking; sending the same again changes nothing. */
  | { readonly kind: "request"; readonly reason: string }
  /** Throttled, out of order or not allowed; later, or after somebody has mended a role. */
  | { readonly kind: "unavailable"; readonly reason: string };

const requestFaults = [
  Metering.TimestampOutOfBoundsException,
  Metering.InvalidUsageDimensionException,
  Metering.InvalidLicenseException,
  Metering.InvalidProductCodeException,
  Metering.InvalidCustomerIdentifierException,
  Metering.InvalidTagException,
  Metering.InvalidUsageAllocationsException,
  Entitlement.InvalidParameterException,
];

export function faultOf(error: unknown): MarketplaceFault {
  if (error instanceof Metering.ExpiredTokenException) return { kind: "token", refusal: "expired" };
  if (error instanceof Metering.InvalidTokenException) return { kind: "token", refusal: "invalid" };
  const name = error instanceof Error ? error.name : "unknown";
  if (requestFaults.some((fault) => error instanceof fault)) return { kind: "request", reason: name };
  if (error instanceof Error && name === "AccessDenied") {
    return {
      kind: "unavailable",
      reason:
        "AccessDenied: the seller account's role did not let us in; compare its trust policy and external id with tollhouse.config.ts",
    };
  }
  if (error instanceof Error && name === "AccessDeniedException") {
    return {
      kind: "unavailable",
      reason: "AccessDeniedException: the seller account's role lacks the action of its duty",
    };
  }
  return { kind: "unavailable", reason: name };
}

/** AWS Marketplace could not be asked. The caller comes again later; nothing is lost. */
export class MarketplaceUnavailableError extends Error {
  readonly code = "marketplace-unavailable";
  readonly retryable = true;
  constructor(what: string, reason: string, cause: unknown) {
    super(`${what} failed: ${reason}.`, { cause });
    this.name = "MarketplaceUnavailableError";
  }
}
