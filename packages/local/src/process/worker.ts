import type { Server } from "node:http";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type FunctionName, functions, queues } from "@tollhouse/functions/manifest";
import * as z from "zod";
import type { Handler } from "../worker/invoke.ts";
import { keepSchedule } from "../worker/keep-schedule.ts";
import { pollQueue } from "../worker/poll-queue.ts";
import { serveHttp } from "../worker/serve-http.ts";
import { serveInvocations } from "../worker/serve-invocations.ts";
import { liveWithParent, reportReady } from "./life.ts";

/**
 * One function of the manifest, run as Lambda would: the handler's own module, the stack's environment, and the manifest's
 * queues, schedules and routes as what calls it.
 */
const [name, settings = "{}"] = process.argv.slice(2);
const { port, fullName, queueUrls } = z
  .object({ port: z.number(), fullName: z.string(), queueUrls: z.record(z.string(), z.string()) })
  .parse(JSON.parse(settings));
const functionName = z.enum(Object.keys(functions) as [FunctionName, ...FunctionName[]]).parse(name);
const { handler: place, sources } = functions[functionName];

const module: unknown = await import(
  pathToFileURL(resolve(import.meta.dirname, "../../../..", place.replace(/\.handler$/, ".ts"))).href
);
const { handler } = z
  .object({ handler: z.custom<Handler>((value) => typeof value === "function") })
  .parse(module);

const stopping = new AbortController();
const stopped = stopping.signal;
const clockUrl = process.env["TOLLHOUSE_CLOCK_URL"] ?? "";
const untilStopped = (server: Server) =>
  new Promise<void>((done) => stopped.addEventListener("abort", () => server.close(() => done())));
const running: Promise<void>[] = [];
for (const source of sources) {
  switch (source.kind) {
    case "queue": {
      const queueUrl = queueUrls[source.queue] ?? "";
      const client = new SQSClient({
        requestHandler: { requestTimeout: 30_000, throwOnRequestTimeout: true },
      });
      const batchSize = queues[source.queue].batch.size;
      running.push(pollQueue({ client, queueUrl, functionName, handler, batchSize, stopped }));
      break;
    }
    case "schedule":
      running.push(
        keepSchedule({ clockUrl, everyMinutes: source.everyMinutes, handler, functionName, stopped }),
      );
      break;
    case "http":
      running.push(untilStopped(await serveHttp(handler, functionName, source.routes, port)));
      break;
    case "invoke":
      running.push(untilStopped(await serveInvocations(handler, functionName, fullName, port)));
      break;
    default:
      source satisfies never;
  }
}
liveWithParent(async () => {
  stopping.abort();
  await Promise.all(running);
});
reportReady();
