import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { AwsError, type AwsErrorStatus } from "./aws-error.ts";
import type { CallLog } from "./call-log.ts";
import type { SimulatorConfiguration } from "./configuration.ts";
import { authorize, operations } from "./marketplace.ts";
import { putEvents } from "./put-events.ts";
import type { Send } from "./queue.ts";
import type { Principal, Sessions } from "./session.ts";
import type { SignedRequest } from "./signature.ts";
import { answerSts, stsError } from "./sts.ts";
import type { World } from "./world.ts";

export interface AwsApi {
  readonly configuration: SimulatorConfiguration;
  readonly world: World;
  readonly sessions: Sessions;
  readonly calls: CallLog;
  readonly send: Send;
}

/** Answers whatever an AWS client posts: AWS JSON 1.1 by its target, STS by its form. */
export async function answerAws(api: AwsApi, context: Context): Promise<Response> {
  const request: SignedRequest = {
    method: context.req.method,
    url: new URL(context.req.url),
    headers: Object.fromEntries(context.req.raw.headers),
    body: new Uint8Array(await context.req.arrayBuffer()),
  };
  const target = request.headers["x-amz-target"];
  return target === undefined
    ? answerQuery(api, context, request)
    : answerJson(api, context, request, target);
}

async function answerJson(api: AwsApi, context: Context, request: SignedRequest, target: string) {
  const name = target.split(".").at(-1) ?? target;
  let principal: Principal | undefined;
  // The client says which version of the protocol it speaks, and is answered in it.
  const type =
    request.headers["content-type"] === "application/x-amz-json-1.0"
      ? "application/x-amz-json-1.0"
      : "application/x-amz-json-1.1";
  try {
    principal = api.sessions.authenticate(request, Date.now());
    const answer = await jsonAnswer(api, request, target, principal);
    return reply(context, JSON.stringify(answer), 200, type);
  } catch (error) {
    const { code, message, status, reason } = asAwsError(error);
    log(api, name, code, principal);
    context.header("x-amzn-ErrorType", code);
    return reply(context, JSON.stringify({ __type: code, message, reason }), status, type);
  }
}

async function jsonAnswer(
  api: AwsApi,
  request: SignedRequest,
  target: string,
  principal: Principal,
): Promise<unknown> {
  const body = parseJson(request.body);
  if (target === "AWSEvents.PutEvents") {
    const { buses } = api.configuration;
    return putEvents(body, principal, { buses, send: api.send, nowMs: api.world.nowMs() });
  }
  const operation = operations[target];
  if (operation === undefined) throw new AwsError("UnknownOperationException", `no operation ${target}`, 404);
  authorize(principal, operation);
  const call = { body, bodyBytes: request.body.byteLength, principal, nowMs: api.world.nowMs() };
  const outcome = api.world.carryOut(operation.decide(api.world, call));
  if ("refusal" in outcome) {
    const { code, message, reason } = outcome.refusal;
    throw new AwsError(code, message, 400, reason);
  }
  log(api, operation.name, "ok", principal, operation.note?.(outcome.answer));
  return outcome.answer;
}

function answerQuery(api: AwsApi, context: Context, request: SignedRequest): Response {
  const form = new URLSearchParams(Buffer.from(request.body).toString());
  const action = form.get("Action") ?? "unknown";
  let principal: Principal | undefined;
  try {
    principal = api.sessions.authenticate(request, Date.now());
    const xml = answerSts(form, principal, api.configuration, api.sessions, Date.now());
    log(api, action, "ok", principal);
    return reply(context, xml, 200, "text/xml");
  } catch (error) {
    const { code, message, status } = asAwsError(error);
    log(api, action, code, principal);
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
};

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  process.stderr.write(
    `simulator: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return new AwsError("InternalServiceErrorException", "The simulator failed: see its log.", 500);
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    throw new AwsError("SerializationException", "the body is no JSON");
  }
}

function reply(context: Context, body: string, status: AwsErrorStatus | 200, type: string): Response {
  context.header("x-amzn-RequestId", randomUUID());
  context.header("content-type", type);
  return context.body(body, status satisfies ContentfulStatusCode);
}

function log(
  { calls, world }: AwsApi,
  operation: string,
  outcome: string,
  principal?: Principal,
  note?: Readonly<Record<string, unknown>>,
): void {
  calls.add({
    simulatedAt: new Date(world.nowMs()).toISOString(),
    operation,
    ...(principal === undefined ? {} : { principal: principal.arn }),
    outcome,
    ...(note === undefined ? {} : { note }),
  });
}
