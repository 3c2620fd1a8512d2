import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { inboxRoutes } from "../outside/inbox.ts";
import { productRoutes } from "../outside/product.ts";
import { liveWithParent, reportReady } from "./life.ts";

/** What a local world has of the world outside: an inbox for its mail, and a page where the seller's product would be. */
const [port = "0"] = process.argv.slice(2);
const site = new Hono();
site.use(
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'unsafe-inline'"],
      frameAncestors: ["'none'"],
    },
  }),
);
site.route("/product", productRoutes());
site.route("/", inboxRoutes());
const server = serve({ fetch: site.fetch, hostname: "127.0.0.1", port: Number(port) }, () => reportReady());
(server as Server).requestTimeout = 10_000;
liveWithParent(() => new Promise<void>((closed) => server.close(() => closed())));
