import * as Metering from "@aws-sdk/client-marketplace-metering";
import { isThrottlingError } from "@smithy/core/retry";
import type { Effect } from "@tollhouse/core/metering/usage-record";
import * as z from "zod";
import type { SellerRole } from "./role.ts";
import { SellerRoleError } from "./role-error.ts";

/** What an error of AWS Marketplace means for us; decided by its class, code or status, never by its text. */
export type MarketplaceFault =
  /** The token's own fault; the buyer can mend it. */
  | { readonly kind: "token"; readonly refusal: "expired" | "invalid" }
  /** Something in the request is not to AWS's liking; sending the same again changes nothing. */
  | { readonly kind: "request"; readonly reason: string }
  /** Too many calls; this one had no effect. */
  | { readonly kind: "throttled"; readonly reason: string }
  /** AWS does not let us; no effect, and none until somebody has mended what the reason says. */
  | { readonly kind: "barred"; readonly reason: string }
  /** Out of order or out of reach; later. */
  | { readonly kind: "unavailable"; readonly reason: string; readonly effect: Effect };

/** Which call it was, so that an error can say whose role lacks what. */
export interface MarketplaceCall {
  readonly operation: string;
  readonly role: Pick<SellerRole, "duty" | "arn">;
}

export function faultOf(error: unknown, call: MarketplaceCall): MarketplaceFault {
  if (error instanceof SellerRoleError)
    return error.needsMending
      ? { kind: "barred", reason: error.message }
      : { kind: "unavailable", reason: error.message, effect: "none" };
  if (error instanceof Metering.ExpiredTokenException) return { kind: "token", refusal: "expired" };
  if (error instanceof Metering.InvalidTokenException) return { kind: "token", refusal: "invalid" };
  if (!(error instanceof Error)) return { kind: "unavailable", reason: "unknown", effect: "unknown" };
  const status = statusOf(error);
  const name = nameOf(error, status);
  if (isThrottlingError(error as Parameters<typeof isThrottlingError>[0]))
    return { kind: "throttled", reason: name };
  if (refusedAtTheDoor.has(name) || status === 401 || status === 403)
    return { kind: "barred", reason: sentenceFor(name, call) };
  if (isRequestFault(error, status)) return { kind: "request", reason: name };
  return {
    kind: "unavailable",
    reason: name,
    effect: neverConnected.has(codeOf(error)) ? "none" : "unknown",
  };
}

const unsigned = new Set([
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "IncompleteSignature",
  "IncompleteSignatureException",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "ExpiredToken",
  "RequestExpired",
]);

/** AWS's common errors that say "not you" or "not here" and have no effect; everything else of the client's is about the request. */
const refusedAtTheDoor = new Set([
  ...unsigned,
  "DisabledApiException",
  "AccessDenied",
  "AccessDeniedException",
  "NotAuthorized",
  "OptInRequired",
  "UnknownOperationException",
]);

/** Node.js's codes of a connection that never was, so that nothing can have been sent on it. */
const neverConnected = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

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
  return `AWS Marketplace does not let ${arn ?? "this function's own role"} call ${operation} (${name})`;
}

/** AWS waited too long for the rest of the request: it counts as the client's fault and says nothing about what was asked. */
const requestTimeout = 408;

/** SDK clients say whose fault an error is, except when the answer is none of AWS's JSON: then its status does, e.g. 413. */
function isRequestFault(error: Error, status = 0): boolean {
  if (status === requestTimeout) return false;
  return "$fault" in error ? error.$fault === "client" : status >= 400 && status < 500;
}

const metadataSchema = z.object({ $metadata: z.object({ httpStatusCode: z.number() }) });
const statusOf = (error: Error): number | undefined =>
  metadataSchema.safeParse(error).data?.$metadata.httpStatusCode;

/** What AWS calls it; an answer that names no error goes by its status. */
const nameOf = (error: Error, status: number | undefined): string =>
  status !== undefined && (!("$fault" in error) || error.name === "Unknown") ? `HTTP ${status}` : error.name;

const codeOf = (error: Error): string =>
  "code" in error && typeof error.code === "string" ? error.code : "none";

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
