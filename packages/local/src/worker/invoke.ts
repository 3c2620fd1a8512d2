import { randomUUID } from "node:crypto";
import { type FunctionName, functions } from "@tollhouse/functions/manifest";
import type { Context } from "aws-lambda";

/** What Node.js handlers on Lambda are given; the callback style of old is not. */
type LambdaContext = Omit<Context, "done" | "fail" | "succeed">;

/** A handler as Lambda sees it: an event and a context in, an answer or nothing out. */
export type Handler = (event: unknown, context: LambdaContext) => Promise<unknown>;

/**
 * Calls a handler as Lambda would, with a request id that no call ever had. The time that is left is the machine's, as Lambda's is;
 * nobody ends a handler that outlives it.
 */
export function invoke(handler: Handler, functionName: FunctionName, event: unknown): Promise<unknown> {
  const awsRequestId = randomUUID();
  const endsAtMs = performance.now() + functions[functionName].timeoutSeconds * 1_000;
  const context = {
    awsRequestId,
    functionName,
    callbackWaitsForEmptyEventLoop: false,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: "1024",
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    getRemainingTimeInMillis: () => Math.max(endsAtMs - performance.now(), 0),
  };
  return handler(event, context);
}
