import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
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
  const publisher = createUsagePublisher({
    url: door.url,
    source: "mailer",
    onRefused: () => undefined,
    onTrouble: () => undefined,
  });
  flushOnShutdown(publisher, { onLeft: () => expect.unreachable() });
  await publisher.publish(usage("a"));
  process.emit("SIGTERM", "SIGTERM");
  await publisher.close();
  expect([...door.stored.keys()]).toEqual(["a"]);
  await door.close();
});

test("what could not be sent in time is given to be kept, once however often the process is told", async () => {
  const door = await collectorStandIn(["hang"]);
  const publisher = createUsagePublisher({
    ...{ url: door.url, source: "mailer", onRefused: () => undefined, onTrouble: () => undefined },
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
  process.emit("SIGTERM", "SIGTERM");
  process.emit("SIGTERM", "SIGTERM");
  await left;
  expect(kept.map((each) => each.map(({ id }) => id))).toEqual([["a"]]);
  await door.close();
});

test("where others listen, ending the process is theirs", async () => {
  const kill = vi.spyOn(process, "kill").mockReturnValue(true);
  const closing = Promise.resolve({ left: [] });
  flushOnShutdown({ close: () => closing }, { onLeft: () => undefined });
  process.emit("SIGTERM", "SIGTERM");
  await new Promise(setImmediate);
  expect(kill).not.toHaveBeenCalled();
  kill.mockRestore();
});

describe("a process of its own", () => {
  const module = new URL("shutdown.ts", import.meta.url).href;
  /** Is told to end with one event left. */
  async function end(onLeft: string, more = "") {
    const program = `
      import { flushOnShutdown } from ${JSON.stringify(module)};
      const publisher = { close: async () => ({ left: [{ id: "e-1", subject: "someone@example.com" }] }) };
      flushOnShutdown(publisher, { onLeft: ${onLeft} });
      ${more}
      setInterval(() => undefined, 60_000);
      process.kill(process.pid, "SIGTERM");
    `;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "ignore", "pipe"],
      timeout: 10_000,
      killSignal: "SIGKILL",
    });
    const exit = Promise.withResolvers<{ readonly code: number | null; readonly signal: string | null }>();
    child.once("exit", (code, signal) => exit.resolve({ code, signal }));
    child.once("error", exit.reject);
    const said = await text(child.stderr);
    return { ...(await exit.promise), said };
  }

  test("ends by the signal once what is left is kept, as without us", async () => {
    expect(await end("() => process.stderr.write('kept')")).toEqual({
      ...{ code: null, signal: "SIGTERM", said: "kept" },
    });
  });

  test.each([
    ["throws", `([{ subject }]) => { throw new TypeError("no room for " + subject); }`, "TypeError."],
    [
      "rejects",
      `() => Promise.reject(Object.assign(new Error("disk full"), { code: "ENOSPC" }))`,
      "Error (ENOSPC).",
    ],
  ])(
    "whose onLeft %s says so, without what it was given, and ends with code 1",
    async (_, onLeft, reason) => {
      const { code, said } = await end(onLeft);
      expect(code).toBe(1);
      expect(said).toContain("1 not known to be stored");
      expect(said).toContain(`onLeft failed with ${reason}`);
      expect(said).not.toContain("example.com");
    },
  );

  test("that somebody else ends has code 1 all the same, when onLeft failed", async () => {
    const other = `
      process.on("SIGTERM", () => {
        const look = setInterval(() => { if (process.exitCode === 1) process.exit(); }, 5);
      });`;
    expect(await end(`() => { throw new Error("disk full"); }`, other)).toMatchObject({ code: 1 });
  });
});

test("taken back, it listens no more", () => {
  const before = process.listenerCount("SIGTERM");
  const publisher = { close: () => expect.unreachable() };
  const stop = flushOnShutdown(publisher, { onLeft: () => undefined });
  expect(process.listenerCount("SIGTERM")).toBe(before + 1);
  stop();
  expect(process.listenerCount("SIGTERM")).toBe(before);
});
