import { describe, expect, test } from "vitest";
import {
  archiveCode,
  at,
  buyerAccountId,
  customerIdentifier,
  example,
  exampleConfiguration,
  mailerCode,
} from "../memory/example.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import { fixedClock } from "../time/clock.ts";
import type { Fact } from "./fact.ts";
import { recordFact, type RecordPorts } from "./record-fact.ts";
import { customerKey, type SubscriptionId } from "./subscription.ts";

/** The example's listing in migration is told by EventBridge from 10:00 on. */
const id = customerKey(archiveCode, customerIdentifier).id;
const licenseName = "l-44444444444444444444";
const license = licenseName as SubscriptionId;

async function after(...facts: Fact[]) {
  const { store, outbox, directory } = memoryLifecycle();
  const ports: RecordPorts = {
    store,
    clock: fixedClock(at("2026-08-20T12:00:00Z")),
    waker: { wake: () => Promise.resolve() },
  };
  for (const fact of facts) await recordFact(ports, exampleConfiguration, fact);
  const told = async () =>
    (await outbox.undone(at("2030-01-01T00:00:00Z"), 1_000)).flatMap(({ task }) =>
      task.kind === "publish" && task.event.type.startsWith("subscription")
        ? [`${task.event.subject} ${task.event.type}`]
        : [],
    );
  const last = async (subject: string) => {
    const events = (await outbox.undone(at("2030-01-01T00:00:00Z"), 1_000)).flatMap(({ task }) =>
      task.kind === "publish" && task.event.subject === subject ? [task.event.data] : [],
    );
    const newest = events.toSorted((a, b) => b.version - a.version)[0];
    return newest !== undefined && "subscription" in newest ? newest.subscription : undefined;
  };
  const parked = async () => (await directory.parked(10)).items.map(({ why, home }) => `${why} ${home.id}`);
  return { told, last, parked, state: (of: SubscriptionId = id) => store.currentSubscription(of) };
}

const sns = { productCode: archiveCode };
const licensed = { productCode: archiveCode, licenseArn: licenseName, agreementId: "agmt-4" };
const success = example.subscribeSucceeded("f-success", "2026-08-19T10:00:00Z", sns);
const linked = example.registered("f-linked", "2026-08-19T10:01:00Z", {
  ...{ productCode: archiveCode, customerIdentifier, licenseArn: licenseName },
});
const early = example.licenseUpdated("f-early", "2026-08-20T09:00:00Z", licensed);
const late = example.licenseUpdated("f-late", "2026-08-20T10:30:00Z", licensed);
const gone = (time: string) => example.licenseDeprovisioned("f-gone", time, licensed);

describe("a subscription of a listing in migration", () => {
  test("keeps its id, its grant and its silence when its license is named", async () => {
    for (const facts of [
      [success, linked, early, late],
      [late, early, linked, success],
    ]) {
      const { state, told } = await after(...facts);
      expect(await state()).toMatchObject({
        id,
        registration: "registered",
        grant: { state: "active", since: at("2026-08-19T10:00:00Z") },
        licenseArn: licenseName,
        agreementId: "agmt-4",
      });
      expect((await told()).filter((line) => !line.startsWith(id))).toEqual([]);
      expect((await told()).filter((line) => /ended|cancelling/.test(line))).toEqual([]);
    }
  });

  test("is moved by SNS before the hour and by EventBridge after it, by both within a quarter of an hour of it", async () => {
    const pending = (time: string) => example.unsubscribePending("f-pending", time, sns);
    const cases = [
      [pending("2026-08-20T10:14:59Z"), "cancelling"],
      [pending("2026-08-20T10:15:00Z"), "active"],
      [gone("2026-08-20T09:44:59Z"), "active"],
      [gone("2026-08-20T09:45:00Z"), "cancelling"],
    ] as const;
    for (const [fact, expected] of cases) {
      const { state } = await after(success, linked, early, fact);
      expect((await state())?.grant.state, `${fact.kind} at ${fact.at}`).toBe(expected);
    }
  });

  test("is ended by its agreement through its license", async () => {
    const ended = example.agreementEnded("f-ended", "2026-08-20T11:00:00Z", { agreementId: "agmt-4" });
    const { state } = await after(success, linked, early, ended);
    expect((await state())?.grant).toMatchObject({ state: "cancelling", cutAt: at("2026-08-20T11:00:00Z") });
  });

  test("is not ended by a license that it has left", async () => {
    const other = "l-55555555555555555555";
    const relinked = example.registered("f-relinked", "2026-08-20T11:00:00Z", {
      ...{ productCode: archiveCode, customerIdentifier, licenseArn: other },
    });
    const renewed = example.licenseUpdated("f-renewed", "2026-08-20T11:00:00Z", {
      ...licensed,
      licenseArn: other,
    });
    const { state } = await after(success, linked, late, relinked, renewed, gone("2026-08-20T11:00:30Z"));
    expect(await state()).toMatchObject({ grant: { state: "active" }, licenseArn: other });
  });
});

describe("two agreements at a time of a buyer known by CustomerIdentifier", () => {
  const other = "l-55555555555555555555";
  const otherLicense = { ...licensed, licenseArn: other, agreementId: "agmt-5" };
  const both = [
    success,
    linked,
    late,
    example.registered("f-other", "2026-08-20T11:00:00Z", {
      ...{ productCode: archiveCode, customerIdentifier, licenseArn: other },
    }),
    example.licenseUpdated("f-5", "2026-08-20T11:00:00Z", otherLicense),
  ];
  const endOf = (agreementId: string, time: string) =>
    example.agreementEnded(`f-end-${agreementId}`, time, { agreementId });

  test.each([
    ["agmt-4", "agmt-5", other],
    ["agmt-5", "agmt-4", licenseName],
  ])("stay one subscription, which ends with the last of them (first %s)", async (first, last, remaining) => {
    const one = await after(...both, endOf(first, "2026-08-20T12:00:00Z"));
    expect(await one.state()).toMatchObject({
      grant: { state: "active", since: at("2026-08-19T10:00:00Z") },
      licenseArn: remaining,
      agreementId: last,
    });
    const none = await after(
      ...both,
      endOf(first, "2026-08-20T12:00:00Z"),
      endOf(last, "2026-08-20T13:00:00Z"),
    );
    expect((await none.state())?.grant).toMatchObject({
      state: "cancelling",
      cutAt: at("2026-08-20T13:00:00Z"),
    });
  });

  test("are told apart by EventBridge, also before its hour: SNS cannot say which of them ends", async () => {
    const early = [
      ...[success, linked],
      example.licenseUpdated("f-early-4", "2026-08-20T08:00:00Z", licensed),
      example.registered("f-early-other", "2026-08-20T08:01:00Z", {
        ...{ productCode: archiveCode, customerIdentifier, licenseArn: other },
      }),
      example.licenseUpdated("f-early-5", "2026-08-20T08:02:00Z", otherLicense),
      example.unsubscribePending("f-pending", "2026-08-20T08:30:00Z", sns),
      endOf("agmt-5", "2026-08-20T08:30:10Z"),
      example.unsubscribeSucceeded("f-over", "2026-08-20T08:31:00Z", sns),
    ];
    const one = await after(...early);
    expect(await one.state()).toMatchObject({ grant: { state: "active" }, licenseArn: licenseName });
    const none = await after(...early, endOf("agmt-4", "2026-08-20T09:00:00Z"));
    expect((await none.state())?.grant).toMatchObject({ cutAt: at("2026-08-20T09:00:00Z") });
  });
});

describe("a buyer of whom EventBridge has said nothing, since nobody has tied a license", () => {
  const ends = [
    example.unsubscribePending("f-pending", "2026-08-20T11:00:00Z", sns),
    example.unsubscribeSucceeded("f-over", "2026-08-20T11:30:00Z", sns),
  ];

  test("begins and ends by SNS also after the hour", async () => {
    const lateSuccess = example.subscribeSucceeded("f-late", "2026-08-20T10:30:00Z", sns);
    expect((await (await after(lateSuccess)).state())?.grant.state).toBe("active");
    expect((await (await after(lateSuccess, ...ends)).state())?.grant.state).toBe("ended");
  });

  test("is told by EventBridge alone once a license is tied, in whatever order that comes to light", async () => {
    for (const facts of [
      [success, late, ...ends, linked],
      [linked, ...ends, late, success],
    ])
      expect((await (await after(...facts)).state())?.grant).toEqual({
        state: "active",
        since: at("2026-08-19T10:00:00Z"),
      });
  });
});

describe("two agreements of which one ended before its license was given", () => {
  test("leave the other one in force", async () => {
    const { state } = await after(
      success,
      linked,
      late,
      example.registered("f-other", "2026-08-20T11:00:00Z", {
        ...{ productCode: archiveCode, customerIdentifier, licenseArn: "l-55555555555555555555" },
      }),
      example.agreementEnded("f-end", "2026-08-20T11:00:00Z", { agreementId: "agmt-5" }),
      example.licenseUpdated("f-5", "2026-08-20T11:00:13Z", {
        ...{ productCode: archiveCode, licenseArn: "l-55555555555555555555", agreementId: "agmt-5" },
      }),
    );
    expect(await state()).toMatchObject({ grant: { state: "active" }, licenseArn: licenseName });
  });
});

describe("of several licenses of a buyer known by CustomerIdentifier", () => {
  const tie = (licenseArn: string) =>
    example.registered(`f-tie-${licenseArn}`, "2026-08-20T10:01:00Z", {
      ...{ productCode: archiveCode, customerIdentifier, licenseArn },
    });
  const given = (licenseArn: string, agreementId: string, time: string) =>
    example.licenseUpdated(`f-${licenseArn}-${time}`, time, {
      ...{ productCode: archiveCode, licenseArn, agreementId },
    });
  const taken = (licenseArn: string, agreementId: string, time: string) =>
    example.licenseDeprovisioned(`f-gone-${licenseArn}`, time, {
      ...{ productCode: archiveCode, licenseArn, agreementId },
    });
  const [four, five, six] = [licenseName, "l-55555555555555555555", "l-66666666666666666666"];
  const begun = [success, tie(four), tie(five), given(four, "agmt-4", "2026-08-20T10:30:00Z")];

  test("one that was taken away does not come back for another that ends", async () => {
    const { state } = await after(
      ...begun,
      given(five, "agmt-5", "2026-08-20T11:00:00Z"),
      taken(four, "agmt-4", "2026-08-20T11:10:00Z"),
      given(four, "agmt-6", "2026-08-20T11:20:00Z"),
      taken(five, "agmt-5", "2026-08-20T11:30:00Z"),
    );
    expect((await state())?.grant).toMatchObject({
      state: "cancelling",
      cutAt: at("2026-08-20T11:30:00Z"),
    });
  });

  test("one that was given after its agreement's end does not stand in for another that ends", async () => {
    const { state } = await after(
      ...begun,
      example.agreementEnded("f-end-5", "2026-08-20T11:00:00Z", { agreementId: "agmt-5" }),
      given(five, "agmt-5", "2026-08-20T11:00:13Z"),
      example.agreementEnded("f-end-4", "2026-08-20T11:30:00Z", { agreementId: "agmt-4" }),
    );
    expect((await state())?.grant).toMatchObject({
      state: "cancelling",
      cutAt: at("2026-08-20T11:30:00Z"),
    });
  });

  test.each([
    [five, six],
    [six, five],
  ])(
    "the same one stands in for another that ends, whichever was given first (%s)",
    async (first, second) => {
      const { state } = await after(
        ...begun,
        tie(six),
        given(first, `agmt-${first}`, "2026-08-20T11:00:00Z"),
        given(second, `agmt-${second}`, "2026-08-20T11:05:00Z"),
        given(four, "agmt-4", "2026-08-20T11:10:00Z"),
        taken(four, "agmt-4", "2026-08-20T11:30:00Z"),
      );
      expect(await state()).toMatchObject({ grant: { state: "active" }, licenseArn: five });
    },
  );
});

describe("a buyer of an old listing whose payment failed", () => {
  const failed = example.subscribeFailed("f-failed", "2026-08-20T09:30:00Z", sns);

  test.each([{}, { reconciled: true }] as const)("has access once a license is given (%o)", async (read) => {
    const given = example.licenseUpdated("f-late", "2026-08-20T10:30:00Z", { ...licensed, ...read });
    expect((await (await after(failed, linked)).state())?.grant.state).toBe("failed");
    const { state } = await after(failed, linked, given);
    expect((await state())?.grant).toEqual({ state: "active", since: at("2026-08-20T10:30:00Z") });
  });

  test("waits for the start of an agreement made for later", async () => {
    const startsAt = at("2026-09-01T00:00:00Z");
    const made = example.agreementCreated("f-made", "2026-08-20T10:29:00Z", {
      ...{ agreementId: "agmt-4", startsAt },
    });
    const { state } = await after(failed, linked, made, late);
    expect((await state())?.grant).toEqual({ state: "pending", startsAt });
  });
});

describe("a license that was told as a subscription and turns out to be a known buyer's", () => {
  test("is taken back: whoever keeps the highest version sees that it gives no access", async () => {
    const alone = example.registered("f-alone", "2026-08-20T10:31:00Z", {
      ...{ productCode: archiveCode, licenseArn: licenseName },
    });
    const { told, last } = await after(late, alone, linked);
    expect(await told()).toContain(`${licenseName} subscription.updated`);
    expect(await last(licenseName)).toMatchObject({
      registration: "unregistered",
      grant: { state: "unknown" },
    });
    expect(await last(id)).toMatchObject({ grant: { state: "active" } });
  });
});

describe("a license of a listing in migration that nobody has tied to a buyer", () => {
  test("is kept, shown as parked, and told to nobody", async () => {
    const { told, parked } = await after(late);
    expect(await told()).toEqual([]);
    expect(await parked()).toEqual([`evidence-only ${licenseName}`]);
  });

  test("is the old buyer's as soon as a registration shows both identifiers", async () => {
    const { state, told, parked } = await after(late, linked);
    expect((await state())?.grant).toEqual({ state: "active", since: at("2026-08-20T10:30:00Z") });
    expect((await told()).filter((line) => !line.startsWith(id))).toEqual([]);
    expect(await parked()).toEqual([]);
  });

  test("is a new buyer's subscription of its own when the registration shows the license alone", async () => {
    const alone = example.registered("f-alone", "2026-08-20T10:31:00Z", {
      productCode: archiveCode,
      licenseArn: licenseName,
    });
    const { state, told } = await after(late, alone);
    expect(await state(license)).toMatchObject({
      registration: "registered",
      buyerAccountId,
      grant: { state: "active" },
    });
    expect(await told()).toEqual([
      `${licenseName} subscription.registered`,
      `${licenseName} subscription.activated`,
    ]);
  });
});

describe("messages of the generation that does not decide", () => {
  test("for an old listing are kept as evidence and move nothing", async () => {
    const { told, parked, state } = await after(
      example.licenseUpdated("f-1", "2026-08-20T10:00:00Z", { ...licensed, productCode: mailerCode }),
    );
    expect(await told()).toEqual([]);
    expect(await parked()).toEqual([`evidence-only ${licenseName}`]);
    expect((await state(license))?.grant.state).toBe("unknown");
  });

  test("for a new listing are kept as evidence and move nothing", async () => {
    const analytics = exampleConfiguration.products[1]?.code ?? "";
    const { told, parked } = await after(
      example.subscribeSucceeded("f-1", "2026-08-20T10:00:00Z", { productCode: analytics }),
    );
    expect(await told()).toEqual([]);
    expect(await parked()).toEqual([`evidence-only ${analytics}/${customerIdentifier}`]);
  });
});
