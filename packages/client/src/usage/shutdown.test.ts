import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { collectorStandIn } from "./collector-stand-in.ts";
import { createUsagePublisher, type ReportedUsage } from "./publisher.ts";
import { flushOnShutdown } from "./shutdown.ts";

/** Somebody else who listens: without one, the process would end. */
const other = () => undefined;
beforeEach(() => void process.on("SIGTERM", other));
afterEach(() => void process.removeListener("SIGTERM", other));

const usage = (id: string) => ({
  ...{ id, time: "2026-08-20T14:30:00Z", subject: "cus-1", dimension: "emails_sent", quantity: 1 },
});

test("a process that is told to end sends what it has, and nothing is left", async () => {
  const door = await collectorStandIn();
  const publisher = createUsagePublisher({ url: door.url, source: "mailer", onRefused: () => undefined });
  flushOnShutdown(publisher, { onLeft: () => expect.unreachable() });
  await publisher.publish(usage("a"));
  process.emit("SIGTERM");
  await publisher.close();
  expect([...door.stored.keys()]).toEqual(["a"]);
  await door.close();
});

test("what could not be sent in time is given to be kept, once however often the process is told", async () => {
  const door = await collectorStandIn(["hang"]);
  const publisher = createUsagePublisher({
    ...{ url: door.url, source: "mailer", onRefused: () => undefined },
    pause: () => Promise.resolve(),
  });
  const kept: (readonly ReportedUsage[])[] = [];
  const told = new EventTarget();
  flushOnShutdown(publisher, {
    withinMs: 1,
    onLeft: (left) => {
      kept.push(left);
      told.dispatchEvent(new Event("left"));
    },
  });
  await publisher.publish(usage("a"));
  const left = once(told, "left");
  process.emit("SIGTERM");
  process.emit("SIGTERM");
  await left;
  expect(kept.map((each) => each.map(({ id }) => id))).toEqual([["a"]]);
  await door.close();
});

test("taken back, it listens no more", () => {
  const before = process.listenerCount("SIGTERM");
  const publisher = { close: () => expect.unreachable() };
  const stop = flushOnShutdown(publisher, { onLeft: () => undefined });
  expect(process.listenerCount("SIGTERM")).toBe(before + 1);
  stop();
  expect(process.listenerCount("SIGTERM")).toBe(before);
});
