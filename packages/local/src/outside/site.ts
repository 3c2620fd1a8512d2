import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { inboxRoutes } from "./inbox.ts";
import { productRoutes } from "./product.ts";

/** Mails have some kilobytes, tokens less than one. */
const maxBodyBytes = 262_144;
const loopback = /^(127\.0\.0\.1|localhost)(:\d+)?$/;

/** What a local world has of the world outside: an inbox for its mail, and a page where the seller's product would be. */
export function outsideSite(): Hono {
  const site = new Hono();
  // A web page elsewhere must not read mail through a name that it points at this machine.
  site.use((context, next) =>
    loopback.test(context.req.header("host") ?? "")
      ? next()
      : Promise.resolve(context.text("Call 127.0.0.1 or localhost.", 403)),
  );
  site.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'unsafe-inline'"],
        frameAncestors: ["'none'"],
      },
    }),
  );
  site.use(bodyLimit({ maxSize: maxBodyBytes }));
  site.route("/product", productRoutes());
  site.route("/", inboxRoutes());
  return site;
}
