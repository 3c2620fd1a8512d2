import { randomUUID } from "node:crypto";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { AwsError, type AwsErrorStatus } from "./aws-error.ts";
import type { CallLog } from "./call-log.ts";
import type { SimulatorConfiguration } from "./configuration.ts";
import type { Gate } from "./gate.ts";
import type { Send } from "./queue.ts";
import type { SellerAccount } from "./seller-account.ts";
import type { Principal, Sessions } from "./session.ts";

/** What AWS's APIs are answered with. */
export interface AwsApi extends Gate {
  readonly configuration: SimulatorConfiguration;
  readonly account: SellerAccount;
  readonly sessions: Sessions;
  readonly calls: CallLog;
  readonly send: Send;
}

/** What a client sent could not be answered as AWS would; whatever else went wrong is on standard error. */
export function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  process.stderr.write(
    `simulator: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return new AwsError("InternalServiceErrorException", "The simulator failed: see its log.", 500);
}

/** An answer as AWS sends it, with a request id. */
export function reply(context: Context, body: string, status: AwsErrorStatus | 200, type: string): Response {
  context.header("x-amzn-RequestId", randomUUID());
  context.header("content-type", type);
  return context.body(body, status satisfies ContentfulStatusCode);
}

/** Breaks the connection without a word. */
export function breakOff(context: Context): Response {
  const { incoming } = context.env as { incoming: { socket: { destroy: () => void } } };
  incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

/** What is known of a call; more of it as the call is looked at. */
export interface Arrival {
  readonly arrivedAtMs: number;
  readonly operation: string;
  principal?: Principal;
  records?: number;
}

/** Notes how a call ended. */
export function log(
  { calls, world }: Pick<AwsApi, "calls" | "world">,
  { arrivedAtMs, operation, principal, records }: Arrival,
  outcome: string,
  { fault, note = {} }: { fault?: string | undefined; note?: Readonly<Record<string, unknown>> } = {},
): void {
  calls.add({
    arrivedAtMs,
    simulatedAt: new Date(world.nowMs()).toISOString(),
    operation,
    ...(principal === undefined ? {} : { principal: principal.arn, region: principal.region }),
    ...(records === undefined ? {} : { records }),
    outcome,
    ...(fault === undefined ? {} : { fault }),
    ...(Object.keys(note).length === 0 ? {} : { note }),
  });
}
