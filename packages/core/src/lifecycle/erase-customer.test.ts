import { describe, expect, test } from "vitest";
import {
  at,
  buyerAccountId,
  customerIdentifier,
  example,
  exampleConfiguration,
  mailerCode,
} from "../memory/example.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import { memoryQuarantine } from "../memory/quarantine.ts";
import { fixedClock } from "../time/clock.ts";
import { customerIdOf } from "./customer.ts";
import { eraseCustomer, type ErasePorts } from "./erase-customer.ts";
import type { Fact } from "./fact.ts";
import { recordFact } from "./record-fact.ts";
import type { SubscriptionId } from "./subscription.ts";

const id = customerIdOf({ buyerAccountId });
const buyer = { productCode: mailerCode, customerIdentifier, licenseArn: undefined };
const story: readonly Fact[] = [
  example.registered("f-1", "2026-08-20T10:00:00Z", buyer),
  example.subscribeSucceeded("f-2", "2026-08-20T10:00:00Z"),
];
const over = [
  example.unsubscribePending("f-3", "2026-08-20T12:00:00Z"),
  example.unsubscribeSucceeded("f-4", "2026-08-20T13:00:00Z"),
];

async function world(facts: readonly Fact[], bodies: readonly string[] = []) {
  const { store, outbox } = memoryLifecycle();
  const quarantine = memoryQuarantine();
  const clock = fixedClock(at("2026-09-01T00:00:00Z"));
  const waker = { wake: () => Promise.resolve() };
  for (const fact of facts) await recordFact({ store, clock, waker }, exampleConfiguration, fact);
  const quarantinedAt = at("2026-08-20T10:00:00Z");
  await quarantine.put(
    bodies.map((body, index) => ({ id: `q-${index}`, quarantinedAt, door: "intake", reason: "why", body })),
  );
  const left = async () =>
    (await quarantine.list(at("2026-09-01T00:00:00Z"), 1_000)).map((line) => line.id).toSorted();
  const ports: ErasePorts = { store, quarantine, clock };
  return {
    store,
    outbox,
    left,
    ports,
    erase: (change: Partial<ErasePorts> = {}) => eraseCustomer({ ...ports, ...change }, id),
  };
}

describe("a customer who is erased", () => {
  test("is named nowhere but in what the books rest on", async () => {
    const { store, outbox, erase } = await world([...story, ...over]);
    expect(await erase()).toEqual({ kind: "erased", quarantined: 0 });
    const customer = await store.loadCustomer(id);
    expect(customer).toMatchObject({ id, erasedAt: at("2026-09-01T00:00:00Z") });
    const events = (await outbox.undone(at("2030-01-01T00:00:00Z"), 100)).flatMap(({ task }) =>
      task.kind === "publish" && task.event.subject === id ? [task.event] : [],
    );
    const newest = events.toSorted((a, b) => b.data.version - a.data.version)[0];
    expect(newest).toMatchObject({ type: "customer.erased", data: { version: customer?.version } });
    expect(JSON.stringify(newest?.data)).not.toContain(buyerAccountId);
    expect(JSON.stringify(customer)).not.toMatch(new RegExp(`${buyerAccountId}|${customerIdentifier}`));
  });

  test("is found by the seller's reference no more, which stays in the fact that usage was attributed by", async () => {
    const named = example.registered("f-0", "2026-08-20T09:00:00Z", { ...buyer, reference: "tenant-42" });
    const { store, erase } = await world([named, ...story, ...over]);
    expect(await store.customersOf("tenant-42")).toEqual([id]);
    await erase();
    expect(await store.customersOf("tenant-42")).toEqual([]);
    expect(JSON.stringify(await store.loadCustomer(id))).not.toContain("tenant-42");
    const [subscriptionId] = await store.subscriptionsOf(id);
    const { facts } = await store.loadSubscription(subscriptionId ?? ("" as SubscriptionId));
    expect(facts.find((fact) => fact.id === "f-0")).toMatchObject({ reference: "tenant-42" });
  });

  test("leaves none of the quarantined messages that name it, and all others", async () => {
    const bodies = Array.from({ length: 250 }, (_, index) =>
      index % 2 === 0 ? `{"a":"${buyerAccountId}"}` : "{}",
    );
    const { erase, left } = await world([...story, ...over], [...bodies, `[${customerIdentifier}]`]);
    expect(await erase()).toEqual({ kind: "erased", quarantined: 126 });
    expect(await left()).toHaveLength(125);
  });

  test("must have no subscription for which usage can still be reported", async () => {
    for (const facts of [story, [...story, ...over.slice(0, 1)]]) {
      const { erase, store } = await world(facts);
      expect(await erase()).toMatchObject({
        kind: "refused",
        reason: "subscribed",
        subscriptionIds: [`${mailerCode}/${customerIdentifier}`],
      });
      expect(await store.loadCustomer(id)).toMatchObject({ buyerAccountId });
    }
  });

  test("and erased again stays erased since the first time", async () => {
    const { erase, store } = await world([...story, ...over]);
    await erase();
    expect(await erase({ clock: fixedClock(at("2027-01-01T00:00:00Z")) })).toMatchObject({ kind: "erased" });
    expect(await store.loadCustomer(id)).toMatchObject({ erasedAt: at("2026-09-01T00:00:00Z") });
  });

  test("after a crash between any two steps is erased by the next try", async () => {
    const { ports, erase, left, store } = await world([...story, ...over], [`{"a":"${buyerAccountId}"}`]);
    const broken = { storeCustomer: () => Promise.reject(new Error("crash")) };
    await expect(erase({ store: { ...ports.store, ...broken } })).rejects.toThrow("crash");
    expect(await erase()).toMatchObject({ kind: "erased" });
    expect(await left()).toEqual([]);
    expect(await store.loadCustomer(id)).not.toHaveProperty("buyerAccountId");
  });

  test("who comes back and registers is a customer again", async () => {
    const { ports, erase, store } = await world([...story, ...over]);
    await erase();
    const again = example.registered("f-9", "2026-10-01T00:00:00Z", buyer);
    await recordFact(
      { ...ports, store, waker: { wake: () => Promise.resolve() } },
      exampleConfiguration,
      again,
    );
    expect(await store.loadCustomer(id)).toMatchObject({ buyerAccountId, customerIdentifier });
    expect(await store.loadCustomer(id)).not.toHaveProperty("erasedAt");
  });

  test("must be known", async () => {
    expect(await (await world([])).erase()).toEqual({ kind: "refused", reason: "unknown" });
  });
});
