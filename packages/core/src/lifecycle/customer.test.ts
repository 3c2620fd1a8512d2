import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, buyerAccountId, example, exampleConfiguration } from "../memory/example.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import { fixedClock } from "../time/clock.ts";
import { customerIdOf } from "./customer.ts";
import type { Fact } from "./fact.ts";
import { recordFact } from "./record-fact.ts";

const id = customerIdOf({ buyerAccountId });

async function world(facts: readonly Fact[]) {
  const { store, outbox } = memoryLifecycle();
  const ports = {
    store,
    clock: fixedClock(at("2026-09-01T00:00:00Z")),
    waker: { wake: () => Promise.resolve() },
  };
  for (const fact of facts) await recordFact(ports, exampleConfiguration, fact);
  const published = (await outbox.undone(at("2030-01-01T00:00:00Z"), 100)).flatMap(({ task }) =>
    task.kind === "publish" && task.event.type === "customer.registered" ? [task.event.data] : [],
  );
  return { store, published, customer: await store.loadCustomer(id) };
}

describe("a customer's reference", () => {
  test("is the latest registration's that names one, in whatever order they arrive", async () => {
    const facts = [
      example.registered("f-1", "2026-08-20T10:00:00Z", { reference: "first" }),
      example.registered("f-2", "2026-08-20T11:00:00Z", { reference: "second" }),
      example.registered("f-4", "2026-08-20T12:00:00Z", { reference: "third" }),
      example.registered("f-3", "2026-08-20T12:00:00Z", { reference: "same instant, smaller id" }),
      example.registered("f-5", "2026-08-20T13:00:00Z"),
    ];
    const orders = fc.shuffledSubarray([...facts, ...facts], { minLength: 2 * facts.length });
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        const { customer, store } = await world(order);
        expect(customer).toMatchObject({ reference: "third", registeredAt: at("2026-08-20T10:00:00Z") });
        expect(await store.customersOf("third")).toEqual([id]);
        expect(await store.customersOf("first")).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test("is told to the seller's services, and a registration that says nothing new is not", async () => {
    const { published } = await world([
      example.registered("f-1", "2026-08-20T10:00:00Z"),
      example.registered("f-2", "2026-08-20T11:00:00Z", { reference: "tenant-42" }),
      example.registered("f-3", "2026-08-20T12:00:00Z"),
    ]);
    expect(published).toMatchObject([
      { version: 1, customer: { id } },
      { version: 2, customer: { id, reference: "tenant-42" } },
    ]);
    expect(published).toHaveLength(2);
    expect(JSON.stringify(published)).not.toContain("referenced");
  });

  test("may be another customer's as well", async () => {
    const other = { buyerAccountId: "210987654321", licenseArn: "l-22222222222222222222" };
    const { store } = await world([
      example.registered("f-1", "2026-08-20T10:00:00Z", { reference: "tenant-42" }),
      example.registered("f-2", "2026-08-20T11:00:00Z", { reference: "tenant-42", ...other }),
    ]);
    expect(await store.customersOf("tenant-42")).toEqual([id, customerIdOf(other)].toSorted());
  });
});
