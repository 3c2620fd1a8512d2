import { once } from "node:events";
import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import type { Hono } from "hono";

/** Serves a site on loopback. Resolves when it can be reached. @throws what the system says of a port that is taken */
export async function listen(site: Hono, port: number): Promise<Server> {
  const server = serve({ fetch: site.fetch, hostname: "127.0.0.1", port }) as Server;
  await once(server, "listening");
  return server;
}
