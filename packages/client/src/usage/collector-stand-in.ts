import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as z from "zod";

const sentEvents = z.array(
  z.object({
    ...{ specversion: z.literal("1.0"), id: z.string(), source: z.string(), type: z.string() },
    ...{ subject: z.string(), time: z.string() },
    data: z.object({ dimension: z.string(), quantity: z.string() }).loose(),
  }),
);
export type SentEvent = z.output<typeof sentEvents>[number];

/** How a request goes wrong, or does not. */
export type Turn =
  | "take"
  /** Everything is stored, and the connection ends without an answer. */
  | "reset-after-effect"
  | "reset-before-effect"
  | "away"
  /** 503 for every second event, which is stored all the same or not. */
  | "fail-some"
  | "forbid"
  | "throttle"
  | "garble"
  /** Stored, and an answer that leaves out every second event. */
  | "leave-out"
  /** Not stored, and an answer that says of each event both. */
  | "contradict"
  /** It cannot be read as a whole. */
  | "too-large"
  /** As `too-large`, for another reason. */
  | "unreadable"
  /** Something on the way has changed the content type. */
  | "other-type"
  /** Something on the way has emptied the body. */
  | "emptied"
  /** What would be the events' fault, were the status not the door's. */
  | "broken"
  /** It asks for an hour of rest. */
  | "rest"
  /** Elsewhere, where it would be taken. */
  | "moved"
  /** No answer within any time. */
  | "hang";

/** A real HTTP server that answers as the collector does: it stores each id once, and refuses quantities that are "666". */
export async function collectorStandIn(turns: readonly Turn[] = []) {
  const stored = new Map<string, SentEvent>();
  /** Every time that an id was told to be stored, or refused. */
  const told: string[] = [];
  const requests: SentEvent[][] = [];
  const script = [...turns];
  const take = (event: SentEvent) => {
    if (event.data.quantity === "666") return { status: "refused", reason: "nobody uses that much" };
    stored.set(event.id, event);
    return { status: "accepted" };
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const events = sentEvents.parse(JSON.parse(await bodyOf(request)));
    requests.push(events);
    const reply = (status: number, json: unknown, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(JSON.stringify(json));
    const receipts = () => {
      const list = events.map((event, index) => ({ index, id: event.id, ...take(event) }));
      told.push(...list.map(({ id }) => id));
      return list;
    };
    const turn = script.shift() ?? "take";
    switch (turn) {
      case "take":
        reply(200, { events: receipts() });
        return;
      case "reset-after-effect":
        events.forEach(take);
        request.socket.destroy();
        return;
      case "reset-before-effect":
        request.socket.destroy();
        return;
      case "away":
        reply(503, { code: "failed", reason: "nothing of it is known" }, { "retry-after": "7" });
        return;
      case "fail-some": {
        const list = events.map((event, index) => {
          if (index % 4 === 1) take(event);
          return index % 2 === 1
            ? { index, id: event.id, status: "failed", reason: "send it again" }
            : { index, id: event.id, ...take(event) };
        });
        told.push(...list.filter(({ status }) => status !== "failed").map(({ id }) => id));
        reply(200, { events: list }, { "retry-after": "5" });
        return;
      }
      case "forbid":
        reply(403, { message: "Forbidden" });
        return;
      case "throttle":
        reply(429, { message: "Too Many Requests" });
        return;
      case "garble":
        events.forEach(take);
        response.writeHead(200).end("<html>");
        return;
      case "leave-out": {
        const list = events.map((event, index) => ({ index, id: event.id, ...take(event) }));
        const said = list.filter(({ index }) => index % 2 === 0);
        told.push(...said.map(({ id }) => id));
        reply(200, { events: said });
        return;
      }
      case "contradict": {
        const list = events.map((_, index) => ({ index, status: "accepted" }));
        reply(200, { events: [...list, ...list.map(({ index }) => ({ index, status: "refused" }))] });
        return;
      }
      case "too-large":
        reply(413, { code: "too-large", reason: "the body is larger than 1048576 bytes" });
        return;
      case "unreadable":
        reply(400, { code: "unreadable", reason: "it is no JSON" });
        return;
      case "other-type":
        reply(415, { code: "type-unknown", reason: "send application/json" });
        return;
      case "emptied":
        reply(400, { code: "no-events", reason: "there are no events" });
        return;
      case "broken":
        reply(500, { code: "unreadable", reason: "it cannot be read now" });
        return;
      case "rest":
        reply(429, { message: "Too Many Requests" }, { "retry-after": "3600" });
        return;
      case "moved":
        reply(307, {}, { location: request.url ?? "" });
        return;
      case "hang":
        return;
      default:
        turn satisfies never;
    }
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/usage`,
    stored,
    told,
    requests,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
