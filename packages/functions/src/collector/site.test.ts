import { makeLogger } from "@tollhouse/aws/logging/logger";
import { at, exampleConfiguration } from "@tollhouse/core/memory/example";
import { fixedClock } from "@tollhouse/core/time/clock";
import { afterEach, describe, expect, test, vi } from "vitest";
import { usageSite } from "./site.ts";

afterEach(() => vi.restoreAllMocks());

const event = (id: string, change: object = {}) => ({
  ...{ specversion: "1.0", id, source: "/service/a", type: "usage", subject: "l-0123456789abcdef" },
  time: "2026-08-20T14:23:11Z",
  data: { dimension: "gb_stored", quantity: "1" },
  ...change,
});

type Put = (bodies: readonly string[]) => Promise<readonly boolean[]>;

function door(put: Put = (bodies) => Promise.resolve(bodies.map(() => true))) {
  const bodies: string[] = [];
  const logger = makeLogger();
  const logged: unknown[] = [];
  for (const level of ["info", "warn", "error"] as const)
    vi.spyOn(logger, level).mockImplementation((...args: unknown[]) => void logged.push(args));
  const queue = {
    put(offered: readonly string[]) {
      bodies.push(...offered);
      return put(offered);
    },
  };
  const ports = { queue, clock: fixedClock(at("2026-08-20T14:30:00Z")) };
  const site = usageSite(ports, exampleConfiguration, logger);
  const post = async (
    body: string | Uint8Array<ArrayBuffer>,
    type = "application/json",
    headers: Record<string, string> = {},
  ) => {
    const response = await site.request("/usage", {
      method: "POST",
      headers: { "content-type": type, ...headers },
      body,
    });
    return { status: response.status, headers: response.headers, answer: await response.json() };
  };
  const send = (value: unknown, type?: string) => post(JSON.stringify(value), type);
  const sent = () => bodies.flatMap((body) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id));
  return { site, post, send, sent, logged };
}

const accepted = (...ids: string[]) => ({
  ...{ accepted: ids.length, refused: 0, failed: 0 },
  events: ids.map((id, index) => ({ index, id, status: "accepted" })),
});

describe("usage that is reported", () => {
  test.each([
    ["application/json", event("e-1"), ["e-1"]],
    ["application/cloudevents+json; charset=UTF-8", event("e-1"), ["e-1"]],
    ["application/json", [event("e-1"), event("e-2")], ["e-1", "e-2"]],
    ["Application/CloudEvents-Batch+JSON", [event("e-1"), event("e-2")], ["e-1", "e-2"]],
  ])("as %s is in the queue when it is answered as accepted", async (type, body, ids) => {
    const { send, sent } = door();
    expect(await send(body, type)).toMatchObject({ status: 202, answer: accepted(...ids) });
    expect(sent()).toEqual(ids);
  });

  test("one a line is taken line by line, and a broken line costs the others nothing", async () => {
    const { post, sent } = door();
    const lines = [JSON.stringify(event("e-1")), '{"id":"e-2",', "", JSON.stringify(event("e-3")), "[]"];
    const { status, answer } = await post(`${lines.join("\r\n")}\n`, "application/x-ndjson");
    expect(status).toBe(200);
    expect(answer).toMatchObject({
      ...{ accepted: 2, refused: 2, failed: 0 },
      events: [
        { index: 0, id: "e-1", status: "accepted" },
        { index: 1, status: "refused", reason: "the line is not valid JSON" },
        { index: 2, id: "e-3", status: "accepted" },
        { index: 3, status: "refused", reason: expect.stringContaining("no CloudEvent") as string },
      ],
    });
    expect(sent()).toEqual(["e-1", "e-3"]);
  });

  test("with one bad event among many has the others accepted, and names the bad one", async () => {
    const { send, sent } = door();
    const events = Array.from({ length: 500 }, (_, index) => event(`e-${index}`));
    const { status, answer } = await send(events.with(250, event("e-bad", { time: "yesterday" })));
    expect(status).toBe(200);
    expect(answer).toMatchObject({ accepted: 499, refused: 1 });
    const { events: receipts } = answer as { events: { status: string }[] };
    expect(receipts.filter(({ status: each }) => each !== "accepted")).toEqual([
      { index: 250, id: "e-bad", status: "refused", reason: expect.stringContaining("RFC 3339") as string },
    ]);
    expect(sent()).toHaveLength(499);
  });

  test("with none that is right is refused", async () => {
    const { send, sent } = door();
    expect(await send([event(""), 7])).toMatchObject({ status: 400, answer: { accepted: 0, refused: 2 } });
    expect(sent()).toEqual([]);
  });

  test("is logged by its numbers, and never by what it says", async () => {
    const { send, logged } = door();
    await send([event("secret-id", { subject: "secret-subject" }), event("e-2", { time: "secret-time" })]);
    expect(JSON.stringify(logged)).toContain('"accepted":1');
    expect(JSON.stringify(logged)).not.toContain("secret");
  });
});

describe("usage that could not be stored", () => {
  test("is named event by event, with when to send it again", async () => {
    const { send } = door((bodies) => Promise.resolve(bodies.map((_, place) => place > 0)));
    const padding = "x".repeat(200_000);
    const { status, answer, headers } = await send([event("e-1", { padding }), event("e-2", { padding })]);
    expect(status).toBe(200);
    expect(answer).toMatchObject({
      ...{ accepted: 1, refused: 0, failed: 1 },
      events: [
        { id: "e-1", status: "failed" },
        { id: "e-2", status: "accepted" },
      ],
    });
    expect(headers.get("retry-after")).toBe("5");
  });

  test("at all, as the queue is lost, is answered with 503 and never as accepted", async () => {
    const lost = door((bodies) => Promise.resolve(bodies.map(() => false)));
    const { status, answer, headers } = await lost.send([event("e-1"), event("")]);
    expect(status).toBe(503);
    expect(answer).toMatchObject({ accepted: 0, refused: 1, failed: 1 });
    expect(headers.get("retry-after")).toBe("5");
    const broken = door(() => Promise.reject(new Error("no network")));
    expect(await broken.send(event("e-1"))).toMatchObject({ status: 503, answer: { code: "failed" } });
  });

  test("as the queue answers for fewer messages than it was given is not taken for stored", async () => {
    const { send } = door(() => Promise.resolve([]));
    expect(await send(event("e-1"))).toMatchObject({ status: 503, answer: { accepted: 0, failed: 1 } });
  });
});

describe("a request that cannot be read", () => {
  const limit = 1_048_576;
  const ofBytes = (bytes: number) => {
    const padding = "x".repeat(bytes - JSON.stringify(event("e-1", { padding: "" })).length);
    return JSON.stringify(event("e-1", { padding }));
  };

  test.each<[string, string | Uint8Array<ArrayBuffer>, string, number, string]>([
    ["of another type", "{}", "text/plain", 415, "type-unknown"],
    ["of a form", "a=b", "application/x-www-form-urlencoded", 415, "type-unknown"],
    ["in another character set", "{}", "application/json; charset=iso-8859-1", 415, "type-unknown"],
    ["that is no JSON", '{"id":', "application/json", 400, "unreadable"],
    [
      "that is no UTF-8",
      new Uint8Array([0x5b, 0x22, 0xff, 0x22, 0x5d]),
      "application/json",
      400,
      "unreadable",
    ],
    ["that is nested without end", "[".repeat(100_000), "application/json", 400, "unreadable"],
    ["without anything", "", "application/json", 400, "unreadable"],
    ["of an empty batch", "[]", "application/cloudevents-batch+json", 400, "no-events"],
    ["of empty lines", "\n \n", "application/x-ndjson", 400, "no-events"],
    ["of 10,001 events", `[${"0,".repeat(10_000)}0]`, "application/json", 413, "too-large"],
    ["of a byte more than 1 MiB", ofBytes(limit + 1), "application/json", 413, "too-large"],
  ])("%s is refused with what to send", async (_, body, type, status, code) => {
    const { post, sent } = door();
    const answered = await post(body, type);
    expect(answered).toMatchObject({ status, answer: { code } });
    expect((answered.answer as { reason: string }).reason.length).toBeGreaterThan(10);
    expect(sent()).toEqual([]);
  });

  test("whose length is not told is read no further than 1 MiB", async () => {
    const { site } = door();
    const chunk = new TextEncoder().encode(" ".repeat(65_536));
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(chunk);
      },
    });
    const headers = { "content-type": "application/json" };
    const response = await site.request("/usage", {
      method: "POST",
      headers,
      body,
      duplex: "half",
    });
    expect(response.status).toBe(413);
    expect(pulled).toBeLessThan(25);
  });

  test("of exactly 1 MiB is read, and its one event is too large for a message", async () => {
    const { post } = door();
    expect(await post(ofBytes(limit))).toMatchObject({
      status: 400,
      answer: { events: [{ status: "refused", reason: expect.stringContaining("262144") as string }] },
    });
  });

  test("that is compressed is refused", async () => {
    const { post } = door();
    const answered = await post(JSON.stringify(event("e-1")), "application/json", {
      "content-encoding": "gzip",
    });
    expect(answered).toMatchObject({ status: 415, answer: { code: "type-unknown" } });
  });

  test("elsewhere, or by GET, is told where to go", async () => {
    const { site } = door();
    for (const place of ["/", "/usage"]) expect((await site.request(place)).status).toBe(404);
  });
});
