import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fact } from "../lifecycle/fact.ts";
import type { Subscription } from "../lifecycle/subscription.ts";
import { at, example, hour, licenseId } from "../memory/example.ts";
import { deliver, type Draw, licenseFact, marketFact, topicFact } from "../memory/history.ts";
import { lifecycleWorld } from "../memory/lifecycle-world.ts";
import type { OutgoingEvent } from "../outbox/outgoing-event.ts";
import { type Instant, instant, laterBy, minuteMs } from "../time/instant.ts";
import { hourStart } from "../time/utc-hour.ts";
import type { Entitlement } from "./entitlement.ts";

const rows = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 10 });
const picks = fc.array(fc.nat(), { maxLength: 20 });

/** What AWS has sold: something for every license until it is over. */
const sold = ({ id, grant }: Subscription): readonly Entitlement[] =>
  grant.state === "active"
    ? [
        { dimension: "seats", value: id.length },
        { dimension: "support", value: "gold" },
      ]
    : [];

/** What a consumer knows who keeps, for each subject, the event of the highest version. */
function known(events: readonly OutgoingEvent[]): ReadonlyMap<string, OutgoingEvent["data"]> {
  const newest = new Map<string, OutgoingEvent["data"]>();
  for (const { subject, data } of events)
    if (data.version > (newest.get(subject)?.version ?? 0)) newest.set(subject, data);
  return newest;
}

async function tell(facts: readonly Fact[]) {
  const world = lifecycleWorld({ entitlementsAt: sold });
  for (const [index, fact] of facts.entries()) {
    await world.record(fact);
    // Reads and events happen between the messages, now and then.
    if (index % 3 === 0) await world.work();
  }
  await world.settle();
  const subscriptions = (await world.directory.subscriptions(1_000)).items;
  const entitlements = await Promise.all(
    subscriptions.map(
      async ({ id }) => [id, (await world.store.loadEntitlements(id))?.entitlements ?? []] as const,
    ),
  );
  return { state: { subscriptions, entitlements }, heard: world.heard };
}

/** The same facts hours apart instead of seconds, so that windows and starts pass between them; we note these ourselves. */
const slowly =
  (factOf: (draw: Draw, index: number) => Fact) =>
  (draw: Draw, index: number): Fact => {
    const fact = factOf(draw, index);
    const isOurs = fact.kind === "window-elapsed" || fact.kind === "start-reached";
    const at = instant(hourStart(hour("2026-08-20T10")) + (fact.at - hourStart(hour("2026-08-20T10"))) * 700);
    return isOurs ? example.notice(fact.id, "2026-08-20T10:00:00Z") : { ...fact, at };
  };

describe.each([
  ["one license", licenseFact],
  ["one customer identifier", topicFact],
  ["one customer identifier, hours apart", slowly(topicFact)],
  ["one license, hours apart", slowly(licenseFact)],
  ["a market, hours apart", slowly(marketFact)],
  ["a market of several buyers, licenses, agreements and both generations", marketFact],
])("the facts of %s", (_, factOf) => {
  test("end in the same state and the same entitlements in any order and repetition, once all is done that follows", async () => {
    await fc.assert(
      fc.asyncProperty(rows, picks, async (drawn, order) => {
        const facts = drawn.map(factOf);
        const straight = await tell(facts);
        const mixed = await tell(deliver(facts, order));
        expect(mixed.state).toEqual(straight.state);
      }),
      { numRuns: 200 },
    );
  });

  test("tell a consumer who keeps the highest versions the final state and entitlements, in whatever order it hears", async () => {
    await fc.assert(
      fc.asyncProperty(rows, picks, fc.nat(), async (drawn, order, turn) => {
        const { heard, state } = await tell(deliver(drawn.map(factOf), order));
        const { entitlements, subscriptions } = state;
        const turned = heard.map((_event, index) => heard[(index * 7 + turn) % heard.length] ?? _event);
        const knows = known([...turned, ...heard.toReversed()]);
        for (const [id, value] of entitlements) {
          const data = knows.get(`${id}/entitlements`);
          const told = data !== undefined && "entitlements" in data ? data.entitlements : [];
          expect(told).toEqual(value);
        }
        const ids = new Set<string>(subscriptions.map(({ id }) => id));
        for (const [subject, data] of knows)
          if ("subscription" in data && !ids.has(subject))
            expect(data.subscription.grant.state).toBe("unknown");
        for (const { id, grant } of subscriptions) {
          const data = knows.get(id);
          const told =
            data !== undefined && "subscription" in data ? data.subscription.grant.state : "unknown";
          expect(told).toBe(grant.state);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("what AWS sells over time", () => {
  const began = at("2026-08-20T12:00:00Z");
  const change = fc.record({
    minute: fc.integer({ min: 0, max: 59 }),
    value: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  });

  test("is what is known in the end, whatever AWS answered meanwhile, also nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 6 }), async (changes) => {
        const truthAt = (now: Instant): readonly Entitlement[] => {
          const value = changes
            .toSorted((a, b) => a.minute - b.minute)
            .findLast(({ minute }) => laterBy(began, minute * minuteMs) <= now)?.value;
          return value === undefined ? [] : [{ dimension: "seats", value }];
        };
        const world = lifecycleWorld({
          entitlementsAt: (_subscription, now) => truthAt(now),
          startsAt: began,
        });
        await world.record(example.licenseUpdated("f-1", "2026-08-20T12:00:00Z"));
        await world.settle();
        const [only] = (await world.directory.subscriptions(1)).items;
        if (only === undefined) throw new Error(`${licenseId} is missing`);
        expect((await world.store.loadEntitlements(only.id))?.entitlements).toEqual(
          truthAt(at("2026-08-20T14:00:00Z")),
        );
      }),
      { numRuns: 300 },
    );
  });
});
