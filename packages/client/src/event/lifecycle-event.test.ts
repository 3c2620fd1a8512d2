import { describe, expect, test } from "vitest";
import { latest, MemoryLatest } from "./latest.ts";
import { type LifecycleEvent, parseLifecycleEvent } from "./lifecycle-event.ts";

const event = (version: number, change: object = {}) => ({
  ...{
    specversion: "1.0",
    id: `cus-1@${version}:customer.registered`,
    source: "tollhouse",
    subject: "cus-1",
  },
  ...{ type: "customer.registered", time: "2026-08-20T15:00:00.000Z", datacontenttype: "application/json" },
  data: { schema: 1, version, customer: { id: "cus-1", registeredAt: "2026-08-20T15:00:00.000Z" } },
  ...change,
});

function read(version: number): LifecycleEvent {
  const parsed = parseLifecycleEvent(event(version));
  if (parsed.kind !== "event") throw new Error(parsed.kind);
  return parsed.event;
}

describe("an event", () => {
  test("is read from text or value, by itself or in EventBridge's envelope; fields to come do no harm", () => {
    const envelope = { "detail-type": "customer.registered", source: "tollhouse", detail: event(2) };
    const more = event(2, { traceparent: "00-1", data: { ...event(2).data, more: true } });
    for (const json of [event(2), JSON.stringify(event(2)), envelope, JSON.stringify(envelope), more])
      expect(parseLifecycleEvent(json)).toEqual({ kind: "event", event: event(2) });
  });

  test.each<[string, unknown, object]>([
    ["of a type to come", event(1, { type: "invoice.paid" }), { kind: "unknown", type: "invoice.paid" }],
    ["of somebody else", event(1, { source: "mailer" }), { kind: "unknown", type: "customer.registered" }],
    [
      "of a schema to come",
      event(1, { data: { schema: 2, person: {} } }),
      { kind: "other-schema", schema: 2, type: "customer.registered" },
    ],
    [
      "with something missing",
      event(1, { data: { schema: 1, version: 1, customer: {} } }),
      { kind: "unreadable" },
    ],
    ["that is no JSON", "{", { kind: "unreadable", reason: "it is no CloudEvent in JSON" }],
    ["that is nothing", null, { kind: "unreadable" }],
  ])("%s is told as such", (_, json, told) => {
    expect(parseLifecycleEvent(json)).toMatchObject(told);
  });

  test("that is unreadable names the field", () => {
    const wrong = event(1, { data: { schema: 1, version: 0, customer: event(1).data.customer } });
    expect(parseLifecycleEvent(wrong)).toMatchObject({
      reason: expect.stringContaining("data.version") as string,
    });
  });
});

describe("whoever keeps the highest version", () => {
  test("acts on what is newer, once, in whatever order it comes", async () => {
    const store = new MemoryLatest();
    const acted: number[] = [];
    const take = latest(store, ({ data }) => void acted.push(data.version));
    const took = [];
    for (const version of [2, 1, 2, 5, 4, 5]) took.push(await take(read(version)));
    expect(took).toEqual([true, false, false, true, false, false]);
    expect(acted).toEqual([2, 5]);
    expect(store.of("cus-1")?.data.version).toBe(5);
    await store.keepIfNewer(read(3));
    expect(store.of("cus-1")?.data.version).toBe(5);
  });

  test.each([
    [
      [1, 2],
      [1, 2],
    ],
    [[2, 1], [2]],
    [
      [1, 2, 1, 3],
      [1, 2, 3],
    ],
  ])(
    "ends in the newest state when %j come at once and the first takes longest",
    async (versions, expected) => {
      const states: number[] = [];
      const first = Promise.withResolvers<undefined>();
      const take = latest(new MemoryLatest(), async ({ data }) => {
        if (data.version === versions[0]) await first.promise;
        states.push(data.version);
      });
      const taking = versions.map((version) => take(read(version)));
      await new Promise(setImmediate);
      first.resolve(undefined);
      await Promise.all(taking);
      expect(states).toEqual(expected);
    },
  );

  test("acts again when it failed", async () => {
    let fails = true;
    const take = latest(new MemoryLatest(), () => {
      if (fails) throw new Error("the mail server is away");
    });
    await expect(take(read(1))).rejects.toThrow("away");
    fails = false;
    expect(await take(read(1))).toBe(true);
    expect(await take(read(1))).toBe(false);
  });
});
