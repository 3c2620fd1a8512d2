import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  at,
  buyerAccountId,
  customerIdentifier,
  example,
  exampleConfiguration,
  licenseArn,
  licenseId,
  mailerCode,
} from "../memory/example.ts";
import { deliver, licenseFact, marketFact, topicFact } from "../memory/history.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import type { OutgoingEvent } from "../outbox/outgoing-event.ts";
import { subscriptionEvent } from "../outbox/outgoing-event.ts";
import { fixedClock } from "../time/clock.ts";
import { customerIdOf } from "./customer.ts";
import type { Fact } from "./fact.ts";
import { ContentionError, recordFact, type RecordPorts } from "./record-fact.ts";
import type { LifecycleStore } from "./store.ts";
import type { SubscriptionId } from "./subscription.ts";

/** Later than anything here is due. */
const someday = at("2030-01-01T00:00:00Z");

const now = at("2026-08-20T10:01:00Z");
const license = licenseId as string as SubscriptionId;
const topic = `${mailerCode}/${customerIdentifier}` as SubscriptionId;

/** Ports in memory; `woken` counts how often the relay was asked to look. */
function world(change: (store: LifecycleStore) => LifecycleStore = (store) => store) {
  const { store, outbox, directory } = memoryLifecycle();
  const woken = { times: 0 };
  const waker = { wake: () => Promise.resolve(void (woken.times += 1)) };
  const ports: RecordPorts = { store: change(store), waker, clock: fixedClock(now) };
  const record = (fact: Fact) => recordFact(ports, exampleConfiguration, fact);
  const events = async (): Promise<readonly OutgoingEvent[]> =>
    (await outbox.undone(someday, 10_000)).flatMap(({ task }) =>
      task.kind === "publish" ? [task.event] : [],
    );
  return { store, outbox, directory, ports, record, events, woken };
}

type World = ReturnType<typeof world>;

/** A subscription as events tell it. */
function shown(event: OutgoingEvent): unknown {
  return "subscription" in event.data ? event.data.subscription : undefined;
}

/** What a consumer knows who keeps the event of the highest version. */
function newest(events: readonly OutgoingEvent[]): unknown {
  const [last] = events
    .filter((event) => "subscription" in event.data)
    .toSorted((a, b) => b.data.version - a.data.version);
  return last && shown(last);
}

async function stateOf({ store }: World, id: SubscriptionId): Promise<unknown> {
  const { subscription } = await store.loadSubscription(id);
  return subscription && shown(subscriptionEvent("subscription.updated", subscription, 1, now));
}

/** Every subscription there is, and who is a customer of which. */
async function wholeState({ directory, store }: World) {
  const { items } = await directory.subscriptions(1_000);
  const customers = (await directory.customers(1_000)).items.map((customer) => ({ ...customer, version: 0 }));
  const subscriptionsOf = await Promise.all(customers.map(async ({ id }) => store.subscriptionsOf(id)));
  return {
    subscriptions: items,
    customers,
    subscriptionsOf: subscriptionsOf.map((ids) => ids.toSorted()),
    parked: (await directory.parked(1_000)).items,
  };
}

const draws = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 8 });

describe.each([
  ["a license", license, licenseFact],
  ["a customer identifier", topic, topicFact],
])("facts of a subscription by %s", (_, id, factOf) => {
  test("end in the same state whatever order they come in and however often", async () => {
    await fc.assert(
      fc.asyncProperty(draws, fc.array(fc.nat(), { maxLength: 20 }), async (rows, picks) => {
        const facts = rows.map(factOf);
        const [straight, mixed] = [world(), world()];
        for (const fact of facts) await straight.record(fact);
        for (const fact of deliver(facts, picks)) await mixed.record(fact);
        expect(await stateOf(mixed, id)).toEqual(await stateOf(straight, id));
      }),
      { numRuns: 300 },
    );
  });

  test("end in the same state when all of them come at once", async () => {
    await fc.assert(
      fc.asyncProperty(draws, async (rows) => {
        const facts = rows.map(factOf);
        const [straight, racing] = [world(), world()];
        for (const fact of facts) await straight.record(fact);
        await Promise.all([...facts, ...facts].map((fact) => racing.record(fact).catch(() => undefined)));
        for (const fact of facts) await racing.record(fact);
        expect(await stateOf(racing, id)).toEqual(await stateOf(straight, id));
      }),
      { numRuns: 200 },
    );
  });

  test("tell a consumer who keeps the highest version the final state", async () => {
    await fc.assert(
      fc.asyncProperty(draws, fc.array(fc.nat(), { maxLength: 20 }), async (rows, picks) => {
        const one = world();
        for (const fact of deliver(rows.map(factOf), picks)) await one.record(fact);
        const events = await one.events();
        const said = newest(events);
        const state = await stateOf(one, id);
        if (said !== undefined) expect(said).toEqual(state);
        else if (state !== undefined)
          expect(state).toMatchObject({ registration: "unregistered", grant: { state: "unknown" } });
        expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe("facts of a market of many licenses, agreements and both generations", () => {
  const rows = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()), { minLength: 2, maxLength: 14 });
  const picks = fc.array(fc.nat(), { maxLength: 30 });

  test("end in the same state whatever order they come in and however often", async () => {
    await fc.assert(
      fc.asyncProperty(rows, picks, async (drawn, order) => {
        const facts = drawn.map(marketFact);
        const [straight, mixed] = [world(), world()];
        for (const fact of facts) await straight.record(fact);
        for (const fact of deliver(facts, order)) await mixed.record(fact);
        expect(await wholeState(mixed)).toEqual(await wholeState(straight));
      }),
      { numRuns: 1_000 },
    );
  });

  test("end in the same state when all of them come at once", async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (drawn) => {
        const facts = drawn.map(marketFact);
        const [straight, racing] = [world(), world()];
        for (const fact of facts) await straight.record(fact);
        await Promise.all([...facts, ...facts].map((fact) => racing.record(fact).catch(() => undefined)));
        for (const fact of facts) await racing.record(fact);
        expect(await wholeState(racing)).toEqual(await wholeState(straight));
      }),
      { numRuns: 300 },
    );
  });

  test("tell a consumer who keeps the highest version of each subject the final state of all", async () => {
    await fc.assert(
      fc.asyncProperty(rows, picks, async (drawn, order) => {
        const one = world();
        for (const fact of deliver(drawn.map(marketFact), order)) await one.record(fact);
        const events = await one.events();
        expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
        for (const { id, registration, grant } of (await one.directory.subscriptions(1_000)).items) {
          const said = newest(events.filter(({ subject }) => subject === id));
          if (said !== undefined) expect(said).toEqual(await stateOf(one, id));
          else
            expect({ registration, grant }).toEqual({
              registration: "unregistered",
              grant: { state: "unknown" },
            });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a fact", () => {
  test("that is known changes nothing and wakes nobody", async () => {
    const one = world();
    const fact = example.licenseUpdated("f-1", "2026-08-20T10:00:00Z");
    expect(await one.record(fact)).toEqual({ kind: "stored", subscriptionIds: [license] });
    const before = { state: await one.store.loadSubscription(license), events: await one.events() };
    expect(await one.record(fact)).toEqual({ kind: "known" });
    expect({ state: await one.store.loadSubscription(license), events: await one.events() }).toEqual(before);
    expect(one.woken.times).toBe(1);
  });

  test("about a product that is not configured is refused with the remedy, and nothing is stored", async () => {
    const one = world();
    const fact = example.licenseUpdated("f-1", "2026-08-20T10:00:00Z", { productCode: "unknown" });
    expect(await one.record(fact)).toEqual({
      kind: "refused",
      reason: expect.stringMatching(/product code unknown .*add the product, then replay/) as string,
    });
    expect((await one.store.loadSubscription(license)).version).toBe(0);
  });

  test.each([
    [
      "no license",
      example.licenseUpdated("f-1", "2026-08-20T10:00:00Z", { licenseArn: "arn:nothing" }),
      "no license",
    ],
    [
      "no customer identifier",
      example.registered("f-1", "2026-08-20T10:00:00Z", { productCode: mailerCode }),
      "no customer identifier",
    ],
  ])("with %s is refused, saying so", async (_, fact, missing) => {
    expect(await world().record(fact)).toEqual({
      kind: "refused",
      reason: expect.stringContaining(missing) as string,
    });
  });

  test("about a listing with topics is keyed by the customer even if it carries a license as well", async () => {
    const one = world();
    await one.record(example.subscribeSucceeded("f-1", "2026-08-20T10:00:00Z"));
    const both = { productCode: mailerCode, customerIdentifier, licenseArn };
    await one.record(example.registered("f-2", "2026-08-20T10:00:30Z", both));
    const { subscription } = await one.store.loadSubscription(topic);
    expect(subscription).toMatchObject({ registration: "registered", grant: { state: "active" } });
    expect(await one.store.loadSubscription(license)).toMatchObject({ announced: false });
  });

  test("about a subscription whose product was taken out of the configuration is refused, not swallowed", async () => {
    const one = world();
    await one.record(example.licenseUpdated("f-1", "2026-08-20T10:00:00Z"));
    const ended = example.agreementEnded("f-2", "2026-08-20T11:00:00Z");
    const without = { ...exampleConfiguration, products: exampleConfiguration.products.slice(0, 1) };
    expect(await recordFact(one.ports, without, ended)).toEqual({
      kind: "refused",
      reason: expect.stringContaining("put the product back") as string,
    });
    expect(await one.record(ended)).toMatchObject({ kind: "stored" });
    expect((await one.store.loadSubscription(license)).subscription?.grant.state).toBe("cancelling");
  });

  test("is not lost to other writers: after ten lost races it comes back as retryable", async () => {
    let refusals = 0;
    const busy = world((store) => ({
      ...store,
      commit: () => Promise.resolve((refusals += 1) > 0 ? "conflict" : "stored"),
    }));
    const recorded = busy.record(example.licenseUpdated("f-1", "2026-08-20T10:00:00Z"));
    await expect(recorded).rejects.toBeInstanceOf(ContentionError);
    await expect(recorded).rejects.toMatchObject({ retryable: true, code: "lifecycle-contention" });
    expect(refusals).toBe(10);
    expect(busy.woken.times).toBe(0);
  });
});

describe("an agreement's event", () => {
  const updated = (id: string, given = {}) => example.licenseUpdated(id, "2026-08-20T10:00:00Z", given);
  const ended = example.agreementEnded("f-ended", "2026-08-20T11:00:00Z");

  test("before any license is named waits, and then ends the license that is", async () => {
    const one = world();
    expect(await one.record(ended)).toEqual({ kind: "stored", subscriptionIds: [] });
    await one.record(updated("f-1"));
    expect((await one.store.loadSubscription(license)).subscription?.grant.state).toBe("cancelling");
  });

  test("reaches every license of the agreement, those before it and those after", async () => {
    const one = world();
    const [first, second] = ["l-11111111111111111111", "l-22222222222222222222"];
    await one.record(updated("f-1", { licenseArn: first }));
    expect(await one.record(ended)).toEqual({ kind: "stored", subscriptionIds: [first] });
    await one.record(updated("f-2", { licenseArn: second }));
    for (const id of [first, second]) {
      const { subscription } = await one.store.loadSubscription(id as SubscriptionId);
      expect(subscription?.grant.state).toBe("cancelling");
    }
    expect((await one.store.loadAgreement("agmt-1")).links.subscriptionIds).toEqual([first, second]);
  });

  test("is never matched by the buyer's account", async () => {
    const one = world();
    await one.record(updated("f-1"));
    await one.record(
      example.agreementEnded("f-2", "2026-08-20T11:00:00Z", {
        agreementId: "agmt-other",
        buyerAccountId: "123456789012",
      }),
    );
    expect((await one.store.loadSubscription(license)).subscription?.grant.state).toBe("active");
  });
});

describe("what is announced", () => {
  const types = async (...facts: Fact[]) => {
    const one = world();
    for (const fact of facts) await one.record(fact);
    return (await one.events()).map((event) => event.type);
  };
  const updated = example.licenseUpdated("f-1", "2026-08-20T10:00:00Z");

  test("is each step once, with the version and the whole state", async () => {
    const one = world();
    await one.record(updated);
    await one.record(example.registered("f-2", "2026-08-20T10:00:30Z"));
    await one.record(example.licenseDeprovisioned("f-3", "2026-08-20T12:00:00Z"));
    const events = await one.events();
    expect(events.map(({ id }) => id)).toEqual([
      `${licenseId}@1:subscription.activated`,
      `${licenseId}@2:subscription.registered`,
      `${customerIdOf({ buyerAccountId })}@1:customer.registered`,
      `${licenseId}@3:subscription.cancelling`,
    ]);
    expect(events[3]).toMatchObject({
      specversion: "1.0",
      subject: licenseId,
      time: "2026-08-20T12:00:00.000Z",
      data: {
        schema: 1,
        version: 3,
        subscription: {
          registration: "registered",
          grant: {
            state: "cancelling",
            since: "2026-08-20T10:00:00.000Z",
            cutAt: "2026-08-20T12:00:00.000Z",
            deadlineAt: "2026-08-20T13:00:00.000Z",
          },
        },
      },
    });
  });

  test("is nothing when nothing changed, and an update when no step was taken", async () => {
    expect(await types(updated, example.licenseUpdated("f-2", "2026-08-20T11:00:00Z"))).toEqual([
      "subscription.activated",
    ]);
    const otherOffer = example.licenseUpdated("f-2", "2026-08-20T11:00:00Z", { offerId: "offer-2" });
    expect(await types(updated, otherOffer)).toEqual(["subscription.activated", "subscription.updated"]);
  });

  test("asks for the entitlements of a product that sells some, once a fact may have changed them", async () => {
    const one = world();
    await one.record(updated);
    await one.record(example.registered("f-2", "2026-08-20T10:00:30Z"));
    const reads = (await one.outbox.undone(someday, 10))
      .map(({ task }) => task)
      .filter(({ kind }) => kind === "read-entitlements");
    expect(reads).toEqual(Array(2).fill({ kind: "read-entitlements", subscriptionId: license }));
    const due = async (time: string) =>
      (await one.outbox.undone(at(time), 100)).filter(({ task }) => task.kind === "read-entitlements").length;
    expect(await due("2026-08-20T10:05:59Z")).toBe(1);
    expect(await due("2026-08-20T10:06:00Z")).toBe(2);
  });
});

describe("a customer", () => {
  test("is the same for one AWS account, and keeps the first registration", async () => {
    const one = world();
    await one.record(example.registered("f-1", "2026-08-20T10:00:00Z"));
    await one.record(example.registered("f-2", "2026-08-21T10:00:00Z", { customerIdentifier }));
    const id = customerIdOf({ buyerAccountId: "123456789012" });
    expect(await one.store.loadCustomer(id)).toEqual({
      id,
      version: 2,
      buyerAccountId: "123456789012",
      customerIdentifier,
      registeredAt: at("2026-08-20T10:00:00Z"),
    });
    expect(await one.store.subscriptionsOf(id)).toEqual([license]);
  });

  test("without an account is known by AWS's old identifier, and by nothing else", () => {
    expect(customerIdOf({ customerIdentifier })).not.toBe(customerIdOf({ customerIdentifier: "X02" }));
    expect(customerIdOf({ buyerAccountId: customerIdentifier })).not.toBe(
      customerIdOf({ customerIdentifier }),
    );
    expect(customerIdOf({ buyerAccountId: "1", customerIdentifier })).toBe(
      customerIdOf({ buyerAccountId: "1" }),
    );
  });
});
