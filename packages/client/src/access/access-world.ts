import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { type AccessOptions, createAccess } from "./access.ts";

const startMs = Date.parse("2026-08-20T15:00:00Z");
export const licenseId = "l-0123456789abcdef0123456789abcdef";

export const usable = (features: readonly string[], holdsUntil?: string) => ({
  ...{ plans: ["Team"], features, metered: ["events_ingested"] },
  ...(holdsUntil !== undefined && { holdsUntil }),
});

export const yes = (subject: string, features: readonly string[] = ["search"], holdsUntil?: string) => ({
  ...{ subject, allowed: true, asOf: "2026-08-20T15:00:00.000Z" },
  products: [
    {
      ...{ productCode: "c0456", title: "Example Analytics", allowed: true, ...usable(features, holdsUntil) },
      subscriptions: [
        {
          ...{
            subscriptionId: licenseId,
            customerId: "cus-1",
            allowed: true,
            ...usable(features, holdsUntil),
          },
          ...{ registered: true, freeTrial: false, version: 3 },
          grant: { state: "active", since: "2026-08-20T10:00:00.000Z" },
          entitlements: [{ dimension: "seats", value: 5, expired: false }],
        },
      ],
    },
  ],
});
export const no = (subject: string, reason = "unknown-subject") => ({
  ...{
    subject,
    allowed: false,
    reason,
    explanation: "in words",
    asOf: "2026-08-20T15:00:00.000Z",
    products: [],
  },
});

export type Reply = object | number | "reset" | "hang";

/** A real HTTP server as the door, which answers whatever it is told to, and a clock that is set. */
export async function world(given: Partial<AccessOptions> = {}) {
  let nowMs = startMs;
  let reply: (subject: string, product: string | null) => Reply = (subject) => yes(subject);
  const asked: string[] = [];
  let headers: Record<string, string> = {};
  const wishes: (string | undefined)[] = [];
  let held: (() => void)[] | undefined;
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "", "http://door");
    const subject = searchParams.get("subject") ?? "";
    asked.push(subject);
    wishes.push(request.headers["cache-control"]);
    const answer = reply(subject, searchParams.get("product"));
    const finish = () => {
      if (answer === "hang") return;
      if (answer === "reset") request.socket.destroy();
      else if (typeof answer === "number")
        response.writeHead(answer).end(JSON.stringify({ reason: "in words" }));
      else response.writeHead(200, headers).end(JSON.stringify(answer));
    };
    if (held === undefined) finish();
    else held.push(finish);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const client = createAccess({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/access`,
    now: () => nowMs,
    // A busy machine is no service that is away.
    timeoutMs: 30_000,
    ...given,
  });
  return {
    client,
    asked,
    /** What each question said to caches. */
    wishes,
    cachedFor: (seconds: number) => {
      headers = { age: String(seconds) };
    },
    answer: (how: typeof reply) => {
      reply = how;
    },
    away: () => {
      reply = () => 503;
    },
    later: (seconds: number) => {
      nowMs += seconds * 1_000;
    },
    /** Answers wait until they are let go. */
    hold: () => {
      held = [];
    },
    letGo: () => {
      const waiting = held ?? [];
      held = undefined;
      for (const finish of waiting) finish();
    },
    /** The one that has waited for the shortest time. */
    letGoLast: () => held?.pop()?.(),
    arrived: async (count: number) => {
      while (asked.length < count) await new Promise(setImmediate);
    },
  };
}
