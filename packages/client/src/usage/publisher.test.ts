import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Turn } from "./collector-stand-in.ts";
import { createUsagePublisher, type Usage, UsageError } from "./publisher.ts";
import { nowMs, usage, world } from "./publisher-world.ts";

describe("usage", () => {
  test("arrives as a CloudEvent, exactly as it was handed in", async () => {
    const { door, publisher } = await world();
    const time = new Date("2026-08-20T14:00:00Z");
    await publisher.publish({ ...usage("e-1", "12.500000"), time, tags: { team: "growth" } });
    await publisher.publish(usage("e-2", 123456789012345678n));
    await publisher.publish({ ...usage("e-3", 7), time: "2026-08-20T16:00:00+02:00" });
    await publisher.flush();
    expect([...door.stored.values()]).toEqual([
      {
        ...{ specversion: "1.0", id: "e-1", source: "mailer", type: "usage", subject: "l-0123456789abcdef" },
        time: "2026-08-20T14:00:00.000Z",
        data: { dimension: "gb_stored", quantity: "12.500000", tags: { team: "growth" } },
      },
      expect.objectContaining({
        time: "2026-08-20T14:30:00Z",
        data: { dimension: "gb_stored", quantity: "123456789012345678" },
      }),
      expect.objectContaining({
        time: "2026-08-20T16:00:00+02:00",
        data: { dimension: "gb_stored", quantity: "7" },
      }),
    ]);
    expect(door.requests.length).toBe(1);
  });

  test("without an id is given one of its own, that sorts by time and stays", async () => {
    const { door, publisher } = await world(["reset-after-effect"]);
    const nameless = { ...usage(""), id: undefined, time: undefined };
    const ids = [await publisher.publish(nameless), await publisher.publish(nameless)];
    await publisher.flush();
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toMatch(/^01[0-9a-f]{6}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(ids[0]?.replaceAll("-", "").slice(0, 12) ?? "", 16)).toBe(nowMs);
    expect(door.requests.flat().map(({ id }) => id)).toEqual([...ids, ...ids]);
    expect(door.stored.get(ids[0] ?? "")?.time).toBe("2026-08-20T14:30:00.000Z");
  });

  test("with an id and no time, whose copies might be billed each, is refused, also by type", async () => {
    const { door, publisher } = await world();
    const { time, ...timeless } = usage("row-1");
    // @ts-expect-error: it has no time
    const wrong: Usage = timeless;
    for (const each of [wrong, { ...wrong, time: JSON.parse("null") as never }])
      await expect(publisher.publishAll([each])).rejects.toThrow("it has an id and no time");
    await publisher.publishAll([
      { ...timeless, time },
      { ...timeless, id: undefined },
      { ...timeless, id: undefined, time },
    ]);
    expect(door.stored.size).toBe(3);
  });

  test.each([
    [{ quantity: 0.1 }, "no whole number"],
    [{ quantity: 2 ** 53 }, "no whole number"],
    [{ quantity: Number.NaN }, "no whole number"],
    [{ quantity: "1e3" }, "no decimal"],
    [{ quantity: "0.0000001" }, "no decimal"],
    [{ quantity: 10n ** 18n }, "no decimal"],
    [{ subject: "" }, "subject has 1 to 256 characters"],
    [{ id: "x".repeat(257) }, "id has 1 to 256 characters"],
    [{ time: "yesterday" }, "no instant with its zone"],
    [{ time: new Date(Number.NaN) }, "no valid date"],
    [{ tags: { a: "x".repeat(300_000) } }, "at most 262142 are taken"],
  ])("that cannot be exact or readable (%o) is not taken over", async (change, reason) => {
    const { door, publisher } = await world();
    await expect(publisher.publish({ ...usage("e-1"), ...change })).rejects.toThrow(UsageError);
    expect(() => publisher.tryPublish({ ...usage("e-1"), ...change })).toThrow(reason);
    await expect(publisher.publishAll([usage("e-0"), { ...usage("e-1"), ...change }])).rejects.toThrow(
      reason,
    );
    await publisher.flush();
    expect(door.requests).toEqual([]);
  });

  test("that the door refuses is told with its reason, and not sent again; its neighbours are stored", async () => {
    const { door, publisher, refused } = await world();
    const outcome = await publisher.publishAll([usage("a"), usage("b", 666), usage("c")]);
    const refusal = {
      usage: expect.objectContaining({ id: "b" }) as unknown,
      reason: "nobody uses that much",
    };
    expect(outcome).toEqual({ accepted: 2, refused: [refusal], left: [] });
    expect(refused).toEqual([["b", "nobody uses that much"]]);
    expect(door.requests.length).toBe(1);
  });
});

describe("a door that is in trouble", () => {
  test("is sent only what it did not settle, under the same ids, after the time it asked for", async () => {
    const { door, publisher, pauses, troubles } = await world(["fail-some", "away"]);
    await publisher.publishAll(["a", "b", "c", "d"].map((id) => usage(id)));
    expect(door.requests.map((events) => events.map(({ id }) => id))).toEqual([
      ["a", "b", "c", "d"],
      ["b", "d"],
      ["b", "d"],
    ]);
    // Its own 5 and 7 seconds are more than 375 and 750 milliseconds.
    expect(pauses).toEqual([5_000, 7_000]);
    expect(troubles).toMatchObject([
      { reason: "2 of 4 events are not known to be stored", failures: 1, bufferedEvents: 2 },
      { failures: 2, againInMs: 7_000 },
    ]);
  });

  test("is asked again as soon as its time is over, without waiting for others once more", async () => {
    const { door, publisher, pauses } = await world(["throttle"], { delayMs: 321 });
    await publisher.publish(usage("a"));
    while (door.requests.length < 2) await new Promise(setImmediate);
    expect(pauses).toEqual([321, 375]);
  });

  test("is given more and more time, up to half a minute, and again little once it has taken something", async () => {
    const turns = Array.from({ length: 8 }, (): Turn => "throttle");
    const { publisher, pauses } = await world([...turns, "take", "throttle"]);
    await publisher.publishAll([usage("a")]);
    await publisher.publishAll([usage("b")]);
    expect(pauses).toEqual([375, 750, 1_500, 3_000, 6_000, 12_000, 22_500, 22_500, 375]);
  });

  test.each([
    ["forbid", "403: the request is not signed"],
    ["reset-before-effect", "no answer came"],
    ["garble", "the door answered 200"],
    ["leave-out", "1 of 2 events"],
    ["contradict", "2 of 2 events"],
    ["other-type", "the door answered 415: send application/json"],
    ["emptied", "the door answered 400: there are no events"],
    ["broken", "the door answered 500: it cannot be read now"],
    // A signature is for one address, and whoever may redirect may read.
    ["moved", "unexpected redirect"],
  ] as const)("(%s) loses nothing, and the reason is told", async (turn, reason) => {
    const { door, publisher, troubles } = await world([turn]);
    expect(await publisher.publishAll([usage("a"), usage("b")])).toMatchObject({ accepted: 2, refused: [] });
    expect([...door.stored.keys()].toSorted()).toEqual(["a", "b"]);
    expect(troubles[0]?.reason).toContain(reason);
    // Two requests: nothing is halved for it.
    expect(door.requests.length).toBe(2);
  });

  test("is asked again after five minutes at the latest", async () => {
    const { publisher, pauses } = await world(["rest"]);
    await publisher.publishAll([usage("a")]);
    expect(pauses).toEqual([300_000]);
  });

  test("gets what it did not settle before anything newer", async () => {
    const { door, publisher } = await world(["away"], { maxBatchEvents: 2 });
    await publisher.publishAll(["a", "b", "c", "d"].map((id) => usage(id)));
    expect(door.requests.map((events) => events.map(({ id }) => id).join(""))).toEqual(["ab", "ab", "cd"]);
  });

  test("and answers too late is asked again", async () => {
    const { publisher, troubles } = await world(["hang"], { timeoutMs: 40 });
    expect(await publisher.publishAll([usage("a")])).toMatchObject({ accepted: 1 });
    expect(troubles[0]?.reason).toContain("no answer came");
  });

  test("that finds a request too large is sent halves; one event that it cannot read stands alone", async () => {
    const { door, publisher, refused } = await world(["unreadable", "too-large", "too-large"]);
    expect(await publisher.publishAll(["a", "b", "c", "d"].map((id) => usage(id)))).toMatchObject({
      accepted: 3,
    });
    expect(refused).toEqual([["a", "the body is larger than 1048576 bytes"]]);
    expect(door.requests.map(({ length }) => length)).toEqual([4, 2, 1, 1, 2]);
  });
});

test.each(["", "x".repeat(257)])("a source that no event could name (%#) is refused at once", (source) => {
  const options = { url: "http://door.example.com/usage", onRefused: () => undefined };
  expect(() => createUsagePublisher({ ...options, source, onTrouble: () => undefined })).toThrow(
    "source has 1 to 256 characters",
  );
});

describe("batches", () => {
  test("have as many events and bytes as are allowed, in order", async () => {
    const { door, publisher } = await world([], { maxBatchEvents: 3 });
    await publisher.publishAll(["a", "b", "c", "d", "e", "f", "g"].map((id) => usage(id)));
    expect(door.requests.map((events) => events.map(({ id }) => id).join(""))).toEqual(["abc", "def", "g"]);
    const small = await world([], { maxBatchBytes: 500 });
    await small.publisher.publishAll(["a", "b", "c"].map((id) => usage(id)));
    expect(small.door.requests.map((events) => Buffer.byteLength(JSON.stringify(events)) <= 500)).toEqual([
      true,
      true,
    ]);
  });

  test("wait a moment for others, but not once they are full", async () => {
    const { publisher, pauses } = await world([], { maxBatchEvents: 2, delayMs: 321 });
    await publisher.publish(usage("a"));
    expect(pauses).toEqual([321]);
    await publisher.publish(usage("b"));
    await publisher.flush();
    await Promise.all([publisher.publish(usage("c")), publisher.publish(usage("d"))]);
    await publisher.flush();
    expect(pauses.length).toBeLessThanOrEqual(2);
  });
});

describe("a full buffer", () => {
  test("says no, or lets wait, and lets in those who wait in their order", async () => {
    const { door, publisher } = await world(["away"], { maxBufferedEvents: 2 });
    expect([usage("a"), usage("b"), usage("c")].map((each) => publisher.tryPublish(each))).toEqual([
      "a",
      "b",
      undefined,
    ]);
    const waiting = [publisher.publish(usage("d")), publisher.publish(usage("e"))];
    expect(publisher.tryPublish(usage("f"))).toBeUndefined();
    expect(await Promise.all(waiting)).toEqual(["d", "e"]);
    await publisher.flush();
    expect([...door.stored.keys()]).toEqual(["a", "b", "d", "e"]);
  });

  test("is as full as its bytes", async () => {
    const { publisher } = await world([], { maxBufferedBytes: 500 });
    const taken = ["a", "b", "c", "d"].map((id) => publisher.tryPublish(usage(id)));
    expect(taken).toEqual(["a", "b", undefined, undefined]);
    // What is small does not pass by what is large and came first.
    const { publisher: other } = await world([], { maxBufferedBytes: 500 });
    expect(other.tryPublish(usage("a"))).toBe("a");
    const large = other.publish({ ...usage("b"), tags: { team: "x".repeat(200) } });
    expect(other.tryPublish(usage("c"))).toBeUndefined();
    expect(await large).toBe("b");
  });

  test("takes ten thousand events in a few requests", async () => {
    const { door, publisher } = await world();
    const many = Array.from({ length: 10_000 }, (_, index) => usage(`e-${index}`));
    expect(await publisher.publishAll(many)).toMatchObject({ accepted: 10_000 });
    expect(door.requests.length).toBe(10);
  });
});

const turns = fc.array(
  fc.constantFrom<Turn>(
    ...([
      "take",
      "reset-after-effect",
      "reset-before-effect",
      "away",
      "fail-some",
      "forbid",
      "throttle",
    ] as const),
    ...(["garble", "leave-out", "contradict", "too-large", "unreadable", "other-type"] as const),
  ),
  { maxLength: 12 },
);

test("whatever the door does, every event is settled once: stored under its id, refused, or given back", async () => {
  await fc.assert(
    fc.asyncProperty(
      turns,
      fc.array(fc.constantFrom("1", "2.5", "666"), { minLength: 1, maxLength: 25 }),
      fc.integer({ min: 1, max: 7 }),
      fc.boolean(),
      async (script, quantities, maxBatchEvents, closeEarly) => {
        const { door, publisher, refused } = await world(script, { maxBatchEvents, maxBufferedEvents: 6 });
        const handed: string[] = [];
        const all = Promise.all(
          quantities.map(async (quantity, index) => {
            const id = await publisher.publish(usage(`e-${index}`, quantity)).catch(() => undefined);
            if (id !== undefined) handed.push(id);
          }),
        );
        if (!closeEarly) await all.then(() => publisher.flush());
        const { left } = await publisher.close(closeEarly ? 0 : 1_000);
        await all;
        await new Promise(setImmediate);
        const gone = new Set([...refused.map(([id]) => id), ...left.map(({ id }) => id)]);
        const settled = [...refused.map(([id]) => id), ...left.map(({ id }) => id)];
        expect(settled.length).toBe(gone.size);
        for (const id of handed) expect(gone.has(id) || door.stored.has(id)).toBe(true);
        // Nobody was sent again who had been told, and nobody was told twice.
        expect(new Set(door.told).size).toBe(door.told.length);
        if (!closeEarly) expect(left).toEqual([]);
        await door.close();
      },
    ),
    { numRuns: 60 },
  );
});
