import { once } from "node:events";
import { onTestFinished } from "vitest";
import { collectorStandIn, type Turn } from "./collector-stand-in.ts";
import { createUsagePublisher, type Trouble, type Usage, type UsagePublisherOptions } from "./publisher.ts";

export const nowMs = Date.parse("2026-08-20T14:30:00Z");
/** What `close` gives itself. */
export const closingMs = 10_000;
export const usage = (id: string, quantity: Usage["quantity"] = "1.5") => ({
  ...{ id, time: "2026-08-20T14:30:00Z", subject: "l-0123456789abcdef", dimension: "gb_stored", quantity },
});

/** A publisher before a real server, on a clock that waits for nothing. */
export async function world(turns: readonly Turn[] = [], given: Partial<UsagePublisherOptions> = {}) {
  const door = await collectorStandIn(turns);
  const refused: [string, string][] = [];
  const troubles: Trouble[] = [];
  const pauses: number[] = [];
  const publisher = createUsagePublisher({
    ...{ url: door.url, source: "mailer", now: () => nowMs, random: () => 0.5, timeoutMs: 5_000 },
    pause: async (ms, signal) => {
      pauses.push(ms);
      // Of these milliseconds none pass; the ten seconds that closing has are never over.
      await (ms === closingMs && signal !== undefined ? once(signal, "abort") : new Promise(setImmediate));
    },
    onRefused: ({ id }, reason) => refused.push([id, reason]),
    onTrouble: (trouble) => troubles.push(trouble),
    ...given,
  });
  onTestFinished(async () => {
    await publisher.close(0);
    await door.close();
  });
  return { door, publisher, refused, troubles, pauses };
}
