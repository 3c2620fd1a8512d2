import { describe, expect, test } from "vitest";
import {
  analyticsCode,
  archiveCode,
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
  const { store, directory } = memoryLifecycle();
  const resolver = { resolve: () => Promise.resolve(answer) };
  const clock = fixedClock(at("2026-08-20T14:23:11Z"));
  const ports = { store, resolver, clock, waker: { wake: () => Promise.resolve() } };
  return { store, directory, ports, visit: (token: string) => register(ports, exampleConfiguration, token) };
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
      subscriptionId: licenseId,
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
    expect(await visit("token-1")).toMatchObject({ kind: "buyer-awaited" });
  });

  describe.each([undefined, "arn:aws:license-manager::294406891311:license:"])(
    "to which AWS names no license yet (%s)",
    (arn) => {
      const unnamed = { buyer: { ...buyer, licenseArn: arn } };
      const [first, second] = ["l-11111111111111111111", "l-22222222222222222222"];
      const seen = (id: string, time: string, licenseId = first) =>
        example.licenseUpdated(id, time, { licenseArn: licenseId, agreementId: `agmt-${id}` });

      test.each([
        ["before", "2026-08-20T14:23:00Z"],
        ["after", "2026-08-20T14:24:00Z"],
      ])("waits and joins the buyer's one license, seen %s the visit", async (_, time) => {
        for (const order of [0, 1]) {
          const { store, ports, visit } = world(unnamed);
          if (order === 0) expect(await visit("token-1")).toMatchObject({ kind: "license-awaited" });
          await recordFact(ports, exampleConfiguration, seen("f-1", time));
          if (order === 1) await visit("token-1");
          const { subscription } = await store.loadSubscription(first as SubscriptionId);
          expect(subscription).toMatchObject({ registration: "registered", grant: { state: "active" } });
        }
      });

      test("waits on while two licenses could be meant, until the same visit names one", async () => {
        const { store, ports, directory } = world(unnamed);
        const states = async () =>
          Promise.all(
            [first, second].map(
              async (id) => (await store.loadSubscription(id as SubscriptionId)).subscription?.registration,
            ),
          );
        await recordFact(ports, exampleConfiguration, seen("f-1", "2026-08-20T14:00:00Z"));
        await recordFact(ports, exampleConfiguration, seen("f-2", "2026-08-20T14:10:00Z", second));
        await register(ports, exampleConfiguration, "token-1");
        expect(await states()).toEqual(["unregistered", "unregistered"]);
        expect((await directory.parked(10)).items).toMatchObject([{ why: "license-awaited" }]);
        const named = { resolve: () => Promise.resolve({ buyer: { ...buyer, licenseArn: second } }) };
        await register({ ...ports, resolver: named }, exampleConfiguration, "token-1");
        expect(await states()).toEqual(["unregistered", "registered"]);
      });

      test("never means a license that is gone, and waits no more once the visit is settled", async () => {
        const { store, ports, directory } = world(unnamed);
        await recordFact(ports, exampleConfiguration, seen("f-1", "2026-08-20T13:00:00Z"));
        const gone = { licenseArn: first, agreementId: "agmt-f-1" };
        await recordFact(
          ports,
          exampleConfiguration,
          example.licenseDeprovisioned("f-2", "2026-08-20T13:30:00Z", gone),
        );
        await register(ports, exampleConfiguration, "token-1");
        const registrationOf = async (id: string) =>
          (await store.loadSubscription(id as SubscriptionId)).subscription?.registration;
        expect(await registrationOf(first)).toBe("unregistered");
        expect((await directory.parked(10)).items).toMatchObject([{ why: "license-awaited" }]);
        await recordFact(ports, exampleConfiguration, seen("f-3", "2026-08-20T14:24:00Z", second));
        expect(await registrationOf(second)).toBe("registered");
        expect((await directory.parked(10)).items).toEqual([]);
      });

      test("waits no more once AWS has named the license to the same visit", async () => {
        const { ports, directory } = world(unnamed);
        await register(ports, exampleConfiguration, "token-1");
        const named = { resolve: () => Promise.resolve({ buyer: { ...buyer, licenseArn: first } }) };
        await register({ ...ports, resolver: named }, exampleConfiguration, "token-1");
        expect((await directory.parked(10)).items).toEqual([]);
      });

      test("is undone for a license that it turns out not to mean", async () => {
        const { store, ports } = world(unnamed);
        await register(ports, exampleConfiguration, "token-1");
        await recordFact(ports, exampleConfiguration, seen("f-1", "2026-08-20T14:24:00Z"));
        const named = { resolve: () => Promise.resolve({ buyer: { ...buyer, licenseArn: second } }) };
        await register({ ...ports, resolver: named }, exampleConfiguration, "token-1");
        const { subscription } = await store.loadSubscription(first as SubscriptionId);
        expect(subscription).toMatchObject({ registration: "unregistered", grant: { state: "active" } });
      });

      test("never joins the license of another AWS account or another product", async () => {
        const { store, ports, visit } = world(unnamed);
        await visit("token-1");
        const others = [{ buyerAccountId: "999999999999" }, { productCode: archiveCode, licenseArn: second }];
        for (const [index, other] of others.entries())
          await recordFact(
            ports,
            exampleConfiguration,
            example.licenseUpdated(`f-${index}`, "2026-08-20T14:24:00Z", { licenseArn: first, ...other }),
          );
        for (const id of [first, second]) {
          const { subscription } = await store.loadSubscription(id as SubscriptionId);
          expect(subscription?.registration).toBe("unregistered");
        }
      });
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
