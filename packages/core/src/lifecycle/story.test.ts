import { describe, expect, test } from "vitest";
import {
  analyticsCode,
  archiveCode,
  at,
  customerIdentifier,
  example,
  exampleConfiguration,
} from "../memory/example.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import { fixedClock } from "../time/clock.ts";
import type { Fact } from "./fact.ts";
import { recordFact } from "./record-fact.ts";
import type { AgreementRecord, SubscriptionRecord } from "./store.ts";
import { tell } from "./story.ts";
import { customerKey, type SubscriptionId } from "./subscription.ts";

const [first, second, third] = ["l-11111111", "l-22222222", "l-33333333"].map(
  (id) => id as SubscriptionId,
) as [SubscriptionId, SubscriptionId, SubscriptionId];
const customer = customerKey(archiveCode, customerIdentifier).id;

/** The states after facts, told in the given order. */
async function after(...facts: readonly Fact[]) {
  const { store } = memoryLifecycle();
  const ports = {
    store,
    clock: fixedClock(at("2026-08-20T12:00:00Z")),
    waker: { wake: () => Promise.resolve() },
  };
  for (const fact of facts) await recordFact(ports, exampleConfiguration, fact);
  return (id: SubscriptionId) => store.currentSubscription(id);
}

const license = (licenseArn: string, agreementId: string, productCode = analyticsCode) =>
  example.licenseUpdated(`f-${licenseArn}`, "2026-08-20T11:00:00Z", { licenseArn, agreementId, productCode });
const renewal = (agreementId: string, previousAgreementId: string) =>
  example.agreementCreated(`f-${agreementId}`, "2026-08-20T10:59:00Z", {
    ...{ agreementId, previousAgreementId, intent: "RENEW" },
  });
const tied = (licenseArn: string, given = {}) =>
  example.registered(`f-tied-${licenseArn}`, "2026-08-20T10:30:00Z", {
    ...{ productCode: archiveCode, licenseArn, customerIdentifier },
    ...given,
  });

describe("of several licenses of one agreement", () => {
  const two = [license(first, "agmt-1"), license(second, "agmt-1")];
  const heir = [renewal("agmt-2", "agmt-1"), license(third, "agmt-2")];

  test("one and the same is the one before the renewal, whichever was told first", async () => {
    for (const order of [two, two.toReversed()])
      expect(await (await after(...order, ...heir))(third)).toMatchObject({ succeeds: first });
  });

  test("only the one that the renewal names names the renewal in turn", async () => {
    const state = await after(...two, ...heir);
    expect(await state(first)).toMatchObject({ succeededBy: third });
    expect(await state(second)).not.toHaveProperty("succeededBy");
  });

  test("one and the same is the renewal, whichever was told first", async () => {
    const heirs = [license(second, "agmt-2"), license(third, "agmt-2")];
    for (const order of [heirs, heirs.toReversed()]) {
      const state = await after(license(first, "agmt-1"), renewal("agmt-2", "agmt-1"), ...order);
      expect(await state(first)).toMatchObject({ succeededBy: second });
    }
  });
});

describe("a license that belongs to a customer identifier", () => {
  test("is renewed as that customer's subscription: the new license inherits its registration", async () => {
    const state = await after(
      tied(first),
      license(first, "agmt-1", archiveCode),
      renewal("agmt-2", "agmt-1"),
      license(second, "agmt-2", archiveCode),
    );
    expect(await state(second)).toMatchObject({ succeeds: customer, registration: "registered" });
    expect(await state(customer)).toMatchObject({ succeededBy: second });
  });

  test("renews as that customer's subscription: the license before names the customer's as its renewal", async () => {
    const state = await after(
      tied(first, { customerIdentifier: undefined }),
      license(first, "agmt-1", archiveCode),
      renewal("agmt-2", "agmt-1"),
      license(second, "agmt-2", archiveCode),
      tied(second),
    );
    expect(await state(first)).toMatchObject({ succeededBy: customer });
    expect(await state(customer)).toMatchObject({ succeeds: first });
  });

  test("gives nothing to another one that was named for it as well", async () => {
    const other = tied(first, { id: "f-other", customerIdentifier: "Y02" });
    const given = license(first, "agmt-1", archiveCode);
    for (const order of [
      [tied(first), other, given],
      [given, tied(first), other],
      [given, other, tied(first)],
    ]) {
      const state = await after(...order);
      expect(await state(customer)).toMatchObject({ grant: { state: "active" }, licenseArn: first });
      const stranger = await state(customerKey(archiveCode, "Y02").id);
      expect(stranger?.grant).toEqual({ state: "unknown" });
      expect(stranger).not.toHaveProperty("agreementId");
    }
  });
});

/** Throws where a search that does not end would ask for ever. */
class AskedOften<Key, Value> extends Map<Key, Value> {
  private asked = 0;
  override get(key: Key): Value | undefined {
    this.asked += 1;
    if (this.asked > 10_000) throw new Error("the search does not end");
    return super.get(key);
  }
}

test("agreements that renew one another in a circle are each met once", () => {
  const subscription = (id: SubscriptionId, agreementId: string): [SubscriptionId, SubscriptionRecord] => [
    id,
    {
      ...{ version: 1, subscription: undefined, announced: true },
      links: { agreementIds: [agreementId], licenseIds: [] },
      facts: [license(id, agreementId)],
    },
  ];
  const agreement = (
    id: string,
    previous: string,
    subscriptionIds: readonly SubscriptionId[],
    successorIds: readonly string[],
  ): [string, AgreementRecord] => [
    id,
    { version: 1, links: { subscriptionIds, successorIds }, facts: [renewal(id, previous)] },
  ];
  const component = {
    subscriptions: new Map([subscription(first, "agmt-1"), subscription(third, "agmt-3")]),
    agreements: new AskedOften([
      agreement("agmt-1", "agmt-2", [first], ["agmt-2", "agmt-3"]),
      agreement("agmt-2", "agmt-1", [], ["agmt-1"]),
      agreement("agmt-3", "agmt-1", [third], []),
    ]),
    buyers: new Map(),
  };
  expect(tell(component, exampleConfiguration, third)?.state).toMatchObject({
    grant: { state: "active" },
    succeeds: first,
  });
});
