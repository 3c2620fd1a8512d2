import { describe, expect, test } from "vitest";
import {
  at,
  customerIdentifier,
  example,
  exampleConfiguration,
  licenseId,
  mailerCode,
} from "../memory/example.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import { fixedClock } from "../time/clock.ts";
import type { Fact, FactId } from "./fact.ts";
import { recordFact } from "./record-fact.ts";
import type { SubscriptionId } from "./subscription.ts";

const license = licenseId as string as SubscriptionId;
const someday = at("2030-01-01T00:00:00Z");

/** What follows from facts about the example license. */
async function after(...facts: readonly Fact[]) {
  const { store, outbox } = memoryLifecycle();
  let woken = 0;
  const ports = {
    store,
    clock: fixedClock(at("2026-08-20T10:00:00Z")),
    waker: { wake: () => Promise.resolve(void (woken += 1)) },
  };
  for (const fact of facts) await recordFact(ports, exampleConfiguration, fact);
  const entries = await outbox.undone(someday, 1_000);
  const { version } = await store.loadSubscription(license);
  return {
    entries,
    /** How often the relay was asked to look. */
    woken,
    dueFor: (kind: string) => entries.filter(({ task }) => task.kind === kind).map(({ dueAt }) => dueAt),
    told: entries.flatMap(({ task }) => (task.kind === "publish" ? [task.event.type] : [])),
    /** Minutes after which the last change has the entitlements read. */
    reads: entries.flatMap(({ id }) => {
      const [, minutes] = id.split(`${license}@${version}:read-entitlements+`);
      return minutes === undefined ? [] : [Number(minutes)];
    }),
  };
}

const updated = example.licenseUpdated("f-updated", "2026-08-20T10:00:00Z");
const ended = example.agreementEnded("f-ended", "2026-08-20T11:00:00Z");
const registered = example.registered("f-registered", "2026-08-20T11:01:00Z");

describe("the end of a final window", () => {
  test("is waited for once, whatever else is learned of the subscription meanwhile", async () => {
    const { dueFor } = await after(updated, ended, registered);
    expect(dueFor("elapse-window")).toEqual([at("2026-08-20T12:00:00Z")]);
  });

  test("is waited for anew when an earlier end comes to light", async () => {
    const { dueFor } = await after(
      updated,
      ended,
      example.licenseDeprovisioned("f-gone", "2026-08-20T10:30:00Z"),
    );
    expect(dueFor("elapse-window")).toEqual([at("2026-08-20T11:30:00Z"), at("2026-08-20T12:00:00Z")]);
  });
});

describe("the start of an agreement made for later", () => {
  const [start, later] = [at("2026-09-01T00:00:00Z"), at("2026-09-15T00:00:00Z")];
  const made = example.agreementCreated("f-made", "2026-08-20T09:00:00Z", { startsAt: start });

  test("is waited for once, whatever else is learned of the subscription meanwhile", async () => {
    expect((await after(made, updated, registered)).dueFor("reach-start")).toEqual([start]);
  });

  test("is waited for anew when it is moved", async () => {
    const moved = example.agreementAmended("f-moved", "2026-08-20T12:00:00Z", { startsAt: later });
    expect((await after(made, updated, moved)).dueFor("reach-start")).toEqual([start, later]);
  });

  test("is told as news of the subscription, which is not in force yet", async () => {
    expect((await after(made, updated)).told).toEqual(["subscription.updated"]);
  });
});

describe("the entitlements are read", () => {
  const start = at("2026-09-01T00:00:00Z");
  const made = example.agreementCreated("f-made", "2026-08-20T09:00:00Z", { startsAt: start });
  test.each<[string, readonly Fact[], readonly number[]]>([
    ["twice after a license is given", [updated], [0, 5]],
    [
      "twice after it is changed",
      [updated, example.licenseUpdated("f", "2026-08-20T11:00:00Z", { offerId: "offer-2" })],
      [0, 5],
    ],
    [
      "twice after the start of what was made for later",
      [made, updated, example.startReached("f", "2026-09-01T00:00:00Z")],
      [0, 5],
    ],
    [
      "once after it is taken away",
      [updated, example.licenseDeprovisioned("f", "2026-08-20T11:00:00Z")],
      [0],
    ],
    ["once after its agreement ended", [updated, ended], [0]],
    [
      "once after its agreement was amended",
      [updated, example.agreementAmended("f", "2026-08-20T11:00:00Z", { autoRenews: true })],
      [0],
    ],
    [
      "once after its final window",
      [updated, ended, example.windowElapsed("f", "2026-08-20T12:00:00Z")],
      [0],
    ],
    ["not after a registration", [updated, registered], []],
    [
      "once after its agreement's terms became known: who read before could not tell one term from the next",
      [updated, example.agreementCreated("f", "2026-08-20T09:59:00Z", { endsAt: start })],
      [0],
    ],
  ])("%s", async (_, facts, minutes) => {
    expect((await after(...facts)).reads).toEqual(minutes);
  });
});

test("nothing is told of a subscription of which nothing is known but that it exists", async () => {
  const named: Fact = {
    ...{ kind: "entitlement-updated", id: "f-1" as FactId, at: at("2026-08-20T10:00:00Z") },
    ...{ productCode: mailerCode, customerIdentifier },
  };
  expect((await after(named)).told).toEqual([]);
  const began = example.subscribeSucceeded("f-2", "2026-08-20T10:00:01Z");
  expect((await after(named, began)).told).toEqual(["subscription.activated"]);
});

test("the relay is woken for a single thing that follows, and not for nothing", async () => {
  const one = await after(example.subscribeSucceeded("f-1", "2026-08-20T10:00:00Z"));
  expect(one.entries.map(({ task }) => task.kind)).toEqual(["publish", "attribute-usage"]);
  expect(one.woken).toBe(1);
  const none = await after(ended);
  expect(none.entries).toEqual([]);
  expect(none.woken).toBe(0);
});
