import type { AddressInfo } from "node:net";
import { serve, type ServerType } from "@hono/node-server";
import type { Hono } from "hono";

/** The simulator is reached from this machine only. */
export const host = "127.0.0.1";
export const timeouts = { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 };

type ServeOptions = Omit<Parameters<typeof serve>[0], "fetch" | "port" | "hostname">;

/** Answers when the server listens. @throws when it cannot. */
export const listen = (app: Hono, port: number, options: ServeOptions): Promise<ServerType> =>
  new Promise((resolve, reject) => {
    const server = serve(
      { ...options, fetch: app.fetch, port, hostname: host } as Parameters<typeof serve>[0],
      () => {
        server.off("error", reject);
        resolve(server);
      },
    );
    server.once("error", reject);
  });

export const portOf = (server: ServerType): number => (server.address() as AddressInfo).port;

/** Ends the server and every connection to it. */
export const stop = (server: ServerType): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
