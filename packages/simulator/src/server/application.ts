import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { AwsApi } from "./answer.ts";
import { answerAws } from "./aws-api.ts";
import type { Control } from "./control/control.ts";
import { controlRoutes } from "./control/routes.ts";
import { isLoopback } from "./loopback.ts";
import { storefrontRoutes } from "./storefront/routes.ts";

/** Above AWS's own limit, so that the rule which names that limit can answer. */
const maxBodyBytes = 2 * 1024 * 1024;
const jsonType = /^application\/json(;|$)/i;

/** Everything on the plain port: the control API, the storefront, the signing certificate, and the AWS APIs. */
export function application(
  parts: AwsApi & Control & { readonly certificate: Hono; readonly confirmation: Hono },
): Hono {
  const app = new Hono();
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: (context) =>
        context.json({ __type: "RequestEntityTooLargeException", message: "the request is too large" }, 413),
    }),
  );
  // A web page elsewhere must not reach the simulator through a name that it points at this machine.
  app.use("/_simulator/*", async (context, next) => {
    if (!isLoopback(context.req.header("host")))
      return context.json({ code: "host-refused", message: "call 127.0.0.1 or localhost" }, 403);
    return next();
  });
  // Without asking first, a page elsewhere can post forms and plain text, but never this content type.
  app.on(["POST", "PUT", "DELETE"], "/_simulator/*", async (context, next) => {
    if (jsonType.test(context.req.header("content-type") ?? "")) return next();
    return context.json(
      { code: "content-type-refused", message: "send content-type: application/json" },
      415,
    );
  });
  app.route("/_simulator", controlRoutes(parts));
  app.route(
    "/storefront",
    storefrontRoutes({ ...parts, registrationUrl: parts.configuration.registrationUrl }),
  );
  app.route("/", parts.certificate);
  app.route("/", parts.confirmation);
  app.get("/", (context) => context.redirect("/storefront"));
  app.post("/*", async (context) => {
    const { aheadSeconds } = parts.account.now;
    // An own date takes the place of the server's.
    if (aheadSeconds !== undefined)
      context.header("date", new Date(Date.now() + aheadSeconds * 1_000).toUTCString());
    return answerAws(parts, context);
  });
  app.notFound((context) => context.json({ code: "not-found", message: "no such page" }, 404));
  return app;
}
