import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  archiveCode,
  at,
  customerIdentifier,
  example,
  exampleConfiguration,
  licenseArn,
  licenseId,
  mailerCode,
} from "../memory/example.ts";
import { licenseFact, marketFact, topicFact } from "../memory/history.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import { fixedClock } from "../time/clock.ts";
import type { Fact } from "./fact.ts";
import { recordFact } from "./record-fact.ts";
import { sameState, type SubscriptionId } from "./subscription.ts";
import { readTimeline, type Timeline, type TimelineOutcome } from "./timeline.ts";

const license = licenseId as string as SubscriptionId;
const topic = `${mailerCode}/${customerIdentifier}` as SubscriptionId;
const archived = `${archiveCode}/${customerIdentifier}` as SubscriptionId;
const renewedArn = licenseArn.replace("l-0", "l-f");
const renewed = licenseId.replace("l-0", "l-f") as SubscriptionId;

async function outcomeOf(facts: readonly Fact[], id: SubscriptionId): Promise<TimelineOutcome> {
  const { store } = memoryLifecycle();
  const ports = {
    store,
    waker: { wake: () => Promise.resolve() },
    clock: fixedClock(at("2026-08-20T10:01:00Z")),
  };
  for (const fact of facts) await recordFact(ports, exampleConfiguration, fact);
  return readTimeline(store, exampleConfiguration, id);
}

async function timelineOf(facts: readonly Fact[], id = license): Promise<Timeline> {
  const outcome = await outcomeOf(facts, id);
  if (outcome.kind !== "told") throw new Error(`nothing is told, but ${outcome.kind}`);
  return outcome;
}

const reasons = ({ steps }: Timeline) =>
  Object.fromEntries(steps.map((each) => [each.fact.id, each.unchanged]));

const day = (hour: number) => `2026-08-20T${String(hour).padStart(2, "0")}:00:00Z`;
const granted = [example.agreementCreated("created", day(8)), example.licenseUpdated("given", day(9))];

describe("a timeline", () => {
  test.each([
    ["of a license", license, licenseFact],
    ["of an old listing's customer", topic, topicFact],
    ["of whatever hangs together", license, marketFact],
  ])(
    "%s ends with the very state that is stored, and each step begins where the last one ended",
    async (_, id, factOf) => {
      const draws = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()), {
        minLength: 1,
        maxLength: 10,
      });
      await fc.assert(
        fc.asyncProperty(draws, async (rows) => {
          const facts = rows.map(factOf);
          const { store } = memoryLifecycle();
          const ports = { store, waker: { wake: () => Promise.resolve() }, clock: fixedClock(at(day(1))) };
          for (const fact of facts) await recordFact(ports, exampleConfiguration, fact);
          const outcome = await readTimeline(store, exampleConfiguration, id);
          const stored = await store.currentSubscription(id);
          if (outcome.kind !== "told") {
            expect(stored === undefined || outcome.kind === "owned").toBe(true);
            return;
          }
          expect(outcome.state).toEqual(stored);
          const { succeeds, succeededBy, ...folded } = outcome.state;
          const last = outcome.steps.at(-1);
          expect({ ...last?.after, succeeds, succeededBy }).toEqual({ ...folded, succeeds, succeededBy });
          outcome.steps.forEach((each, index) => {
            const previous = outcome.steps[index - 1];
            if (previous !== undefined) expect(each.before).toEqual(previous.after);
            expect(each.unchanged === undefined).toBe(!sameState(each.before, each.after));
          });
        }),
        { numRuns: 200 },
      );
    },
  );

  test("holds what is filed under the agreement, and says where each fact lies", async () => {
    const { steps } = await timelineOf([...granted, example.registered("visit", day(10))]);
    expect(steps.map(({ fact, filedUnder }) => [fact.id, filedUnder])).toEqual([
      ["created", { kind: "agreement", id: "agmt-1" }],
      ["given", { kind: "subscription", id: licenseId }],
      ["visit", { kind: "subscription", id: licenseId }],
    ]);
    expect(steps.map(({ after }) => after.grant.state)).toEqual(["pending", "active", "active"]);
  });

  test("holds the registration that waited under the buyer", async () => {
    const { steps } = await timelineOf([
      example.registered("visit", day(8), { licenseArn: undefined }),
      ...granted,
    ]);
    expect(steps.find(({ fact }) => fact.id === "visit")?.filedUnder.kind).toBe("buyer");
  });

  test("of a renewal under a new license holds the registration of the one before it", async () => {
    const { steps } = await timelineOf(
      [
        ...granted,
        example.registered("visit", day(10)),
        example.agreementCreated("renewal", day(11), {
          agreementId: "agmt-2",
          intent: "RENEW",
          previousAgreementId: "agmt-1",
        }),
        example.licenseUpdated("new-license", day(12), { agreementId: "agmt-2", licenseArn: renewedArn }),
      ],
      renewed,
    );
    expect(steps.find(({ fact }) => fact.id === "visit")?.filedUnder).toEqual({
      kind: "subscription",
      id: licenseId,
    });
    expect(steps.at(-1)?.after.registration).toBe("registered");
  });

  test("of a license that belongs to another subscription names that one", async () => {
    const facts = [
      example.registered("visit", day(8), { productCode: archiveCode, customerIdentifier }),
      example.licenseUpdated("given", day(9), { productCode: archiveCode }),
    ];
    expect(await outcomeOf(facts, license)).toEqual({
      kind: "owned",
      ownerId: archived,
    });
  });

  test("of nobody is unknown", async () => {
    expect(await outcomeOf([], license)).toEqual({ kind: "unknown" });
  });
});

describe("a fact that changed nothing says why:", () => {
  const moved = example.licenseUpdated("moved", day(10), { agreementId: "agmt-2" });
  test.each<[string, readonly Fact[], SubscriptionId?]>([
    ["other-agreement", [...granted, moved, example.agreementEnded("it", day(11))]],
    [
      "agreement-over",
      [...granted, example.agreementEnded("e", day(10)), example.licenseUpdated("it", day(11))],
    ],
    [
      "license-gone",
      [...granted, example.licenseDeprovisioned("gone", day(10)), example.licenseUpdated("it", day(11))],
    ],
    [
      "read-back",
      [
        example.registered("visit", day(7), { productCode: archiveCode, customerIdentifier }),
        example.subscribeSucceeded("s", day(8), { productCode: archiveCode }),
        example.licenseUpdated("given", day(8), { productCode: archiveCode }),
        example.unsubscribePending("e", day(9), { productCode: archiveCode }),
        example.licenseUpdated("it", "2026-08-20T09:59:00Z", { productCode: archiveCode, reconciled: true }),
      ],
      archived,
    ],
    ["moment-past", [...granted, example.windowElapsed("it", day(11))]],
    ["only-informs", [...granted, example.notice("it", day(11), { agreementId: "agmt-1" })]],
    ["nothing-new", [...granted, example.agreementEnded("it", day(11), { status: "RENEWED" })]],
    ["in-force", [example.subscribeSucceeded("s", day(9)), example.subscribeFailed("it", day(10))], topic],
    [
      "other-generation",
      [
        example.registered("visit", day(8), { productCode: archiveCode, customerIdentifier }),
        example.agreementEnded("it", "2026-08-19T10:00:00Z"),
        example.licenseUpdated("given", "2026-08-19T09:00:00Z", { productCode: archiveCode }),
      ],
      archived,
    ],
    [
      "other-license",
      [
        example.registered("visit", day(8), { productCode: archiveCode, customerIdentifier }),
        example.registered("visit2", day(8), {
          productCode: archiveCode,
          customerIdentifier,
          licenseArn: renewedArn,
        }),
        example.licenseUpdated("given", day(11), { productCode: archiveCode }),
        example.licenseUpdated("moved", day(12), { productCode: archiveCode, licenseArn: renewedArn }),
        example.licenseDeprovisioned("it", day(13), { productCode: archiveCode }),
      ],
      archived,
    ],
  ])("%s", async (reason, facts, id) => {
    expect(reasons(await timelineOf(facts, id))).toMatchObject({ it: reason });
  });

  test("a cancellation of the agreement that owns the license is no such fact", async () => {
    const told = await timelineOf([...granted, example.agreementEnded("it", day(11))]);
    expect(reasons(told)).toEqual({ created: undefined, given: undefined, it: undefined });
  });
});
