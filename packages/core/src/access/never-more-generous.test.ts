import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Configuration } from "../configuration/configuration.ts";
import type { Entitlement } from "../entitlement/entitlement.ts";
import type { Fact } from "../lifecycle/fact.ts";
import type { Subscription } from "../lifecycle/subscription.ts";
import { analyticsCode, at, exampleConfiguration } from "../memory/example.ts";
import { deliver, licenseFact, marketFact, topicFact } from "../memory/history.ts";
import { lifecycleWorld } from "../memory/lifecycle-world.ts";
import { fixedClock } from "../time/clock.ts";
import type { SubscriptionAccess } from "./access.ts";
import { askAccess } from "./ask.ts";

const configuration: Configuration = {
  ...exampleConfiguration,
  products: exampleConfiguration.products.map((product) => ({
    ...product,
    plans:
      product.code === analyticsCode ? [{ dimension: "seats", title: "Seats", features: ["search"] }] : [],
  })),
};

const rows = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 10 });
const picks = fc.array(fc.nat(), { maxLength: 20 });
const now = at("2026-08-21T00:00:00Z");

/** Something for some, and something else from one read to the next. */
const sold = ({ id, grant }: Subscription, asked: number): readonly Entitlement[] =>
  grant.state === "active" && (id.length + asked) % 3 !== 0
    ? [{ dimension: "seats", value: (id.length + asked) % 4 }]
    : [];

type World = ReturnType<typeof lifecycleWorld>;

/** Every answer about whoever is known, each told to have been held against what is stored. */
async function auditAnswers({ store, directory }: World) {
  const ports = { store, clock: fixedClock(now) };
  const customers = (await directory.customers(1_000)).items.map(({ id }) => id as string);
  const subscriptions = (await directory.subscriptions(1_000)).items;
  const subjects = [...customers, ...subscriptions.map(({ id }) => id as string)].toSorted();
  const answers = [];
  for (const subject of subjects)
    for (const product of [undefined, ...configuration.products.map(({ code }) => code)]) {
      const answer = await askAccess(ports, configuration, { subject, product });
      const parts = answer.products.flatMap((each) => each.subscriptions);
      for (const part of parts) await holdAgainst(store, part);
      for (const each of answer.products) {
        const allowed = each.subscriptions.filter((part) => part.allowed);
        expect(each.allowed).toBe(allowed.length > 0);
        expect(
          each.features.filter((one) => !allowed.some(({ features }) => features.includes(one))),
        ).toEqual([]);
      }
      if (answer.allowed) expect(answer.products.map(({ allowed }) => allowed)).toEqual([true]);
      answers.push(answer);
    }
  return answers;
}

/** What the answer says of one subscription, beside the state and the entitlements that are stored. */
async function holdAgainst(store: World["store"], part: SubscriptionAccess): Promise<void> {
  const { subscription, announced, version } = await store.loadSubscription(part.subscriptionId);
  const snapshot = await store.loadEntitlements(part.subscriptionId);
  expect([part.version, part.grant, part.entitlementsReadAt]).toEqual([
    version,
    subscription?.grant,
    snapshot?.readAt,
  ]);
  const given = [part.plans, part.features, part.metered, part.entitlements].flat();
  if (!part.allowed) {
    expect(given).toEqual([]);
    return;
  }
  expect(announced).toBe(true);
  expect(subscription?.grant.state).toBe("active");
  for (const { dimension, value } of part.entitlements)
    expect(snapshot?.entitlements).toContainEqual(expect.objectContaining({ dimension, value }));
  const bought = snapshot?.entitlements.some(({ value }) => Number(value) > 0) === true;
  if (part.productCode === analyticsCode) expect(bought).toBe(true);
  expect(part.features).toEqual(bought ? ["search"] : []);
}

async function tell(facts: readonly Fact[]) {
  let asked = 0;
  const world = lifecycleWorld({ configuration, entitlementsAt: (one) => sold(one, (asked += 1)) });
  for (const [index, fact] of facts.entries()) {
    await world.record(fact);
    if (index % 2 === 0) await world.work();
    await auditAnswers(world);
  }
  await world.settle();
  return auditAnswers(world);
}

describe.each([
  ["one license", licenseFact],
  ["one customer identifier", topicFact],
  ["a market of several buyers, licenses, agreements and both generations", marketFact],
])("the facts of %s", (_, factOf) => {
  test("never give more, after any of them and in any order, than the state and the entitlements that are stored", async () => {
    await fc.assert(
      fc.asyncProperty(rows, picks, async (drawn, order) => {
        await tell(deliver(drawn.map(factOf), order));
      }),
      { numRuns: 100 },
    );
  });
});
