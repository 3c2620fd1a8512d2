import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { outsideSite } from "../outside/site.ts";
import { liveWithParent, reportReady } from "./life.ts";

const [port = "0"] = process.argv.slice(2);
const server = serve({ fetch: outsideSite().fetch, hostname: "127.0.0.1", port: Number(port) }, () =>
  reportReady(),
);
(server as Server).requestTimeout = 10_000;
liveWithParent(() => new Promise<void>((closed) => server.close(() => closed())));
