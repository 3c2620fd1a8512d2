import type { Server } from "node:http";
import type { FunctionName } from "@tollhouse/functions/manifest";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import * as z from "zod";
import { type Handler, invoke } from "./invoke.ts";
import { listen } from "../listen.ts";

/** API Gateway takes no more (quotas of HTTP APIs). */
const maxBodyBytes = 10 * 1_048_576;

const answerSchema = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  cookies: z.array(z.string()).optional(),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().optional(),
});

/** Does what API Gateway's HTTP API does: known routes become events of its version 2.0, anything else is 404. */
export async function serveHttp(
  handler: Handler,
  functionName: FunctionName,
  routes: readonly string[],
  port: number,
): Promise<Server> {
  const door = new Hono();
  door.use(bodyLimit({ maxSize: maxBodyBytes }));
  for (const route of routes) {
    const [method = "GET", path = "/"] = route.split(" ");
    // API Gateway's {name} is :name here.
    door.on(method, path.replace(/\{(\w+)\}/g, ":$1"), async (context) =>
      toResponse(await invoke(handler, functionName, await toEvent(context, route))),
    );
  }
  door.notFound((context) => context.json({ message: "Not Found" }, 404));
  door.onError((error, context) => {
    console.error(
      JSON.stringify({
        level: "ERROR",
        service: functionName,
        message: "The handler failed",
        error: String(error),
      }),
    );
    return context.json({ message: "Internal Server Error" }, 500);
  });
  const server = await listen(door, port);
  server.requestTimeout = 30_000;
  return server;
}

async function toEvent(context: Context, routeKey: string): Promise<APIGatewayProxyEventV2> {
  const url = new URL(context.req.url);
  const body = Buffer.from(await context.req.arrayBuffer());
  const { method } = context.req;
  return {
    version: "2.0",
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: context.req.header(),
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      domainName: url.host,
      domainPrefix: "local",
      http: {
        method,
        path: url.pathname,
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: context.req.header("user-agent") ?? "",
      },
      requestId: "local",
      routeKey,
      stage: "$default",
      time: "",
      timeEpoch: 0,
    },
    ...(body.length === 0 ? {} : { body: body.toString("base64") }),
    isBase64Encoded: body.length > 0,
  };
}

function toResponse(answer: unknown): Response {
  const {
    statusCode,
    headers = {},
    cookies = [],
    body = "",
    isBase64Encoded = false,
  } = answerSchema.parse(answer);
  const all = new Headers(
    Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
  );
  for (const cookie of cookies) all.append("set-cookie", cookie);
  return new Response(isBase64Encoded ? Buffer.from(body, "base64") : body, {
    status: statusCode,
    headers: all,
  });
}
