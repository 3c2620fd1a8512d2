import { recordFact } from "@tollhouse/core/lifecycle/record-fact";
import { at, example, exampleConfiguration, licenseId } from "@tollhouse/core/memory/example";
import { memoryLifecycle } from "@tollhouse/core/memory/lifecycle-store";
import type { OutgoingEvent } from "@tollhouse/core/outbox/outgoing-event";
import { relayOutbox } from "@tollhouse/core/outbox/relay";
import { fixedClock } from "@tollhouse/core/time/clock";
import { expect, test } from "vitest";
import { timekeeper } from "./timekeeper.ts";

test("the end of a window is announced by the wake that it causes, without waiting for the schedule", async () => {
  const { store, outbox } = memoryLifecycle();
  const clock = fixedClock(at("2026-08-20T15:00:01Z"));
  let wakes = 0;
  const waker = {
    wake() {
      wakes += 1;
      return Promise.resolve();
    },
  };
  const ports = { store, clock, waker };
  await recordFact(ports, exampleConfiguration, example.licenseUpdated("f-1", "2026-08-20T10:00:00Z"));
  await recordFact(ports, exampleConfiguration, example.agreementEnded("f-2", "2026-08-20T14:00:00Z"));
  const published: OutgoingEvent[] = [];
  const relay = {
    outbox,
    clock,
    timekeeper: timekeeper(ports, exampleConfiguration),
    bus: {
      publish(events: readonly OutgoingEvent[]) {
        published.push(...events);
        return Promise.resolve(events.map(({ id }) => id));
      },
    },
    entitlementRequests: { request: <Id>(ids: readonly Id[]) => Promise.resolve(ids) },
    meterRequests: { request: <Id>(ids: readonly Id[]) => Promise.resolve(ids) },
    attributionRequests: { request: <Id>(ids: readonly Id[]) => Promise.resolve(ids) },
    mailroom: { deliver: <Id>(ids: readonly Id[]) => Promise.resolve(ids) },
  };
  while (wakes > 0) {
    wakes = 0;
    await relayOutbox(relay);
  }
  expect(published.map(({ type, subject }) => [type, subject])).toContainEqual([
    "subscription.ended",
    licenseId,
  ]);
});
