import type { Context } from "hono";
import { type Arrival, asAwsError, type AwsApi, breakOff, log, reply } from "./answer.ts";
import { faultOf, LostAnswer, pass, release } from "./gate.ts";
import type { SignedRequest } from "./signature.ts";
import { answerConfirmation } from "./sns-api.ts";
import { answerAccountQuery, isAccountQuery } from "./account-query.ts";
import { answerSts, stsError } from "./sts.ts";

/** Answers the Query protocol: an action in a form, an answer in XML. */
export async function answerQuery(
  api: AwsApi,
  context: Context,
  request: SignedRequest,
  arrivedAtMs: number,
): Promise<Response> {
  const form = new URLSearchParams(Buffer.from(request.body).toString());
  const action = form.get("Action") ?? "unknown";
  if (action === "ConfirmSubscription") return answerConfirmation(api.world, context, form);
  const arrival: Arrival = { arrivedAtMs, operation: action };
  try {
    const principal = api.sessions.authenticate(request, Date.now());
    arrival.principal = principal;
    const passed = pass(api, principal, action, "InternalFailure");
    const xml = isAccountQuery(action)
      ? answerAccountQuery(action, form, principal, api.account)
      : answerSts(form, principal, api.account, api.sessions, Date.now());
    log(api, arrival, "ok", { fault: passed.fault });
    await release(passed);
    return reply(context, xml, 200, "text/xml");
  } catch (error) {
    const isLost = error instanceof LostAnswer;
    if (isLost && error.error === undefined) return breakOff(context);
    const { code, message, status } = asAwsError(isLost ? error.error : error);
    if (!isLost) log(api, arrival, code, { fault: faultOf(error) });
    return reply(context, stsError(queryCodes[code] ?? code, message), status, "text/xml");
  }
}

/** The Query protocol has its own names for the common errors (STS API reference, Common Errors). */
const queryCodes: Readonly<Record<string, string>> = {
  MissingAuthenticationTokenException: "MissingAuthenticationToken",
  IncompleteSignatureException: "IncompleteSignature",
  InvalidSignatureException: "SignatureDoesNotMatch",
  UnrecognizedClientException: "InvalidClientTokenId",
  ExpiredTokenException: "ExpiredToken",
  ThrottlingException: "Throttling",
  AccessDeniedException: "AccessDenied",
};
