import { describe, expect, test } from "vitest";
import {
  analyticsCode,
  at,
  buyerAccountId,
  customerIdentifier,
  example,
  exampleConfiguration,
  licenseArn,
  licenseId,
  mailerCode,
} from "../memory/example.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import { fixedClock } from "../time/clock.ts";
import { recordFact } from "./record-fact.ts";
import { register, type ResolvedBuyer, type TokenResolver } from "./register.ts";
import type { SubscriptionId } from "./subscription.ts";

const license = licenseId as string as SubscriptionId;
const buyer: ResolvedBuyer = { productCode: analyticsCode, buyerAccountId, licenseArn };

function world(answer: Awaited<ReturnType<TokenResolver["resolve"]>> = { buyer }) {
  const { store } = memoryLifecycle();
  const resolver = { resolve: () => Promise.resolve(answer) };
  const clock = fixedClock(at("2026-08-20T14:23:11Z"));
  const ports = { store, resolver, clock, waker: { wake: () => Promise.resolve() } };
  return { store, ports, visit: (token: string) => register(ports, exampleConfiguration, token) };
}

describe("a registration", () => {
  test("registers the buyer whom AWS names, for the license whom AWS names", async () => {
    const { store, visit } = world();
    const registration = await visit("token-1");
    const { subscription } = await store.loadSubscription(license);
    expect(subscription).toMatchObject({
      registration: "registered",
      buyerAccountId,
      productCode: analyticsCode,
    });
    expect(registration).toEqual({
      kind: "registered",
      productCode: analyticsCode,
      customerId: subscription?.customerId,
    });
  });

  test("repeated with the same token changes nothing; a new visit is a new fact of the same customer", async () => {
    const { store, visit } = world();
    const first = await visit("token-1");
    expect(await visit("token-1")).toEqual(first);
    expect((await store.loadSubscription(license)).facts).toHaveLength(1);
    expect(await visit("token-2")).toEqual(first);
    expect((await store.loadSubscription(license)).facts).toHaveLength(2);
  });

  test("keeps the token nowhere", async () => {
    const { store, visit } = world();
    await visit("a-secret-token");
    expect(JSON.stringify(await store.loadSubscription(license))).not.toContain("a-secret-token");
  });

  test("may come before or after AWS's notification, with the same end", async () => {
    const notice = example.licenseUpdated("f-1", "2026-08-20T14:23:00Z");
    const [before, after] = [world(), world()];
    await before.visit("token-1");
    await recordFact(before.ports, exampleConfiguration, notice);
    await recordFact(after.ports, exampleConfiguration, notice);
    await after.visit("token-1");
    const [one, other] = [
      await before.store.loadSubscription(license),
      await after.store.loadSubscription(license),
    ];
    expect(one.subscription).toMatchObject({ registration: "registered", grant: { state: "active" } });
    expect(one.subscription).toEqual(other.subscription);
  });

  test("to which AWS names no buyer yet is asked again, since all such buyers would be one customer", async () => {
    const { visit } = world({
      buyer: { ...buyer, buyerAccountId: undefined, customerIdentifier: undefined },
    });
    expect(await visit("token-1")).toEqual({ kind: "license-awaited" });
  });

  test.each([undefined, "arn:aws:license-manager::294406891311:license:"])(
    "to which AWS names no license yet (%s) is asked again and stores nothing",
    async (arn) => {
      const { store, visit } = world({ buyer: { ...buyer, licenseArn: arn } });
      expect(await visit("token-1")).toEqual({ kind: "license-awaited" });
      expect((await store.loadSubscription(license)).version).toBe(0);
    },
  );

  test("of a listing with topics needs the customer identifier, not the license", async () => {
    const { visit } = world({ buyer: { productCode: mailerCode, customerIdentifier, buyerAccountId } });
    expect(await visit("token-1")).toMatchObject({ kind: "registered", productCode: mailerCode });
  });

  test.each(["expired", "invalid"] as const)("with a token that is %s is refused", async (refused) => {
    expect(await world({ refused }).visit("token-1")).toEqual({ kind: "refused", reason: refused });
  });

  test("for a product that is not configured is refused", async () => {
    const { visit } = world({ buyer: { ...buyer, productCode: "unknown" } });
    expect(await visit("token-1")).toEqual({ kind: "refused", reason: "unknown-product" });
  });
});
