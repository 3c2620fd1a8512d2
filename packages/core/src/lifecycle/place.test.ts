import { describe, expect, test } from "vitest";
import { analyticsCode, archiveCode, at, example, exampleConfiguration } from "../memory/example.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import { fixedClock } from "../time/clock.ts";
import { buyerIdOf } from "./buyer.ts";
import type { Fact } from "./fact.ts";
import { recordFact } from "./record-fact.ts";
import { customerKey, type SubscriptionId } from "./subscription.ts";

const [license, other] = ["l-11111111", "l-22222222"].map((id) => id as SubscriptionId) as [
  SubscriptionId,
  SubscriptionId,
];

async function after(...facts: readonly Fact[]) {
  const { store, directory } = memoryLifecycle();
  const ports = {
    store,
    clock: fixedClock(at("2026-08-20T12:00:00Z")),
    waker: { wake: () => Promise.resolve() },
  };
  for (const fact of facts) await recordFact(ports, exampleConfiguration, fact);
  const links = async () => (await store.loadSubscription(license)).links;
  const parked = async () => (await directory.parked(10)).items.map(({ why }) => why);
  const registration = async (id: SubscriptionId) => (await store.currentSubscription(id))?.registration;
  return { links, parked, registration };
}

describe("a license for which two are named", () => {
  test("belongs to one and the same customer identifier, whichever was named first", async () => {
    const named = ["X01", "X02"].map((customerIdentifier) =>
      example.registered(`f-${customerIdentifier}`, "2026-08-20T11:00:00Z", {
        ...{ productCode: archiveCode, licenseArn: license, customerIdentifier },
      }),
    );
    for (const facts of [named, named.toReversed()])
      expect((await (await after(...facts)).links()).ownerId).toBe(customerKey(archiveCode, "X01").id);
  });

  test("lies beside one and the same AWS account, whichever was named first", async () => {
    const named = ["111111111111", "222222222222"].map((buyerAccountId) =>
      example.licenseUpdated(`f-${buyerAccountId}`, "2026-08-20T11:00:00Z", {
        ...{ licenseArn: license, buyerAccountId },
      }),
    );
    for (const facts of [named, named.toReversed()])
      expect((await (await after(...facts)).links()).buyerId).toBe(buyerIdOf(analyticsCode, "111111111111"));
  });
});

test("a license that was registered by name is meant by no registration that waits", async () => {
  const seen = (licenseArn: string, time: string) =>
    example.licenseUpdated(`f-${licenseArn}`, time, { licenseArn, agreementId: `agmt-${licenseArn}` });
  const facts = [
    seen(license, "2026-08-20T10:00:00Z"),
    example.registered("f-named", "2026-08-20T10:01:00Z", { licenseArn: license }),
    example.registered("f-waits", "2026-08-20T10:02:00Z", { licenseArn: undefined }),
  ];
  expect(await (await after(...facts)).parked()).toEqual(["license-awaited"]);
  const { parked, registration } = await after(...facts, seen(other, "2026-08-20T10:03:00Z"));
  expect(await parked()).toEqual([]);
  expect(await registration(other)).toBe("registered");
});

describe("a fact about one license that changes which license a waiting registration means", () => {
  const waits = (time: string) => example.registered("f-waits", time, { licenseArn: undefined });
  const seen = (licenseArn: SubscriptionId, time: string) =>
    example.licenseUpdated(`f-${licenseArn}`, time, { licenseArn, agreementId: `agmt-${licenseArn}` });
  const registrations = async (...facts: Fact[]) => {
    const { registration } = await after(...facts);
    return [await registration(license), await registration(other)];
  };

  test("takes it from the other license, which has no agreement in common", async () => {
    const before = [waits("2026-08-20T10:00:00Z"), seen(license, "2026-08-20T10:05:00Z")];
    expect(await registrations(...before)).toEqual(["registered", undefined]);
    const earlier = seen(other, "2026-08-20T10:02:00Z");
    expect(await registrations(...before, earlier)).toEqual(["unregistered", "registered"]);
  });

  test("gives it to the other license, which has no agreement in common", async () => {
    const before = [
      seen(license, "2026-08-20T10:00:00Z"),
      seen(other, "2026-08-20T10:00:00Z"),
      waits("2026-08-20T10:05:00Z"),
    ];
    expect(await registrations(...before)).toEqual(["unregistered", "unregistered"]);
    const gone = example.licenseDeprovisioned("f-gone", "2026-08-20T10:03:00Z", {
      ...{ licenseArn: other, agreementId: `agmt-${other}` },
    });
    expect(await registrations(...before, gone)).toEqual(["registered", "unregistered"]);
  });
});
