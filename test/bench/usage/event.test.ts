import { parseUsageEvent, type UsageEvent } from "@tollhouse/core/usage/usage-event";
import { expect, test } from "vitest";
import * as z from "zod";
import { randomFrom } from "../lifecycle/message.ts";
import { accountName, inTurn, licenseOf, longTail, makeUsage } from "./event.ts";
import { firstHour } from "./world.ts";

const licenses = [licenseOf(1), licenseOf(2), licenseOf(3)];

function eventsOf(body: string): readonly UsageEvent[] {
  return z
    .array(z.unknown())
    .parse(JSON.parse(body))
    .map(parseUsageEvent)
    .map((event) => {
      if ("refused" in event) throw new Error(event.refused);
      return event;
    });
}

test("what must be counted is what the messages say, each event under an id of its own", () => {
  const usage = makeUsage(1);
  const pick = inTurn(licenses);
  const events = [100, 50].flatMap((count) => eventsOf(usage.message(firstHour, count, pick)));
  const said = new Map<string, bigint>();
  for (const { subject, dimension, quantity } of events) {
    const account = accountName(subject, dimension);
    said.set(account, (said.get(account) ?? 0n) + quantity);
  }
  expect(usage.sent).toEqual(said);
  expect(new Set(events.map(({ id }) => id)).size).toBe(150);
  expect(usage.sentEvents()).toBe(150);
});

test("the same seed gives the same messages, another seed others", () => {
  const message = (seed: number) => makeUsage(seed).message(firstHour, 3, () => licenseOf(1));
  expect(message(1)).toBe(message(1));
  expect(message(1)).not.toBe(message(2));
});

test("in a long tail the first license has about twice as much as the second, three times as much as the third", () => {
  const random = randomFrom(1);
  const pick = longTail(licenses);
  const drawn = Map.groupBy(
    Array.from({ length: 6_000 }, () => pick(random)),
    (license) => license,
  );
  const [first = 0, second = 0, third = 0] = licenses.map((license) => drawn.get(license)?.length ?? 0);
  expect(first / second).toBeCloseTo(2, 0);
  expect(first / third).toBeCloseTo(3, 0);
});
