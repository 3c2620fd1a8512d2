import type { Context } from "hono";
import * as z from "zod";
import { type Arrival, asAwsError, type AwsApi, breakOff, log, reply } from "./answer.ts";
import { AwsError } from "./aws-error.ts";
import { faultOf, LostAnswer, pass, release } from "./gate.ts";
import { authorize, operations } from "./marketplace.ts";
import { answerRuleCall, isRuleCall } from "./event-rule-api.ts";
import { describeEventBus, putEvents } from "./put-events.ts";
import { answerQuery } from "./query-api.ts";
import type { Principal } from "./session.ts";
import type { SignedRequest } from "./signature.ts";

/** Answers whatever an AWS client posts: AWS JSON by its target, the Query protocol by its form. */
export async function answerAws(api: AwsApi, context: Context): Promise<Response> {
  const arrivedAtMs = api.calls.machineMs();
  const request: SignedRequest = {
    method: context.req.method,
    url: new URL(context.req.url),
    headers: Object.fromEntries(context.req.raw.headers),
    body: new Uint8Array(await context.req.arrayBuffer()),
  };
  const target = request.headers["x-amz-target"];
  return target === undefined
    ? answerQuery(api, context, request, arrivedAtMs)
    : answerJson(api, context, { ...request, target }, arrivedAtMs);
}

const jsonTypes = { "1.0": "application/x-amz-json-1.0", "1.1": "application/x-amz-json-1.1" };

async function answerJson(
  api: AwsApi,
  context: Context,
  { target, ...request }: SignedRequest & { readonly target: string },
  arrivedAtMs: number,
): Promise<Response> {
  const name = target.split(".").at(-1) ?? target;
  // The client says which version of the protocol it speaks, and is answered in it.
  const type = request.headers["content-type"] === jsonTypes["1.0"] ? jsonTypes["1.0"] : jsonTypes["1.1"];
  const arrival: Arrival = { arrivedAtMs, operation: name };
  try {
    const principal = api.sessions.authenticate(request, Date.now());
    arrival.principal = principal;
    const answer = await jsonAnswer(api, { ...request, target }, principal, arrival);
    return reply(context, JSON.stringify(answer), 200, type);
  } catch (error) {
    const isLost = error instanceof LostAnswer;
    if (isLost && error.error === undefined) return breakOff(context);
    const { code, message, status, reason } = asAwsError(isLost ? error.error : error);
    if (!isLost) log(api, arrival, code, { fault: faultOf(error) });
    context.header("x-amzn-ErrorType", code);
    return reply(context, JSON.stringify({ __type: code, message, reason }), status, type);
  }
}

async function jsonAnswer(
  api: AwsApi,
  { target, ...request }: SignedRequest & { readonly target: string },
  principal: Principal,
  arrival: Arrival,
): Promise<unknown> {
  const body = parseJson(request.body);
  if (target === "AWSEvents.PutEvents") return eventsPut(api, body, principal);
  if (target === "AWSEvents.DescribeEventBus")
    return describeEventBus(body, principal, { buses: api.account.present(api.configuration.buses) });
  if (isRuleCall(target)) return ruleTold(api, target, body, principal, arrival);
  const operation = operations[target];
  if (operation === undefined) throw new AwsError("UnknownOperationException", `no operation ${target}`, 404);
  Object.assign(arrival, operation.measure?.(body));
  authorize(principal, operation);
  refuseWithdrawn(api, body);
  const passed = pass(api, principal, operation.name, operation.internalError);
  const call = { body, bodyBytes: request.body.byteLength, principal, nowMs: api.world.nowMs() };
  const outcome = api.world.carryOut(operation.decide(api.world, call));
  const { fault } = passed;
  if ("refusal" in outcome) {
    const { code, message, reason } = outcome.refusal;
    const refused = new AwsError(code, message, 400, reason);
    if (passed.loss === undefined) throw refused;
    log(api, arrival, code, { fault });
    throw passed.loss;
  }
  const lost = passed.loss === undefined ? {} : { answerLost: true };
  log(api, arrival, "ok", { fault, note: { ...operation.note?.(outcome.answer), ...lost } });
  await release(passed);
  return outcome.answer;
}

async function ruleTold(
  api: AwsApi,
  target: string,
  body: unknown,
  principal: Principal,
  arrival: Arrival,
): Promise<unknown> {
  const passed = pass(api, principal, arrival.operation, "InternalException");
  const answer = answerRuleCall(target, body, principal, api.account);
  log(api, arrival, "ok", { fault: passed.fault });
  await release(passed);
  return answer;
}

const named = z.object({ ProductCode: z.string() });

/** What GetEntitlements says of a code that is another seller's, or none's. */
function refuseWithdrawn({ account }: AwsApi, body: unknown): void {
  const code = named.safeParse(body).data?.ProductCode;
  if (code !== undefined && account.now.withdrawnProductCodes?.includes(code) === true)
    throw new AwsError("InvalidParameterException", `The product code ${code} is not one of yours.`);
}

async function eventsPut(api: AwsApi, body: unknown, principal: Principal): Promise<unknown> {
  const buses = api.account.present(api.configuration.buses);
  const passed = pass(api, principal, "PutEvents", "InternalException");
  const answer = await putEvents(body, principal, { buses, send: api.send, nowMs: api.world.nowMs() });
  await release(passed);
  return answer;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    throw new AwsError("SerializationException", "the body is no JSON");
  }
}
