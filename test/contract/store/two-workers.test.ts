import type { Fact } from "@tollhouse/core/lifecycle/fact";
import { ContentionError, recordFact } from "@tollhouse/core/lifecycle/record-fact";
import { at, example, exampleConfiguration, licenseId } from "@tollhouse/core/memory/example";
import { type Draw, marketFact } from "@tollhouse/core/memory/history";
import { memoryLifecycle, type MemoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { fixedClock } from "@tollhouse/core/time/clock";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasJava } from "../../java.ts";
import { type Database, makeStores, startDatabase } from "./database.ts";

const ports = { clock: fixedClock(at("2026-08-20T12:00:00Z")), waker: { wake: () => Promise.resolve() } };

/** Files a fact as a queue's consumer does: what meets too many other writers comes again. */
async function file({ store }: MemoryLifecycle, fact: Fact): Promise<void> {
  try {
    await recordFact({ ...ports, store }, exampleConfiguration, fact);
  } catch (error) {
    if (!(error instanceof ContentionError)) throw error;
    await file({ store } as MemoryLifecycle, fact);
  }
}

async function stateOf({ directory }: MemoryLifecycle) {
  return {
    subscriptions: (await directory.subscriptions(1_000)).items,
    customers: (await directory.customers(1_000)).items.map((customer) => ({ ...customer, version: 0 })),
    parked: (await directory.parked(1_000)).items.map((line) => JSON.stringify(line)).toSorted(),
  };
}

describe.runIf(await hasJava("two workers on one DynamoDB"))("two workers on one DynamoDB", () => {
  let database: Database | undefined;
  beforeAll(async () => {
    database = await startDatabase();
  });
  afterAll(() => database?.stop());

  test("that take the same license's messages at once end where one worker ends", async () => {
    const { lifecycle } = await makeStores(database?.endpoint ?? "");
    const facts = [
      example.agreementCreated("f-1", "2026-08-20T09:59:00Z"),
      example.licenseUpdated("f-2", "2026-08-20T10:00:00Z"),
      example.registered("f-3", "2026-08-20T10:00:10Z"),
      example.agreementEnded("f-4", "2026-08-20T11:00:00Z"),
      example.licenseDeprovisioned("f-5", "2026-08-20T11:00:30Z"),
      example.windowElapsed("f-6", "2026-08-20T12:00:00Z"),
    ];
    await Promise.all([...facts, ...facts.toReversed()].map((fact) => file(lifecycle, fact)));
    const { subscription, facts: filed } = await lifecycle.store.loadSubscription(
      licenseId as string as SubscriptionId,
    );
    expect(subscription).toMatchObject({
      registration: "registered",
      grant: { state: "ended", cutAt: at("2026-08-20T11:00:00Z") },
    });
    expect(filed.map(({ id }) => id)).toEqual(["f-2", "f-3", "f-5", "f-6"]);
  });

  test("end with a whole market of generated facts where one worker in memory ends", async () => {
    const draw: fc.Arbitrary<Draw> = fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat());
    const histories = fc.sample(fc.array(draw, { minLength: 14, maxLength: 14 }), {
      numRuns: 12,
      seed: 20_261_121,
    });
    for (const [index, rows] of histories.entries()) {
      const facts = rows.map(marketFact);
      const straight = memoryLifecycle();
      for (const fact of facts) await file(straight, fact);
      const { lifecycle } = await makeStores(database?.endpoint ?? "");
      await Promise.all([...facts, ...facts.toReversed()].map((fact) => file(lifecycle, fact)));
      expect(await stateOf(lifecycle), `history ${index}`).toEqual(await stateOf(straight));
    }
  });
});
