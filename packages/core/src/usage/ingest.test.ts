import { describe, expect, test } from "vitest";
import { at, exampleConfiguration, hour } from "../memory/example.ts";
import { memoryQuarantine } from "../memory/quarantine.ts";
import { memoryUsageLog } from "../memory/usage-log.ts";
import { fixedClock } from "../time/clock.ts";
import { ingestUsage } from "./ingest.ts";
import type { QuarantineEntry } from "../quarantine/quarantine.ts";
import { type Segment, unpackSegment } from "./segment.ts";
import { shardOf } from "./shard.ts";
import type { DirtyMark } from "./usage-log.ts";

const { settings } = exampleConfiguration;
const now = at("2026-08-20T14:30:00Z");

const event = (id: string, change: object = {}) => ({
  specversion: "1.0",
  id,
  source: "/service/a",
  type: "usage",
  subject: "l-0123456789abcdef",
  time: "2026-08-20T14:23:11Z",
  data: { dimension: "gb_stored", quantity: "1" },
  ...change,
});

function world() {
  const usageLog = memoryUsageLog();
  const quarantine = memoryQuarantine();
  const steps: string[] = [];
  const noted = <Args extends unknown[]>(step: string, call: (...args: Args) => Promise<void>) => {
    return (...args: Args) => {
      steps.push(step);
      return call(...args);
    };
  };
  const ports = {
    usageLog: {
      putSegments: noted("segments", (segments: readonly Segment[]) => usageLog.putSegments(segments)),
      putMarks: noted("marks", (marks: readonly DirtyMark[]) => usageLog.putMarks(marks)),
    },
    quarantine: {
      put: noted("quarantine", (entries: readonly QuarantineEntry[]) => quarantine.put(entries)),
    },
    clock: fixedClock(now),
  };
  const ingest = (bodies: readonly unknown[], batchId = "b-1") =>
    ingestUsage(
      ports,
      settings,
      batchId,
      bodies.map((body, index) => ({
        id: `m-${index}`,
        body: typeof body === "string" ? body : JSON.stringify(body),
      })),
    );
  /** Ids of what is in the log, of one subject and hour. */
  const logged = async (subject = "l-0123456789abcdef", of = hour("2026-08-20T14")) => {
    const place = { hour: of, shard: shardOf(subject, 4) };
    const { segments } = await usageLog.unfolded(place, new Set(), 1_000_000);
    return segments.flatMap(unpackSegment).map(({ id }) => id);
  };
  const quarantined = () => quarantine.list(now, 1_000);
  return { usageLog, quarantine, steps, ports, ingest, logged, quarantined };
}

describe("a batch of usage", () => {
  test("is in the log before its marks are set, and what is wrong in the quarantine after both", async () => {
    const { ingest, steps, logged, usageLog } = world();
    const ingested = await ingest([event("e-1"), [event("e-2"), event("e-3")], "no JSON"]);
    expect(ingested).toEqual({ eventCount: 3, segmentCount: 1, quarantinedCount: 1 });
    expect(steps).toEqual(["segments", "marks", "quarantine"]);
    expect(await logged()).toEqual(["e-1", "e-2", "e-3"]);
    const shard = shardOf("l-0123456789abcdef", 4);
    expect(await usageLog.marks(shard, hour("2026-08-20T14"))).toEqual([
      { hour: hour("2026-08-20T14"), shard, value: "b-1" },
    ]);
  });

  test("marks every hour and shard that it touched, and no other", async () => {
    const { ingest, usageLog } = world();
    const subjects = Array.from({ length: 40 }, (_, index) => `l-${index}`);
    const times = ["2026-08-20T13:59:59.999Z", "2026-08-20T14:00:00Z"];
    await ingest([
      subjects.flatMap((subject) => times.map((time) => event(`${subject} ${time}`, { subject, time }))),
    ]);
    for (const shard of [0, 1, 2, 3]) {
      const marks = await usageLog.marks(shard, hour("2026-08-20T20"));
      expect(marks.map((mark) => mark.hour)).toEqual([hour("2026-08-20T13"), hour("2026-08-20T14")]);
    }
  });

  test("with a bad event anywhere keeps its neighbours, and the whole message to the byte", async () => {
    const { ingest, logged, quarantine, quarantined } = world();
    const bad = `[${JSON.stringify(event("e-1"))} ,\n {"id":"é\\u0000"}, ${JSON.stringify(event("e-3"))}]`;
    await ingest([event("e-0"), bad, event("e-4")]);
    expect(await logged()).toEqual(["e-0", "e-1", "e-3", "e-4"]);
    const [entry] = await quarantined();
    expect(entry).toMatchObject({ door: "usage", quarantinedAt: now });
    expect(entry?.reason).toMatch(/^message m-1: event 2: specversion/);
    expect((await quarantine.get(entry?.id ?? ""))?.body).toBe(bad);
  });

  test("that comes again quarantines nothing twice and has the same marks with a new value", async () => {
    const { ingest, quarantined, usageLog } = world();
    await ingest(["no JSON", event("e-1")], "b-1");
    await ingest(["no JSON", event("e-1")], "b-2");
    expect(await quarantined()).toHaveLength(1);
    const marks = await usageLog.marks(shardOf("l-0123456789abcdef", 4), hour("2026-08-20T14"));
    expect(marks.map(({ value }) => value)).toEqual(["b-2"]);
  });

  test("whose log fails sets no mark and is not acknowledged", async () => {
    const { ports, steps, quarantined } = world();
    const usageLog = { ...ports.usageLog, putSegments: () => Promise.reject(new Error("throttled")) };
    const messages = [
      { id: "m-1", body: JSON.stringify(event("e-1")) },
      { id: "m-2", body: "no JSON" },
    ];
    await expect(ingestUsage({ ...ports, usageLog }, settings, "b-1", messages)).rejects.toThrow("throttled");
    expect(steps).toEqual([]);
    expect(await quarantined()).toHaveLength(0);
  });

  test("of more events than a message can honestly hold is refused whole", async () => {
    const { ingest, quarantined, logged } = world();
    expect(await ingest([Array.from({ length: 10_001 }, () => 0)])).toMatchObject({
      eventCount: 0,
      quarantinedCount: 1,
    });
    expect(await quarantined()).toMatchObject([
      { reason: expect.stringContaining("send at most 10000 a message") as string },
    ]);
    expect(await logged()).toEqual([]);
  });

  test("without any event writes nothing", async () => {
    const { ingest, steps } = world();
    expect(await ingest([[]])).toEqual({ eventCount: 0, segmentCount: 0, quarantinedCount: 0 });
    expect(steps).toEqual([]);
  });
});

/** As SNS delivers to a queue when raw message delivery is off. */
const fromTopic = (message: unknown, change: object = {}) => ({
  Type: "Notification",
  MessageId: "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
  TopicArn: "arn:aws:sns:us-east-1:444455556666:usage",
  Message: typeof message === "string" ? message : JSON.stringify(message),
  Timestamp: "2026-08-20T14:23:11.013Z",
  SignatureVersion: "1",
  ...change,
});
/** As a rule of EventBridge delivers to a queue. */
const fromBus = (detail: unknown) => ({
  version: "0",
  id: "17793124-05d4-b198-2fde-7ededc63b103",
  "detail-type": "usage",
  source: "mailer",
  account: "444455556666",
  time: "2026-08-20T14:23:11Z",
  region: "us-east-1",
  resources: [],
  detail,
});
/** The same from a topic that a rule of EventBridge feeds. */
const fromBusByTopic = (detail: unknown) => fromTopic(fromBus(detail));

describe("usage in an envelope", () => {
  const [one, two] = [event("e-1"), event("e-2")];

  test.each<[string, unknown, string[]]>([
    ["an SNS topic", fromTopic(one), ["e-1"]],
    ["an SNS topic, a batch", fromTopic([one, two]), ["e-1", "e-2"]],
    ["an SNS topic with raw message delivery", one, ["e-1"]],
    ["an event bus", fromBus(one), ["e-1"]],
    ["nobody, though it looks like one", { ...fromTopic("no JSON"), ...fromBus({}), ...one }, ["e-1"]],
    ["an event bus, a batch", fromBus({ events: [one, two] }), ["e-1", "e-2"]],
    ["an event bus by way of an SNS topic", fromBusByTopic({ events: [one, two] }), ["e-1", "e-2"]],
  ])("of %s counts as the usage in it", async (_, body, ids) => {
    const { ingest, logged, quarantined } = world();
    await ingest([body]);
    expect(await logged()).toEqual(ids);
    expect(await quarantined()).toEqual([]);
  });

  test("keeps the id that it has itself, by whatever door it comes", async () => {
    const { ingest, logged } = world();
    await ingest([one, fromTopic(one), fromBus(one), fromBusByTopic(one)]);
    expect(await logged()).toEqual(["e-1", "e-1", "e-1", "e-1"]);
  });

  test.each<[string, unknown, RegExp]>([
    [
      "a Message that is no JSON",
      fromTopic("usage!"),
      /Message in its SNS envelope is not valid JSON.*CloudEvent/,
    ],
    [
      "no text as Message",
      fromTopic("", { Message: one }),
      /no notification with a text as Message.*CloudEvent/,
    ],
    ["a Message that is nested too deeply", fromTopic("[".repeat(9) + "]".repeat(9)), /nested deeper than 8/],
    ["another Message of SNS", fromTopic(one, { Type: "UnsubscribeConfirmation" }), /no notification/],
    [
      "SNS's question",
      fromTopic("You", { Type: "SubscriptionConfirmation" }),
      /subscribe the queue from its own/,
    ],
    ["SNS in SNS in SNS", fromTopic(fromTopic(fromTopic(one))), /more than 2 envelopes/],
    [
      "a detail that is something else",
      fromBus({ state: "running" }),
      /detail in its EventBridge .*"events"/,
    ],
    ["a detail that is a list", fromBus([one]), /detail in its EventBridge/],
    ["events that are no list", fromBus({ events: one }), /detail in its EventBridge/],
    ["a batch without end", fromBus({ events: Array(10_001).fill(0) }), /at most 10000 a message/],
    ["a bad event among good ones", fromBus({ events: [7] }), /event 1: is no CloudEvent/],
    ["a bad event alone", fromTopic({ ...one, id: "" }), /^message m-0: id is empty/],
  ])("with %s is quarantined to the byte, with what to send instead", async (_, body, reason) => {
    const { ingest, quarantine, quarantined } = world();
    expect(await ingest([body])).toMatchObject({ eventCount: 0, quarantinedCount: 1 });
    const [entry] = await quarantined();
    expect(entry?.reason).toMatch(reason);
    expect((await quarantine.get(entry?.id ?? ""))?.body).toBe(JSON.stringify(body));
  });
});

describe("an event's time", () => {
  test.each([
    ["five minutes ahead", "2026-08-20T14:35:00Z", true],
    ["a moment more than five minutes ahead", "2026-08-20T14:35:00.001Z", false],
    ["in an hour that ended less than 35 days ago", "2026-07-16T14:00:00Z", true],
    ["in an hour that ended more than 35 days ago", "2026-07-16T13:59:59.999Z", false],
    ["of the year 1", "0001-01-01T00:00:00Z", false],
  ])("%s is taken: %s %s", async (_, time, isTaken) => {
    const { ingest, quarantined } = world();
    const { eventCount } = await ingest([event("e-1", { time })]);
    expect(eventCount).toBe(isTaken ? 1 : 0);
    expect(await quarantined()).toHaveLength(isTaken ? 0 : 1);
  });
});

describe("a reason", () => {
  /** DynamoDB keeps 400 KB an item, and an operator reads a line. */
  const longest = 10_000;

  test.each<[string, unknown]>([
    ["a time of 900,000 letters", event("e-1", { time: "x".repeat(900_000) })],
    [
      "a tag's name of 900,000 letters",
      event("e-1", { data: { quantity: "1", dimension: "d", tags: { ["ü".repeat(450_000)]: "x" } } }),
    ],
    [
      "twenty thousand bad tags",
      event("e-1", {
        data: {
          dimension: "d",
          quantity: "1",
          tags: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`ü${index}`, "x"])),
        },
      }),
    ],
    ["ten thousand bad events", Array.from({ length: 10_000 }, () => ({}))],
  ])("for %s stays short enough to be stored, and its neighbours are counted", async (_, body) => {
    const { ingest, logged, quarantined } = world();
    await ingest([event("e-0"), body, event("e-9")]);
    const [entry] = await quarantined();
    expect(entry?.reason.length).toBeGreaterThan(20);
    expect(entry?.reason.length).toBeLessThanOrEqual(longest);
    expect(await logged()).toEqual(["e-0", "e-9"]);
  });

  test("names each bad event of a message, up to twenty, and says how many more there are", async () => {
    const { ingest, quarantined } = world();
    await ingest([Array.from({ length: 23 }, () => 7)]);
    const [entry] = await quarantined();
    expect(entry?.reason).toMatch(/event 1: .*event 20: .*and 3 more$/s);
    expect(entry?.reason).not.toContain("event 21");
  });
});
