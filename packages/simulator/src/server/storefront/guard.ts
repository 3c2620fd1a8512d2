import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { csrf } from "hono/csrf";
import { secureHeaders } from "hono/secure-headers";
import { isLoopback } from "../loopback.ts";
import { hashOf, liveScript, submitScript } from "./live.ts";
import { style } from "./style.ts";

/** The largest form, of a contract with many dimensions, has a few kilobytes. */
const maxFormBytes = 65_536;

/** A page elsewhere must not be able to act here, by a form, by a frame, or through a name that it points at this machine. */
export function guards(): Hono {
  const app = new Hono();
  app.use(secureHeaders({ xFrameOptions: "DENY" }), noStore);
  app.use(async (context, next) => {
    if (isLoopback(context.req.header("host"))) return next();
    return context.text("Open the storefront at 127.0.0.1 or localhost.", 403);
  });
  app.use(csrf());
  app.use(
    bodyLimit({
      maxSize: maxFormBytes,
      onError: (context) => context.text("That was more than any form of this page holds.", 413),
    }),
  );
  return app;
}

/** The hand-over page holds a token, and every other is old in a second. */
const noStore: MiddlewareHandler = async (context, next) => {
  await next();
  context.header("cache-control", "no-store");
};

/** What a page may load and do; `formTarget` is the one other origin to which the hand-over page posts. */
export const policy = (formTarget?: string): string =>
  [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(liveScript)} ${hashOf(submitScript)}`,
    "connect-src 'self'",
    "img-src data:",
    `form-action 'self'${formTarget === undefined ? "" : ` ${formTarget}`}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; ");
