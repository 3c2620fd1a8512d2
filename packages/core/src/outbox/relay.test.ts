import { describe, expect, test } from "vitest";
import type { CustomerId } from "../lifecycle/customer.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { at } from "../memory/example.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import { fixedClock } from "../time/clock.ts";
import { laterBy } from "../time/instant.ts";
import type { OutboxEntry } from "./outbox.ts";
import { entitlementEvent } from "./outgoing-event.ts";
import { RelayError, type RelayPorts, relayOutbox } from "./relay.ts";

const dueAt = at("2026-08-20T14:23:11Z");

const publish = (id: string, ageMs = 0): OutboxEntry => ({
  id,
  dueAt: laterBy(dueAt, -ageMs),
  task: {
    kind: "publish",
    event: { ...entitlementEvent("entitlement.granted", "l-1" as SubscriptionId, [], 1, dueAt), id },
  },
});

const read = (id: string, subscriptionId = id, ageMs = 0): OutboxEntry => ({
  id,
  dueAt: laterBy(dueAt, -ageMs),
  task: { kind: "read-entitlements", subscriptionId: subscriptionId as SubscriptionId },
});

/** An outbox with these entries; bus and queue take what is not refused. */
async function world(entries: readonly OutboxEntry[], refuses: (id: string) => boolean = () => false) {
  const { store, outbox } = memoryLifecycle();
  const snapshot = {
    subscriptionId: "l-1" as SubscriptionId,
    readAt: dueAt,
    version: 1,
    entitlements: [],
  };
  await store.storeEntitlements(snapshot, entries);
  const offered: string[] = [];
  const published: string[] = [];
  const requested: string[] = [];
  const attributed: string[] = [];
  const metered: string[] = [];
  const written: string[] = [];
  const take = <Id extends string>(list: string[], ids: readonly Id[]) => {
    offered.push(...ids);
    const taken = ids.filter((id) => !refuses(id));
    list.push(...taken);
    return Promise.resolve(taken);
  };
  const ended: string[] = [];
  const ports: RelayPorts = {
    outbox,
    timekeeper: {
      async pass(moments) {
        const taken = await take(
          ended,
          moments.map(({ subscriptionId }) => subscriptionId),
        );
        return moments.filter(({ subscriptionId }) => taken.includes(subscriptionId));
      },
    },
    bus: {
      publish: (events) =>
        take(
          published,
          events.map(({ id }) => id),
        ),
    },
    entitlementRequests: { request: (ids) => take(requested, ids) },
    attributionRequests: { request: (ids) => take(attributed, ids) },
    meterRequests: { request: (ids) => take(metered, ids) },
    mailroom: { deliver: (ids) => take(written, ids) },
    clock: fixedClock(dueAt),
  };
  const left = async () => (await outbox.undone(laterBy(dueAt, 7_200_000), 10_000)).map(({ id }) => id);
  return { ports, offered, published, requested, attributed, metered, written, ended, left };
}

describe("the relay", () => {
  test("does every entry and leaves none", async () => {
    const { ports, published, requested, left } = await world([
      publish("e-1"),
      read("r-1", "l-1"),
      publish("e-2"),
    ]);
    expect(await relayOutbox(ports)).toEqual({ done: 3, refused: 0 });
    expect(published.toSorted()).toEqual(["e-1", "e-2"]);
    expect(requested).toEqual(["l-1"]);
    expect(await left()).toEqual([]);
  });

  test("empties an outbox of several rounds, each entry once", async () => {
    const { ports, published, left } = await world(
      Array.from({ length: 250 }, (_, index) => publish(`e-${index}`)),
    );
    expect(await relayOutbox(ports)).toEqual({ done: 250, refused: 0 });
    expect(new Set(published).size).toBe(250);
    expect(published).toHaveLength(250);
    expect(await left()).toEqual([]);
  });

  test("asks once for a subscription that several entries want read", async () => {
    const { ports, requested, left } = await world([
      read("r-1", "l-1"),
      read("r-2", "l-1"),
      read("r-3", "l-2"),
    ]);
    expect(await relayOutbox(ports)).toEqual({ done: 3, refused: 0 });
    expect(requested.toSorted()).toEqual(["l-1", "l-2"]);
    expect(await left()).toEqual([]);
  });

  test("asks once for waiting usage to be looked at, and for nothing else then", async () => {
    const look = (id: string): OutboxEntry => ({
      ...read(id),
      task: { kind: "attribute-usage", subscriptionId: "l-1" as SubscriptionId },
    });
    const { ports, requested, attributed, left } = await world([look("a-1"), look("a-2")]);
    expect(await relayOutbox(ports)).toEqual({ done: 2, refused: 0 });
    expect([requested, attributed]).toEqual([[], ["l-1"]]);
    expect(await left()).toEqual([]);
  });

  test("asks once for a mail to a customer, and keeps one that was not sent", async () => {
    const mail = (id: string, customer: string): OutboxEntry => ({
      ...read(id),
      task: { kind: "send-confirmation", customerId: customer as CustomerId },
    });
    const entries = [mail("m-1", "cus-1"), mail("m-2", "cus-1"), mail("m-3", "cus-bad")];
    const { ports, written, left } = await world(entries, (id) => id.endsWith("bad"));
    expect(await relayOutbox(ports)).toEqual({ done: 2, refused: 1 });
    expect(written).toEqual(["cus-1"]);
    expect(await left()).toEqual(["m-3"]);
  });

  test("keeps a request to look at waiting usage that the queue refused", async () => {
    const look: OutboxEntry = {
      ...read("a-1"),
      task: { kind: "attribute-usage", subscriptionId: "l-bad" as SubscriptionId },
    };
    const { ports, left } = await world([look], (id) => id.endsWith("bad"));
    expect(await relayOutbox(ports)).toEqual({ done: 0, refused: 1 });
    expect(await left()).toEqual(["a-1"]);
  });

  test("keeps what the bus or the queue refused, and does the others", async () => {
    const { ports, published, left } = await world(
      [publish("e-bad"), publish("e-good"), read("r-bad"), read("r-good")],
      (id) => id.endsWith("bad"),
    );
    expect(await relayOutbox(ports)).toEqual({ done: 2, refused: 2 });
    expect(published).toEqual(["e-good"]);
    expect((await left()).toSorted()).toEqual(["e-bad", "r-bad"]);
  });

  test("does young entries though hundreds of old ones are refused again and again", async () => {
    const old = Array.from({ length: 350 }, (_, index) => publish(`bad-${index}`, 60_000));
    const { ports, offered, published, left } = await world([...old, publish("e-young")], (id) =>
      id.startsWith("bad"),
    );
    expect(await relayOutbox(ports)).toEqual({ done: 1, refused: 350 });
    expect(published).toEqual(["e-young"]);
    expect(offered).toHaveLength(351);
    expect(await left()).toHaveLength(350);
  });

  test("publishes although the queue is down, marks it done, and then says that the queue is down", async () => {
    const { ports, published, left } = await world([read("r-1", "l-1", 60_000), publish("e-1")]);
    const down = { request: () => Promise.reject(new Error("the queue is down")) };
    const relayed = relayOutbox({ ...ports, entitlementRequests: down });
    await expect(relayed).rejects.toBeInstanceOf(RelayError);
    await expect(relayed).rejects.toMatchObject({ errors: [new Error("the queue is down")] });
    expect(published).toEqual(["e-1"]);
    expect(await left()).toEqual(["r-1"]);
  });

  test("asks for reads although the bus is down", async () => {
    const { ports, requested, left } = await world([publish("e-1"), read("r-1", "l-1")]);
    const down = { publish: () => Promise.reject(new Error("the bus is down")) };
    await expect(relayOutbox({ ...ports, bus: down })).rejects.toMatchObject({
      errors: [new Error("the bus is down")],
    });
    expect(requested).toEqual(["l-1"]);
    expect(await left()).toEqual(["e-1"]);
  });

  test("that dies before it noted what it did does it again, and loses nothing", async () => {
    const { ports, published, left } = await world([publish("e-1")]);
    const dies = { ...ports.outbox, done: () => Promise.reject(new Error("died")) };
    await expect(relayOutbox({ ...ports, outbox: dies })).rejects.toThrow("died");
    expect(await left()).toEqual(["e-1"]);
    await relayOutbox(ports);
    expect(published).toEqual(["e-1", "e-1"]);
    expect(await left()).toEqual([]);
  });

  test("of an empty outbox calls nobody", async () => {
    const { ports, published, requested } = await world([]);
    expect(await relayOutbox(ports)).toEqual({ done: 0, refused: 0 });
    expect([...published, ...requested]).toEqual([]);
  });
});

describe("a window", () => {
  const window = (id: string, afterMs: number): OutboxEntry => {
    const deadlineAt = laterBy(dueAt, afterMs);
    return {
      id,
      dueAt: deadlineAt,
      task: { kind: "elapse-window", subscriptionId: id as SubscriptionId, deadlineAt },
    };
  };

  test("is ended when its deadline has come and not before", async () => {
    const { ports, ended, left } = await world([window("l-1", 0), window("l-2", 1)]);
    expect(await relayOutbox(ports)).toEqual({ done: 1, refused: 0 });
    expect(ended).toEqual(["l-1"]);
    expect(await left()).toEqual(["l-2"]);
    await relayOutbox({ ...ports, clock: fixedClock(laterBy(dueAt, 1)) });
    expect(ended).toEqual(["l-1", "l-2"]);
  });

  test("that cannot be ended holds up no event", async () => {
    const { ports, published, left } = await world([window("l-1", 0), publish("e-1")]);
    const broken = { ...ports, timekeeper: { pass: () => Promise.reject(new Error("throttled")) } };
    await expect(relayOutbox(broken)).rejects.toThrow(RelayError);
    expect(published).toEqual(["e-1"]);
    expect(await left()).toEqual(["l-1"]);
  });
});
