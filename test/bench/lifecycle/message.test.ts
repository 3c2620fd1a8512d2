import { readNotification } from "@tollhouse/aws/notification/read-notification";
import { expect, test } from "vitest";
import { makeSupply } from "./message.ts";

/** As a run uses them: messages in parts, and registrations in between. */
function story(seed: number) {
  const supply = makeSupply(seed);
  return Array.from({ length: 10 }, () => ({
    bodies: supply.take(50),
    registrations: supply.registrations(),
  }));
}

test("the same seed gives the same messages, another seed others", () => {
  expect(story(1)).toEqual(story(1));
  expect(story(2)).not.toEqual(story(1));
});

test("every message is a fact to the intake, every kind occurs, and some are repeats", () => {
  const facts = story(1)
    .flatMap(({ bodies }) => bodies)
    .map((body) => {
      const reading = readNotification(body);
      return "fact" in reading ? reading.fact : undefined;
    });
  expect(facts).toHaveLength(500);
  expect([...new Set(facts.map((fact) => fact?.kind))].sort()).toEqual([
    "agreement-created",
    "agreement-ended",
    "license-deprovisioned",
    "license-updated",
    "subscribe-succeeded",
    "unsubscribe-pending",
    "unsubscribe-succeeded",
  ]);
  const different = new Set(facts.map((fact) => fact?.id)).size;
  expect(different).toBeGreaterThan(400);
  expect(different).toBeLessThan(500);
});
