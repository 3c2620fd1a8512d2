import type { Logger } from "@tollhouse/aws/logging/logger";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { bodyLimit } from "hono/body-limit";
import { csrf } from "hono/csrf";
import { timeout } from "hono/timeout";
import { HTTPException } from "hono/http-exception";
import { confirmRoutes } from "./confirm-route.ts";
import { goOn } from "./continue-route.ts";
import type { Door, DoorPorts, Variables } from "./door.ts";
import { enter } from "./enter-route.ts";
import { originOf, pageHeaders } from "./headers.ts";
import { type Message, messagePage } from "./page/message-page.ts";
import { maxFormBytes } from "./posted.ts";
import { tellStatus } from "./status-route.ts";
import { messages, welcome } from "./text.ts";

/** API Gateway waits 30 seconds. */
const longestMs = 25_000;
/** How long verifiers may keep our keys: a new one is asked for by name when a token names it. */
const keysMaxAgeSeconds = 300;

/**
 * The page to which AWS Marketplace sends a buyer's browser, with a registration token in a posted form, and the steps from there to
 * the seller's own page. It keeps no cookie: what it must remember is signed and lies in its own form, so that no other website
 * can act in a buyer's name, and two subscriptions may be set up side by side.
 */
export function registrationSite(
  ports: DoorPorts,
  configuration: Configuration,
  logger: Logger,
): Hono<{ Variables: Variables }> {
  const site = new Hono<{ Variables: Variables }>();
  const { registrationPage } = configuration;
  const show = (context: Context, status: 200 | 400 | 403 | 404 | 413 | 503, message: Message) =>
    context.html(messagePage(registrationPage, message), status);
  const door: Door = { ports, configuration, logger, show };
  site.use(pageHeaders(registrationPage));
  // A page that may hold a token belongs in no cache.
  site.use("/register/*", async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  });
  // AWS sends buyers from its own pages, all other forms are ours.
  site.use("/register/:step", csrf({ origin: originOf(ports.registrationUrl) }));
  site.on(
    "POST",
    ["/register", "/register/*"],
    bodyLimit({ maxSize: maxFormBytes, onError: (context) => show(context, 413, messages.tooLarge) }),
  );
  // Whoever waits longer gets API Gateway's own answer, which leads nowhere; what was begun may be done again.
  site.use("/register/*", timeout(longestMs));
  site.get("/register", (context) => show(context, 200, welcome(registrationPage)));
  site.post("/register", (context) => enter(door, context));
  site.post("/register/status", (context) => tellStatus(door, context));
  site.post("/register/continue", (context) => goOn(door, context));
  site.route("/register/confirm", confirmRoutes(door));
  // Whoever comes back to a step by its address begins at the beginning.
  site.get("/register/:step", (context) => context.redirect("/register", 303));
  site.get("/.well-known/jwks.json", (context) =>
    context.json(ports.tokens.published, 200, {
      "cache-control": `public, max-age=${keysMaxAgeSeconds}`,
      "access-control-allow-origin": "*",
    }),
  );
  site.notFound((context) => show(context, 404, messages.notFound));
  site.onError((error, context) => {
    if (error instanceof HTTPException && error.status === 403) return show(context, 403, messages.elsewhere);
    logger.error("Registration failed; the buyer was asked to try again", error);
    const again = context.get("again");
    return show(context, 503, { ...messages.unavailable, ...(again !== undefined && { again }) });
  });
  return site;
}
