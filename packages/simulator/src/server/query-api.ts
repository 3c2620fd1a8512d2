import type { Context } from "hono";
import { asAwsError, type AwsApi, breakOff, log, reply } from "./answer.ts";
import { LostAnswer, pass } from "./gate.ts";
import type { Principal } from "./session.ts";
import type { SignedRequest } from "./signature.ts";
import { answerConfirmation } from "./sns-api.ts";
import { answerSts, stsError } from "./sts.ts";

/** Answers the Query protocol: an action in a form, an answer in XML. */
export function answerQuery(api: AwsApi, context: Context, request: SignedRequest): Response {
  const form = new URLSearchParams(Buffer.from(request.body).toString());
  const action = form.get("Action") ?? "unknown";
  if (action === "ConfirmSubscription") return answerConfirmation(api.world, context, form);
  let principal: Principal | undefined;
  try {
    principal = api.sessions.authenticate(request, Date.now());
    const loss = pass(api, principal, action, "InternalFailure");
    const xml = answerSts(form, principal, api.configuration, api.sessions, Date.now());
    log(api, action, "ok", principal, loss === undefined ? undefined : { answerLost: true });
    if (loss !== undefined) throw loss;
    return reply(context, xml, 200, "text/xml");
  } catch (error) {
    const isLost = error instanceof LostAnswer;
    if (isLost && error.error === undefined) return breakOff(context);
    const { code, message, status } = asAwsError(isLost ? error.error : error);
    if (!isLost) log(api, action, code, principal);
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
};
