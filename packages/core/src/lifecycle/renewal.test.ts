import { describe, expect, test } from "vitest";
import { analyticsCode, at, buyerAccountId, example, exampleConfiguration } from "../memory/example.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import { fixedClock } from "../time/clock.ts";
import { customerIdOf } from "./customer.ts";
import type { Fact } from "./fact.ts";
import { passMoment } from "./pass-moment.ts";
import { recordFact, type RecordPorts } from "./record-fact.ts";
import type { SubscriptionId } from "./subscription.ts";

const [first, second, third] = [
  "l-11111111111111111111",
  "l-22222222222222222222",
  "l-33333333333333333333",
].map((id) => id as SubscriptionId) as [SubscriptionId, SubscriptionId, SubscriptionId];
const someday = at("2030-01-01T00:00:00Z");

/** A world after facts, told in the given order. */
async function after(...facts: Fact[]) {
  const { store, outbox } = memoryLifecycle();
  const ports: RecordPorts = {
    store,
    clock: fixedClock(at("2026-08-20T10:00:00Z")),
    waker: { wake: () => Promise.resolve() },
  };
  for (const fact of facts) await recordFact(ports, exampleConfiguration, fact);
  const types = async (subject: string) =>
    (await outbox.undone(someday, 1_000)).flatMap(({ task }) =>
      task.kind === "publish" && task.event.subject === subject ? [task.event.type] : [],
    );
  const state = (id: SubscriptionId) => store.currentSubscription(id);
  return { ports, outbox, types, state };
}

const license = (id: string, time: string, licenseArn: string, agreementId: string, more = {}) =>
  example.licenseUpdated(id, time, { licenseArn, agreementId, ...more });
const registered = example.registered("f-registered", "2026-01-01T10:01:00Z", { licenseArn: first });
const began = license("f-began", "2026-01-01T10:00:00Z", first, "agmt-1");
const renewal = example.agreementCreated("f-renewal", "2026-12-31T23:00:00Z", {
  agreementId: "agmt-2",
  intent: "RENEW",
  previousAgreementId: "agmt-1",
  startsAt: at("2027-01-01T00:00:00Z"),
  endsAt: at("2027-12-31T23:59:59.999Z"),
});
const oldEnded = example.agreementEnded("f-old-ended", "2027-01-01T00:00:05Z", { status: "RENEWED" });

describe("a renewal that keeps the license", () => {
  const goesOn = license("f-goes-on", "2027-01-01T00:00:10Z", first, "agmt-2");

  test("goes on without a gap, names its new term, and is told as a renewal, whatever order it is told in", async () => {
    const facts = [began, registered, renewal, goesOn, oldEnded];
    for (const order of [facts, facts.toReversed(), [goesOn, oldEnded, began, renewal, registered]]) {
      const { state } = await after(...order);
      expect(await state(first)).toMatchObject({
        grant: { state: "active", since: at("2026-01-01T10:00:00Z") },
        agreementId: "agmt-2",
        term: { intent: "RENEW", endsAt: at("2027-12-31T23:59:59.999Z") },
      });
    }
    const { types } = await after(...facts);
    expect(await types(first)).toEqual([
      "subscription.activated",
      "subscription.registered",
      "subscription.renewed",
    ]);
  });

  test("is ended by the end of its own agreement and not by that of the old one", async () => {
    const cancelled = (agreementId: string) =>
      example.agreementEnded(`f-${agreementId}`, "2027-02-01T00:00:00Z", { agreementId });
    expect((await (await after(began, renewal, goesOn, cancelled("agmt-1"))).state(first))?.grant.state).toBe(
      "active",
    );
    expect((await (await after(began, renewal, goesOn, cancelled("agmt-2"))).state(first))?.grant.state).toBe(
      "cancelling",
    );
  });
});

describe("a renewal under a new license", () => {
  const heir = license("f-heir", "2027-01-01T00:00:10Z", second, "agmt-2");
  const oldGone = example.licenseDeprovisioned("f-gone", "2027-01-01T00:00:40Z", {
    licenseArn: first,
    agreementId: "agmt-1",
  });
  const story = [began, registered, renewal, heir, oldEnded, oldGone];

  test("keeps the customer: the new license is registered with the old one's buyer, in any order", async () => {
    for (const order of [story, story.toReversed(), [heir, renewal, began, oldGone, registered, oldEnded]]) {
      const { state, types } = await after(...order);
      expect(await state(second)).toMatchObject({
        registration: "registered",
        customerId: customerIdOf({ buyerAccountId }),
        grant: { state: "active" },
        succeeds: first,
        identity: { by: "license", licenseArn: second },
      });
      expect(await state(first)).toMatchObject({ grant: { state: "cancelling" }, succeededBy: second });
      expect(await types(second)).toContain("subscription.registered");
    }
  });

  test("is told as a renewal of the old subscription, which names the new one", async () => {
    const { types } = await after(...story);
    expect(await types(first)).toContain("subscription.renewed");
  });

  test("keeps it over two renewals, also when the registration is told last", async () => {
    const further = [
      example.agreementCreated("f-3", "2027-12-31T23:00:00Z", {
        agreementId: "agmt-3",
        intent: "RENEW",
        previousAgreementId: "agmt-2",
      }),
      license("f-4", "2028-01-01T00:00:10Z", third, "agmt-3"),
    ];
    const { state } = await after(...story.filter((fact) => fact !== registered), ...further, registered);
    expect(await state(third)).toMatchObject({ registration: "registered", succeeds: second });
  });

  test.each([
    ["AWS account", { buyerAccountId: "999999999999" }],
    ["product", { productCode: exampleConfiguration.products[2]?.code ?? "" }],
  ])("of another %s inherits nothing", async (_, other) => {
    const stranger = license("f-heir", "2027-01-01T00:00:10Z", second, "agmt-2", other);
    const { state } = await after(began, registered, renewal, stranger);
    const heirState = await state(second);
    expect(heirState).not.toHaveProperty("succeeds");
    expect(heirState?.registration).toBe("unregistered");
  });

  test("lets the buyer's own registration of the new license win", async () => {
    const own = example.registered("f-own", "2027-01-02T00:00:00Z", {
      licenseArn: second,
      buyerAccountId: "555555555555",
    });
    const { state } = await after(...story, own);
    expect((await state(second))?.customerId).toBe(customerIdOf({ buyerAccountId: "555555555555" }));
  });
});

describe("an agreement made for later", () => {
  const startsAt = at("2026-09-01T00:00:00Z");
  const made = example.agreementCreated("f-1", "2026-08-20T10:00:00Z", { startsAt });
  const early = example.licenseUpdated("f-2", "2026-08-20T10:01:00Z");
  const id = "l-0123456789abcdef0123456789abcdef" as SubscriptionId;

  test("whose license is named at its start is active from then on", async () => {
    const { state } = await after(made, example.licenseUpdated("f-2", "2026-09-01T00:00:10Z"));
    expect((await state(id))?.grant).toEqual({ state: "active", since: at("2026-09-01T00:00:10Z") });
  });

  test.each([[[made, early]], [[early, made]]])(
    "whose license is named before is pending, and asks to begin at its start",
    async (facts) => {
      const { state, outbox, ports } = await after(...facts);
      expect((await state(id))?.grant).toEqual({ state: "pending", startsAt });
      const due = (await outbox.undone(someday, 100)).filter(({ task }) => task.kind === "reach-start");
      expect(due).toMatchObject([{ dueAt: startsAt }]);
      const moment = { kind: "reach-start", subscriptionId: id, startsAt } as const;
      expect(await passMoment(ports, exampleConfiguration, moment)).toMatchObject({ kind: "stored" });
      expect((await state(id))?.grant).toEqual({ state: "active", since: startsAt });
      expect(await passMoment(ports, exampleConfiguration, moment)).toEqual({ kind: "known" });
    },
  );

  test("that is cancelled before never begins", async () => {
    const { state, ports } = await after(made, early, example.agreementEnded("f-3", "2026-08-25T00:00:00Z"));
    await passMoment(ports, exampleConfiguration, { kind: "reach-start", subscriptionId: id, startsAt });
    expect((await state(id))?.grant).toMatchObject({ state: "ended", since: undefined });
  });

  test.each([false, true])(
    "has begun at its start, whether or not that was noted before its end (told in reverse: %s)",
    async (reversed) => {
      const facts = [made, early, example.agreementEnded("f-3", "2026-10-01T00:00:00Z")];
      const { state } = await after(...(reversed ? facts.toReversed() : facts));
      expect((await state(id))?.grant).toMatchObject({
        since: startsAt,
        cutAt: at("2026-10-01T00:00:00Z"),
      });
    },
  );

  test("of which no license is known does not begin by itself", async () => {
    const { state } = await after(made);
    expect(await state(id)).toBeUndefined();
  });
});

test("several agreements of one buyer live and end apart", async () => {
  const { state } = await after(
    license("f-1", "2026-08-20T10:00:00Z", first, "agmt-1"),
    license("f-2", "2026-08-20T10:00:00Z", second, "agmt-2"),
    example.agreementEnded("f-3", "2026-08-21T10:00:00Z", { agreementId: "agmt-1", buyerAccountId }),
    example.licenseDeprovisioned("f-4", "2026-08-21T10:00:30Z", { licenseArn: first, agreementId: "agmt-1" }),
  );
  expect((await state(first))?.grant.state).toBe("cancelling");
  expect(await state(second)).toMatchObject({ grant: { state: "active" }, productCode: analyticsCode });
});

test("an amendment changes the term that is told, and nothing else", async () => {
  const { state, types } = await after(
    example.agreementCreated("f-1", "2026-08-20T09:59:00Z", { endsAt: at("2027-08-20T00:00:00Z") }),
    license("f-2", "2026-08-20T10:00:00Z", first, "agmt-1"),
    example.agreementAmended("f-3", "2026-08-21T10:00:00Z", { autoRenews: false }),
  );
  expect(await state(first)).toMatchObject({
    grant: { state: "active" },
    term: { intent: "NEW", endsAt: at("2027-08-20T00:00:00Z"), autoRenews: false },
  });
  expect(await types(first)).toEqual(["subscription.activated", "subscription.updated"]);
});

test("what AWS says for people to read changes no state and is told to nobody", async () => {
  const notice = example.notice("f-3", "2026-08-21T10:00:00Z", { agreementId: "agmt-1", known: false });
  const { state, types, ports } = await after(
    license("f-2", "2026-08-20T10:00:00Z", first, "agmt-1"),
    notice,
  );
  expect((await state(first))?.grant.state).toBe("active");
  expect(await types(first)).toEqual(["subscription.activated"]);
  expect((await ports.store.loadAgreement("agmt-1")).facts).toEqual([notice]);
});

test("a registration and the renewal through which a license inherits it miss each other in no race", async () => {
  const { ports, state } = await after(
    license("f-1", "2026-01-01T00:00:00Z", first, "agmt-1"),
    example.agreementCreated("f-2", "2026-02-01T00:00:00Z", {
      ...{ agreementId: "agmt-2", intent: "RENEW", previousAgreementId: "agmt-1" },
    }),
    license("f-3", "2026-03-01T00:00:00Z", third, "agmt-3"),
  );
  const tie = example.agreementCreated("f-4", "2026-02-28T00:00:00Z", {
    ...{ agreementId: "agmt-3", intent: "RENEW", previousAgreementId: "agmt-2" },
  });
  // Neither fact is filed where the other one is: only what was read and not changed shows them to each other.
  await Promise.all([tie, registered].map((fact) => recordFact(ports, exampleConfiguration, fact)));
  expect(await state(third)).toMatchObject({ registration: "registered", succeeds: first });
});

test("a renewal of a renewal that never had a license ties the first license to the last", async () => {
  const { state, types } = await after(
    license("f-1", "2026-01-01T00:00:00Z", first, "agmt-1"),
    registered,
    example.agreementCreated("f-2", "2026-02-01T00:00:00Z", {
      ...{ agreementId: "agmt-2", intent: "RENEW", previousAgreementId: "agmt-1" },
    }),
    example.agreementCreated("f-3", "2026-03-01T00:00:00Z", {
      ...{ agreementId: "agmt-3", intent: "RENEW", previousAgreementId: "agmt-2" },
    }),
    license("f-4", "2026-03-01T00:01:00Z", third, "agmt-3"),
  );
  expect(await state(third)).toMatchObject({ succeeds: first, registration: "registered" });
  expect(await state(first)).toMatchObject({ succeededBy: third });
  expect(await types(first)).toContain("subscription.renewed");
});

test("a license that moves to an agreement which ended more than an hour ago is over at once", async () => {
  const facts = [
    license("f-1", "2026-08-20T10:00:00Z", first, "agmt-1"),
    example.agreementEnded("f-2", "2026-08-20T10:00:00Z", { agreementId: "agmt-2" }),
    license("f-3", "2026-08-20T11:10:00Z", first, "agmt-2"),
  ];
  for (const order of [facts, facts.toReversed()])
    expect((await (await after(...order)).state(first))?.grant).toMatchObject({
      state: "ended",
      cutAt: at("2026-08-20T10:00:00Z"),
    });
});
