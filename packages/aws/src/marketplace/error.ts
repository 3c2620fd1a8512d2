import * as Metering from "@aws-sdk/client-marketplace-metering";
import type { Effect } from "@tollhouse/core/metering/usage-record";
import type { SellerRole } from "./role.ts";
import { SellerRoleError } from "./role-error.ts";

/** What an error of AWS Marketplace means for us; decided by its class or code, never by its text. */
export type MarketplaceFault =
  /** The token's own fault; the buyer can mend it. */
  | { readonly kind: "token"; readonly refusal: "expired" | "invalid" }
  /** Something in the request is not to AWS's liking; sending the same again changes nothing. */
  | { readonly kind: "request"; readonly reason: string }
  /** Throttled, out of order or not allowed; later, or after somebody has mended a role. */
  | { readonly kind: "unavailable"; readonly reason: string; readonly effect: Effect };

/** Which call it was, so that an error can say whose role lacks what. */
export interface MarketplaceCall {
  readonly operation: string;
  readonly role: Pick<SellerRole, "duty" | "arn">;
}

export function faultOf(error: unknown, call: MarketplaceCall): MarketplaceFault {
  if (error instanceof SellerRoleError) return { kind: "unavailable", reason: error.message, effect: "none" };
  if (error instanceof Metering.ExpiredTokenException) return { kind: "token", refusal: "expired" };
  if (error instanceof Metering.InvalidTokenException) return { kind: "token", refusal: "invalid" };
  const name = error instanceof Error ? error.name : "unknown";
  if (refusedAtTheDoor.has(name))
    return { kind: "unavailable", reason: sentenceFor(name, call), effect: "none" };
  const isRequestFault = isServiceError(error) && error.$fault === "client";
  if (isRequestFault) return { kind: "request", reason: name };
  return { kind: "unavailable", reason: name, effect: "unknown" };
}

const throttled = ["ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"];
const unsigned = new Set([
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "IncompleteSignatureException",
  "MissingAuthenticationTokenException",
  "ExpiredToken",
]);

/** AWS's common errors that say "not now" or "not you" and have no effect; everything else of the client's is about the request. */
const refusedAtTheDoor = new Set([
  ...throttled,
  ...unsigned,
  "DisabledApiException",
  "AccessDenied",
  "AccessDeniedException",
]);

function sentenceFor(name: string, { operation, role: { duty, arn } }: MarketplaceCall): string {
  if (name === "AccessDenied" || name === "AccessDeniedException")
    return (
      `${arn ?? "this function's own role"} lacks aws-marketplace:${operation}, an action of the duty "${duty}" (${name}): grant it by name. ` +
      `The managed policy AWSMarketplaceMeteringFullAccess does not hold it; that one grants MeterUsage alone`
    );
  if (name === "DisabledApiException")
    return (
      `AWS Marketplace does not offer ${operation} in this Region (${name}): us-east-1 always has it. Correct meteringRegion only ` +
      `while nothing was metered yet; for a live listing ask AWS Marketplace Seller Operations to switch the Region on`
    );
  if (unsigned.has(name))
    return (
      `AWS Marketplace does not accept the signature of ${arn ?? "this function's own role"} (${name}): ` +
      `compare this machine's clock; a new session is made within the hour`
    );
  return name;
}

/** Errors of SDK clients say whose fault they are; the class that has this differs from client to client. */
const isServiceError = (error: unknown): error is Error & { readonly $fault: "client" | "server" } =>
  error instanceof Error && "$fault" in error;

/** AWS Marketplace could not be asked. The caller comes again later; nothing is lost. */
export class MarketplaceUnavailableError extends Error {
  readonly code = "marketplace-unavailable";
  readonly retryable = true;
  constructor(operation: string, reason: string, cause: unknown) {
    super(`${operation} failed: ${reason}.`, { cause });
    this.name = "MarketplaceUnavailableError";
  }
}

/** For calls that carry no token: whatever went wrong, they are made again. */
export function asUnavailable(error: unknown, call: MarketplaceCall): MarketplaceUnavailableError {
  if (error instanceof MarketplaceUnavailableError) return error;
  const fault = faultOf(error, call);
  // The same class that says "expired" of a registration token says it here of our session.
  const reason = fault.kind === "token" ? `the session is ${fault.refusal}` : fault.reason;
  return new MarketplaceUnavailableError(call.operation, reason, error);
}
