import { describe, expect, test } from "vitest";
import type { Entitlement } from "../entitlement/entitlement.ts";
import { customerIdOf } from "../lifecycle/customer.ts";
import type { Fact } from "../lifecycle/fact.ts";
import type { Subscription } from "../lifecycle/subscription.ts";
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
import { lifecycleWorld } from "../memory/lifecycle-world.ts";
import { fixedClock } from "../time/clock.ts";
import { askAccess } from "./ask.ts";

const now = at("2027-02-01T00:00:00Z");
const customerId = customerIdOf({ buyerAccountId });
const [second, third] = ["l-22222222222222222222", "l-33333333333333333333"] as const;

/** A world after facts, and what it answers. */
async function after(facts: readonly Fact[], sold: Record<string, readonly Entitlement[]> = {}) {
  const entitlementsAt = ({ id }: Subscription) => sold[id] ?? [];
  const world = lifecycleWorld({ entitlementsAt, startsAt: now });
  for (const fact of facts) await world.record(fact);
  await world.settle();
  const ports = { store: world.store, clock: fixedClock(now) };
  return (subject: string, product?: string) => askAccess(ports, exampleConfiguration, { subject, product });
}

const seats = (value: number) => [{ dimension: "seats", value }];
const began = example.licenseUpdated("f-1", "2026-08-20T10:00:00Z");
const registered = example.registered("f-2", "2026-08-20T10:01:00Z", { reference: "acme" });
const mail = example.subscribeSucceeded("f-3", "2026-08-20T10:02:00Z");
const mailRegistered = example.registered("f-4", "2026-08-20T10:03:00Z", {
  ...{ productCode: mailerCode, customerIdentifier, licenseArn: undefined },
});
const more = (id: string, licenseArnOfIt: string, agreementId: string) =>
  example.licenseUpdated(id, "2026-08-20T11:00:00Z", { licenseArn: licenseArnOfIt, agreementId });
const moreRegistered = (id: string, licenseArnOfIt: string) =>
  example.registered(id, "2026-08-20T11:01:00Z", { licenseArn: licenseArnOfIt });

describe("a subject", () => {
  test.each([
    ["a license", licenseId],
    ["a license's ARN", licenseArn],
    ["a customer", customerId],
    ["the seller's reference", "acme"],
  ])("that is %s is answered as usage under it would be counted", async (_, subject) => {
    const ask = await after([began, registered], { [licenseId]: seats(5) });
    const answer = await ask(subject);
    expect(answer).toMatchObject({ subject, allowed: true, asOf: now });
    expect(answer.products).toMatchObject([
      {
        ...{ productCode: analyticsCode, allowed: true, metered: ["events_ingested", "gb_stored"] },
        subscriptions: [{ subscriptionId: licenseId, customerId, entitlements: seats(5) }],
      },
    ]);
  });

  test("that is a subscription of an old listing is asked by its id", async () => {
    const ask = await after([mail, mailRegistered]);
    expect(await ask(`${mailerCode}/${customerIdentifier}`)).toMatchObject({ allowed: true });
  });

  test("that nobody knows may use nothing", async () => {
    const ask = await after([began, registered], { [licenseId]: seats(5) });
    for (const subject of ["l-99999999999999999999", "cus-unknown", "nobody"])
      expect(await ask(subject)).toEqual({
        ...{ subject, asOf: now, allowed: false, reason: "unknown-subject", products: [] },
      });
  });

  test("of which there is only what does not decide for its listing may use nothing", async () => {
    // Told over EventBridge, of a listing that SNS decides for.
    const ask = await after([
      example.licenseUpdated("f-1", "2026-08-20T10:00:00Z", { productCode: mailerCode }),
    ]);
    expect(await ask(licenseId)).toMatchObject({ allowed: false, reason: "unknown-subject" });
  });
});

describe("a customer with several products", () => {
  const facts = [began, registered, mail, mailRegistered];

  test("is asked which one is meant, and told of each", async () => {
    const ask = await after(facts, { [licenseId]: seats(5) });
    const answer = await ask(customerId);
    expect(answer).toMatchObject({ allowed: false, reason: "several-products" });
    expect(answer.products.map(({ productCode, allowed }) => [productCode, allowed])).toEqual([
      [analyticsCode, true],
      [mailerCode, true],
    ]);
  });

  test("may use the one that is named if that one may be used", async () => {
    const ask = await after(facts);
    expect(await ask(customerId, mailerCode)).toMatchObject({ allowed: true });
    expect(await ask(customerId, analyticsCode)).toMatchObject({
      allowed: false,
      reason: "nothing-entitled",
    });
    expect(await ask(licenseId, mailerCode)).toMatchObject({ allowed: false, reason: "not-subscribed" });
  });
});

describe("a customer with several licenses of a product", () => {
  const facts = [began, registered, more("f-5", second, "agmt-2"), moreRegistered("f-6", second)];

  test("may use it while any of them gives it; quantities stay with their licenses", async () => {
    const ask = await after(facts, { [licenseId]: seats(5), [second]: seats(2) });
    const [product] = (await ask(customerId)).products;
    expect(
      product?.subscriptions.map(({ subscriptionId, entitlements }) => [
        subscriptionId,
        entitlements[0]?.value,
      ]),
    )
      // By id.
      .toEqual([
        [licenseId, 5],
        [second, 2],
      ]);
    const one = await after(facts, { [second]: seats(2) });
    expect(await one(customerId)).toMatchObject({
      allowed: true,
      products: [{ subscriptions: [{ allowed: false, reason: "nothing-entitled" }, { allowed: true }] }],
    });
    expect(await one(licenseId)).toMatchObject({ allowed: false, reason: "nothing-entitled" });
  });

  test("is told the reason that is nearest to a yes", async () => {
    const gone = example.licenseDeprovisioned("f-7", "2026-09-01T00:00:00Z");
    const ask = await after([...facts, gone]);
    expect(await ask(customerId)).toMatchObject({ allowed: false, reason: "nothing-entitled" });
  });

  test("and more than are looked at is asked about by license", async () => {
    const many = Array.from({ length: 101 }, (_, index) => `l-${String(index).padStart(20, "0")}`);
    const all = many.flatMap((license, index) => [
      more(`f-${license}`, license, `agmt-${index}`),
      moreRegistered(`r-${license}`, license),
    ]);
    const ask = await after(all, Object.fromEntries(many.map((license) => [license, seats(1)])));
    expect(await ask(customerId)).toMatchObject({
      ...{ allowed: false, reason: "too-many-subscriptions", products: [] },
    });
    expect(await ask(many[0] ?? "")).toMatchObject({ allowed: true });
  });
});

describe("a renewal under a new license", () => {
  const renewal = example.agreementCreated("f-renewal", "2026-12-31T23:00:00Z", {
    ...{ agreementId: "agmt-2", intent: "RENEW", previousAgreementId: "agmt-1" },
  });
  const heir = example.licenseUpdated("f-heir", "2027-01-01T00:00:10Z", {
    ...{ licenseArn: second, agreementId: "agmt-2" },
  });
  const facts = [began, registered, renewal, heir];

  test("counts instead of the license before, also when nobody told that one's end", async () => {
    const ask = await after(facts, { [licenseId]: seats(50), [second]: seats(2) });
    for (const subject of [licenseId, customerId])
      expect((await ask(subject)).products).toMatchObject([
        {
          allowed: true,
          subscriptions: [
            { subscriptionId: licenseId, allowed: false, reason: "succeeded", entitlements: [] },
            { subscriptionId: second, allowed: true, entitlements: seats(2) },
          ],
        },
      ]);
  });

  test("that gives nothing is not made up for by the license before", async () => {
    const ask = await after(facts, { [licenseId]: seats(50) });
    expect(await ask(customerId)).toMatchObject({ allowed: false, reason: "nothing-entitled" });
    const ended = example.licenseDeprovisioned("f-end", "2027-01-20T00:00:00Z", {
      ...{ licenseArn: second, agreementId: "agmt-2" },
    });
    const over = await after([...facts, ended], { [licenseId]: seats(50), [second]: seats(2) });
    expect(await over(customerId)).toMatchObject({ allowed: false, reason: "succeeded" });
  });

  test("that was made for later takes nothing from the buyer until then", async () => {
    const world = lifecycleWorld({
      entitlementsAt: ({ id }) => (id === licenseId ? seats(50) : seats(2)),
      startsAt: now,
    });
    const startsAt = at("2027-03-01T00:00:00Z");
    for (const fact of [began, registered, { ...renewal, startsAt }, heir]) await world.record(fact);
    await world.work();
    const ports = { store: world.store, clock: fixedClock(now) };
    expect(await askAccess(ports, exampleConfiguration, { subject: customerId })).toMatchObject({
      allowed: true,
      products: [
        { subscriptions: [{ allowed: true, entitlements: seats(50) }, { reason: "grant-pending" }] },
      ],
    });
  });

  test("of which AWS has not said what was bought leaves the buyer what they had", async () => {
    const entitlementsAt = ({ id }: Subscription) => (id === licenseId ? seats(50) : []);
    const world = lifecycleWorld({ entitlementsAt, startsAt: now });
    for (const fact of facts) await world.record(fact);
    await world.work();
    const ports = { store: world.store, clock: fixedClock(now) };
    const answer = await askAccess(ports, exampleConfiguration, { subject: customerId });
    expect(answer).toMatchObject({
      allowed: true,
      products: [{ subscriptions: [{ allowed: true }, { reason: "entitlements-awaited" }] }],
    });
  });

  test("of a renewal is followed from the first license", async () => {
    const further = [
      example.agreementCreated("f-3", "2027-01-31T23:00:00Z", {
        ...{ agreementId: "agmt-3", intent: "RENEW", previousAgreementId: "agmt-2" },
      }),
      example.licenseUpdated("f-4", "2027-01-31T23:30:00Z", { licenseArn: third, agreementId: "agmt-3" }),
    ];
    const ask = await after([...facts, ...further], { [licenseId]: seats(1), [third]: seats(3) });
    expect(await ask(licenseId)).toMatchObject({
      allowed: true,
      products: [{ subscriptions: [{ reason: "succeeded" }, {}, { allowed: true, entitlements: seats(3) }] }],
    });
  });
});
