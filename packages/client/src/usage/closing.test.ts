import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { createUsagePublisher, PublisherClosedError, type ReportedUsage } from "./publisher.ts";
import { closingMs, usage, world } from "./publisher-world.ts";

describe("closing", () => {
  test("sends what is there, and takes nothing more", async () => {
    const { door, publisher } = await world();
    await publisher.publish(usage("a"));
    expect(await publisher.close()).toEqual({ left: [] });
    expect([...door.stored.keys()]).toEqual(["a"]);
    await expect(publisher.publish(usage("b"))).rejects.toThrow(PublisherClosedError);
    expect(() => publisher.tryPublish(usage("b"))).toThrow(PublisherClosedError);
    expect(await publisher.close()).toEqual({ left: [] });
  });

  test("gives what is not known to be stored, to be handed in again under its ids, and tells all who wait", async () => {
    const { publisher } = await world(["hang"], { maxBufferedEvents: 2, pause: () => Promise.resolve() });
    const handed = publisher.publishAll([usage("a"), usage("b")]);
    const flushed = expect(publisher.flush()).rejects.toThrow(PublisherClosedError);
    const outside = expect(publisher.publish(usage("c"))).rejects.toThrow(PublisherClosedError);
    const { left } = await publisher.close(1);
    expect(left.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(await handed).toEqual({ accepted: 0, refused: [], left });
    await Promise.all([flushed, outside]);

    const next = await world();
    const kept = JSON.parse(JSON.stringify(left)) as ReportedUsage[];
    expect(await next.publisher.publishAll(kept)).toMatchObject({ accepted: 2 });
    expect([...next.door.stored.values()]).toMatchObject(left.map(({ id, time }) => ({ id, time })));
  });
  test("ends the pause between two tries: the door is asked once more", async () => {
    const resting = Promise.withResolvers<undefined>();
    const { door, publisher } = await world(["away"], {
      pause: async (ms, signal) => {
        // The door asks for seven seconds.
        if (ms === 7_000) resting.resolve(undefined);
        if (signal !== undefined && [7_000, closingMs].includes(ms)) await once(signal, "abort");
      },
    });
    await publisher.publish(usage("a"));
    await resting.promise;
    expect(await publisher.close()).toEqual({ left: [] });
    expect([...door.stored.keys()]).toEqual(["a"]);
  });

  test("waits for a request under way, and gives nothing that it settles", async () => {
    const answers = Promise.withResolvers<Response>();
    const asked = Promise.withResolvers<undefined>();
    const publisher = createUsagePublisher({
      ...{ url: "http://door.example.com/usage", source: "mailer", delayMs: 0 },
      ...{ onRefused: () => undefined, onTrouble: () => undefined, pause: () => Promise.resolve() },
      // It answers after its time is over, as one does that was on its way already.
      fetch: (_, init) => {
        init?.signal?.addEventListener("abort", () =>
          answers.resolve(Response.json({ events: [{ index: 0, status: "accepted" }] })),
        );
        asked.resolve(undefined);
        return answers.promise;
      },
    });
    const handed = publisher.publishAll([usage("a")]);
    await asked.promise;
    expect(await publisher.close(1)).toEqual({ left: [] });
    expect(await handed).toMatchObject({ accepted: 1, left: [] });
  });

  test("gives also what `publishAll` was given and had no room, and of what waits to be taken over nothing", async () => {
    const { publisher } = await world(["hang"], { maxBufferedEvents: 2, pause: () => Promise.resolve() });
    const ids = ["a", "b", "c", "d"];
    const handed = publisher.publishAll(ids.map((id) => usage(id)));
    const outside = expect(publisher.publish(usage("e"))).rejects.toThrow(PublisherClosedError);
    const alsoHanded = publisher.publishAll([usage("f")]);
    const { left } = await publisher.close(1);
    expect(left.map(({ id }) => id)).toEqual([...ids, "f"]);
    expect((await handed).left.map(({ id }) => id)).toEqual(ids);
    expect((await alsoHanded).left.map(({ id }) => id)).toEqual(["f"]);
    await outside;
  });
});
