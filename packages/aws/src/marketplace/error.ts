import * as Metering from "@aws-sdk/client-marketplace-metering";
import type { Effect } from "@tollhouse/core/metering/usage-record";

/** What an error of AWS Marketplace means for us; decided by its class or code, never by its text. */
export type MarketplaceFault =
  /** The token's own fault; the buyer can mend it. */
  | { readonly kind: "token"; readonly refusal: "expired" | "invalid" }
  /** Something in the request is not to AWS's liking; sending the same again changes nothing. */
  | { readonly kind: "request"; readonly reason: string }
  /** Throttled, out of order or not allowed; later, or after somebody has mended a role. */
  | { readonly kind: "unavailable"; readonly reason: string; readonly effect: Effect };

export function faultOf(error: unknown): MarketplaceFault {
  if (error instanceof Metering.ExpiredTokenException) return { kind: "token", refusal: "expired" };
  if (error instanceof Metering.InvalidTokenException) return { kind: "token", refusal: "invalid" };
  const name = error instanceof Error ? error.name : "unknown";
  if (refusedAtTheDoor.has(name)) return { kind: "unavailable", reason: sentenceFor(name), effect: "none" };
  const isRequestFault = isServiceError(error) && error.$fault === "client";
  if (isRequestFault) return { kind: "request", reason: name };
  return { kind: "unavailable", reason: name, effect: "unknown" };
}

/** AWS's common errors that say "not now" or "not you" and have no effect; everything else of the client's is about the request. */
const refusedAtTheDoor = new Set([
  "ThrottlingException",
  "Throttling",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "DisabledApiException",
  "AccessDenied",
  "AccessDeniedException",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "ExpiredToken",
  "CredentialsProviderError",
]);

function sentenceFor(name: string): string {
  switch (name) {
    case "AccessDenied":
      return "AccessDenied: the seller account's role did not let us in; compare its trust policy and external id with tollhouse.config.ts";
    case "AccessDeniedException":
      return "AccessDeniedException: the seller account's role lacks the action of its duty";
    default:
      return name;
  }
}

/** Errors of SDK clients say whose fault they are; the class that has this differs from client to client. */
const isServiceError = (error: unknown): error is Error & { readonly $fault: "client" | "server" } =>
  error instanceof Error && "$fault" in error;

/** AWS Marketplace could not be asked. The caller comes again later; nothing is lost. */
export class MarketplaceUnavailableError extends Error {
  readonly code = "marketplace-unavailable";
  readonly retryable = true;
  constructor(what: string, reason: string, cause: unknown) {
    super(`${what} failed: ${reason}.`, { cause });
    this.name = "MarketplaceUnavailableError";
  }
}
