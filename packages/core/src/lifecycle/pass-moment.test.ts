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
import { passMoment } from "./pass-moment.ts";
import type { Fact } from "./fact.ts";
import { recordFact, type RecordPorts } from "./record-fact.ts";
import type { SubscriptionId } from "./subscription.ts";

const license = licenseId as string as SubscriptionId;
const topic = `${mailerCode}/${customerIdentifier}` as SubscriptionId;
const began = example.licenseUpdated("f-1", "2026-08-20T10:00:00Z");
const ended = example.agreementEnded("f-2", "2026-08-20T14:00:00Z");
const someday = at("2030-01-01T00:00:00Z");

/** A buyer after some facts, and what the outbox asks for. */
async function world(...facts: Fact[]) {
  const { store, outbox } = memoryLifecycle();
  const clock = fixedClock(at("2026-08-20T14:00:30Z"));
  const ports: RecordPorts = { store, clock, waker: { wake: () => Promise.resolve() } };
  for (const fact of facts) await recordFact(ports, exampleConfiguration, fact);
  const windows = async () =>
    (await outbox.undone(someday, 100)).flatMap(({ task, dueAt }) =>
      task.kind === "elapse-window" ? [{ id: task.subscriptionId, dueAt }] : [],
    );
  const elapse = (id: SubscriptionId, deadline: string) =>
    passMoment(ports, exampleConfiguration, {
      kind: "elapse-window",
      subscriptionId: id,
      deadlineAt: at(deadline),
    });
  const grant = async (id = license) => (await store.currentSubscription(id))?.grant;
  const types = async () =>
    (await outbox.undone(someday, 100)).flatMap(({ task }) =>
      task.kind === "publish" ? [task.event.type] : [],
    );
  return {
    windows,
    elapse,
    grant,
    types,
    record: (fact: Fact) => recordFact(ports, exampleConfiguration, fact),
  };
}

describe("the final window", () => {
  test("asks to be ended at its deadline, in the transaction that began it", async () => {
    const { windows } = await world(began, ended);
    expect(await windows()).toEqual([{ id: license, dueAt: at("2026-08-20T15:00:00Z") }]);
  });

  test("that is over ends the subscription, says so, and says it once", async () => {
    const { elapse, grant, types } = await world(began, ended);
    expect(await elapse(license, "2026-08-20T15:00:00Z")).toMatchObject({ kind: "stored" });
    expect(await elapse(license, "2026-08-20T15:00:00Z")).toEqual({ kind: "known" });
    expect(await grant()).toMatchObject({ state: "ended", cutAt: at("2026-08-20T14:00:00Z") });
    expect((await types()).filter((type) => type === "subscription.ended")).toHaveLength(1);
  });

  test("of a buyer who came back in time ends nothing", async () => {
    const back = await world(
      example.subscribeSucceeded("f-1", "2026-08-20T10:00:00Z"),
      example.unsubscribePending("f-2", "2026-08-20T13:50:00Z"),
      example.subscribeSucceeded("f-3", "2026-08-20T14:10:00Z"),
    );
    await back.elapse(topic, "2026-08-20T14:50:00Z");
    expect(await back.grant(topic)).toEqual({ state: "active", since: at("2026-08-20T10:00:00Z") });
  });

  test("whose earlier sign of the end arrives late is asked to end earlier, and does", async () => {
    const { record, windows, elapse, grant } = await world(began, ended);
    await record(example.licenseDeprovisioned("f-0", "2026-08-20T13:59:00Z"));
    expect((await windows()).map(({ dueAt }) => dueAt)).toEqual([
      at("2026-08-20T14:59:00Z"),
      at("2026-08-20T15:00:00Z"),
    ]);
    await elapse(license, "2026-08-20T14:59:00Z");
    expect(await grant()).toMatchObject({ state: "ended", cutAt: at("2026-08-20T13:59:00Z") });
  });

  test("of a subscription that nobody knows is refused", async () => {
    const { elapse } = await world();
    expect(await elapse(license, "2026-08-20T15:00:00Z")).toMatchObject({ kind: "refused" });
  });
});
