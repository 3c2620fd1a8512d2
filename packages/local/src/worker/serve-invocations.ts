import type { Server } from "node:http";
import type { FunctionName } from "@tollhouse/functions/manifest";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { type Handler, invoke } from "./invoke.ts";
import { listen } from "../listen.ts";

/** What Lambda takes of a synchronous call (Lambda quotas). */
const maxBodyBytes = 6 * 1_048_576;

/** Does what Lambda does when a function is called by its name (Lambda API reference, Invoke); anything else is not found. */
export function serveInvocations(
  handler: Handler,
  functionName: FunctionName,
  /** As on AWS, with installation and stage. */
  fullName: string,
  port: number,
): Promise<Server> {
  const door = new Hono();
  door.use(bodyLimit({ maxSize: maxBodyBytes }));
  door.post(`/2015-03-31/functions/${fullName}/invocations`, async (context) => {
    const event: unknown = JSON.parse((await context.req.text()) || "{}");
    try {
      return context.json((await invoke(handler, functionName, event)) ?? null);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      // The call succeeded, the function did not.
      return context.json({ errorType: name, errorMessage: message }, 200, {
        "x-amz-function-error": "Unhandled",
      });
    }
  });
  door.notFound((context) =>
    context.json({ Type: "User", Message: `Only ${fullName} can be called here.` }, 404, {
      "x-amzn-errortype": "ResourceNotFoundException",
    }),
  );
  return listen(door, port);
}
