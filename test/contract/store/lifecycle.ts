import type { CustomerId } from "@tollhouse/core/lifecycle/customer";
import type { LifecycleChange, LifecycleStore } from "@tollhouse/core/lifecycle/store";
import type { Subscription, SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { analyticsCode, at, example, licenseArn, licenseId } from "@tollhouse/core/memory/example";
import type { Outbox, OutboxEntry } from "@tollhouse/core/outbox/outbox";
import { describe, expect, test } from "vitest";

const id = licenseId as string as SubscriptionId;
/** Later than anything here is due. */
const someday = at("2030-01-01T00:00:00Z");
const customerId = "cus-000000000000000000000001" as CustomerId;

const state = (change: Partial<Subscription> = {}): Subscription => ({
  id,
  productCode: analyticsCode,
  identity: { by: "license", licenseArn },
  registration: "unregistered",
  grant: { state: "active", since: at("2026-08-20T14:23:11Z") },
  earlierGrants: [{ since: at("2026-05-01T00:00:00Z"), cutAt: at("2026-06-01T00:00:00Z") }],
  freeTrial: false,
  ...change,
});

const entry = (name: string, time = "2026-08-20T14:23:12Z"): OutboxEntry => ({
  id: name,
  dueAt: at(time),
  task: { kind: "read-entitlements", subscriptionId: id },
});

/** A change that stores one more fact about the example license. */
const change = (factId: string, expectedVersion: number, more: Partial<LifecycleChange> = {}) => ({
  fact: example.licenseUpdated(factId, "2026-08-20T14:23:11Z"),
  stream: { kind: "subscription" as const, id },
  subscriptions: [{ id, expectedVersion, after: state(), agreementIds: ["agmt-1"] }],
  outbox: [],
  ...more,
});

/** What every LifecycleStore, with the outbox that it fills, promises. */
export function lifecycleContract(make: () => Promise<{ store: LifecycleStore; outbox: Outbox }>): void {
  describe("a lifecycle change", () => {
    test("a subscription that nobody stored has version 0 and no facts", async () => {
      const { store } = await make();
      expect(await store.loadSubscription(id)).toEqual({
        subscription: undefined,
        version: 0,
        facts: [],
        agreementIds: [],
      });
      expect(await store.loadAgreement("agmt-1")).toEqual({ version: 0, facts: [], subscriptionIds: [] });
      expect(await store.loadCustomer(customerId)).toBeUndefined();
      expect(await store.loadEntitlements(id)).toBeUndefined();
    });

    test("everything of a change is read back as it was given", async () => {
      const { store, outbox } = await make();
      const after = state({ registration: "registered", customerId, offerId: "offer-1" });
      const stored = change("f-1", 0, {
        subscriptions: [{ id, expectedVersion: 0, after, agreementIds: ["agmt-1", "agmt-2"] }],
        agreement: { id: "agmt-1", expectedVersion: 0, subscriptionIds: [id] },
        customer: {
          id: customerId,
          buyerAccountId: "123456789012",
          registeredAt: at("2026-08-20T14:00:00Z"),
        },
        outbox: [entry("o-1")],
      });
      expect(await store.commit(stored)).toBe("stored");
      expect(await store.loadSubscription(id)).toEqual({
        subscription: after,
        version: 1,
        facts: [stored.fact],
        agreementIds: ["agmt-1", "agmt-2"],
      });
      expect(await store.loadAgreement("agmt-1")).toEqual({ version: 1, facts: [], subscriptionIds: [id] });
      expect(await store.loadCustomer(customerId)).toEqual({
        id: customerId,
        buyerAccountId: "123456789012",
        customerIdentifier: undefined,
        registeredAt: at("2026-08-20T14:00:00Z"),
      });
      expect(await outbox.undone(someday, 10)).toEqual([entry("o-1")]);
    });

    test("a fact stored twice is a conflict and changes nothing", async () => {
      const { store, outbox } = await make();
      await store.commit(change("f-1", 0));
      const before = await store.loadSubscription(id);
      expect(await store.commit(change("f-1", 1, { outbox: [entry("o-1")] }))).toBe("conflict");
      expect(await store.loadSubscription(id)).toEqual(before);
      expect(await outbox.undone(someday, 10)).toEqual([]);
    });

    test("a stale version of the subscription is refused, and nothing of the change is stored", async () => {
      const { store, outbox } = await make();
      await store.commit(change("f-1", 0));
      const stale = change("f-2", 0, {
        agreement: { id: "agmt-1", expectedVersion: 0, subscriptionIds: [id] },
        customer: { id: customerId, registeredAt: at("2026-08-20T14:00:00Z") },
        outbox: [entry("o-1")],
      });
      expect(await store.commit(stale)).toBe("conflict");
      expect((await store.loadSubscription(id)).facts.map((fact) => fact.id)).toEqual(["f-1"]);
      expect((await store.loadAgreement("agmt-1")).version).toBe(0);
      expect(await store.loadCustomer(customerId)).toBeUndefined();
      expect(await outbox.undone(someday, 10)).toEqual([]);
    });

    test("a version that nobody stored yet is refused as well", async () => {
      const { store } = await make();
      expect(await store.commit(change("f-1", 3))).toBe("conflict");
      expect((await store.loadSubscription(id)).version).toBe(0);
    });

    test("of racing commits exactly one wins", async () => {
      const { store } = await make();
      const racers = Array.from({ length: 8 }, (_, index) => store.commit(change(`f-${index}`, 0)));
      const outcomes = await Promise.all(racers);
      expect(outcomes.filter((outcome) => outcome === "stored")).toHaveLength(1);
      const { version, facts } = await store.loadSubscription(id);
      expect(version).toBe(1);
      expect(facts).toHaveLength(1);
    });

    test("an agreement's event that is parked stops the License Updated that did not see it, and the other way round", async () => {
      const { store } = await make();
      const parked: LifecycleChange = {
        fact: example.agreementEnded("f-ended", "2026-08-20T14:24:10Z"),
        stream: { kind: "agreement", id: "agmt-1" },
        subscriptions: [],
        agreement: { id: "agmt-1", expectedVersion: 0, subscriptionIds: [] },
        outbox: [],
      };
      const naming = change("f-named", 0, {
        agreement: { id: "agmt-1", expectedVersion: 0, subscriptionIds: [id] },
      });
      const outcomes = await Promise.all([store.commit(parked), store.commit(naming)]);
      expect(outcomes.toSorted()).toEqual(["conflict", "stored"]);
    });

    test("a stale version of the agreement is refused as well", async () => {
      const { store } = await make();
      const naming = (factId: string, version: number, agreementVersion: number) =>
        change(factId, version, {
          agreement: { id: "agmt-1", expectedVersion: agreementVersion, subscriptionIds: [id] },
        });
      expect(await store.commit(naming("f-1", 0, 0))).toBe("stored");
      expect(await store.commit(naming("f-2", 1, 1))).toBe("stored");
      expect(await store.commit(naming("f-3", 2, 1))).toBe("conflict");
      expect((await store.loadSubscription(id)).version).toBe(2);
      expect((await store.loadAgreement("agmt-1")).version).toBe(2);
    });

    test("one change may touch several subscriptions, all or none", async () => {
      const { store } = await make();
      const other = "l-ffffffffffffffffffffffffffffffff" as SubscriptionId;
      const both = (factId: string, version: number, otherVersion: number): LifecycleChange => ({
        fact: example.agreementEnded(factId, "2026-08-20T14:24:10Z"),
        stream: { kind: "agreement", id: "agmt-1" },
        subscriptions: [
          { id, expectedVersion: version, after: state(), agreementIds: [] },
          { id: other, expectedVersion: otherVersion, after: state({ id: other }), agreementIds: [] },
        ],
        outbox: [],
      });
      expect(await store.commit(both("f-1", 0, 0))).toBe("stored");
      expect(await store.commit(both("f-2", 1, 0))).toBe("conflict");
      expect((await store.loadSubscription(id)).version).toBe(1);
      expect((await store.loadSubscription(other)).version).toBe(1);
      expect((await store.loadAgreement("agmt-1")).facts.map((fact) => fact.id)).toEqual(["f-1"]);
    });

    test("several pages of facts are all read", async () => {
      const { store } = await make();
      const offerId = "o".repeat(1_000);
      for (let index = 0; index < 40; index += 1) {
        const fact = example.licenseUpdated(
          `f-${String(index).padStart(1_000, "0")}`,
          "2026-08-20T14:23:11Z",
          {
            offerId,
            agreementId: "a".repeat(1_000),
            licenseArn: `${"x".repeat(980)}:${licenseId}`,
          },
        );
        expect(await store.commit({ ...change("", index), fact })).toBe("stored");
      }
      expect((await store.loadSubscription(id)).facts).toHaveLength(40);
    });

    test("what was given cannot be changed afterwards by who gave it or who read it", async () => {
      const { store } = await make();
      const agreementIds = ["agmt-1"];
      await store.commit(
        change("f-1", 0, { subscriptions: [{ id, expectedVersion: 0, after: state(), agreementIds }] }),
      );
      agreementIds.push("agmt-forged");
      const read = await store.loadSubscription(id);
      (read.facts as unknown[]).push("forged");
      (read.agreementIds as string[]).push("agmt-forged");
      expect((await store.loadSubscription(id)).agreementIds).toEqual(["agmt-1"]);
      expect((await store.loadSubscription(id)).facts).toHaveLength(1);
    });
  });

  describe("a customer", () => {
    const registers = (factId: string, version: number, time: string, more: object = {}) =>
      change(factId, version, {
        subscriptions: [
          {
            id,
            expectedVersion: version,
            after: state({ registration: "registered", customerId }),
            agreementIds: [],
          },
        ],
        customer: { id: customerId, registeredAt: at(time), ...more },
      });

    test("keeps the time of the first registration and what was known, however often it registers", async () => {
      const { store } = await make();
      await store.commit(registers("f-1", 0, "2026-08-20T14:00:00Z", { buyerAccountId: "123456789012" }));
      await store.commit(registers("f-2", 1, "2026-08-21T09:00:00Z", { customerIdentifier: "X01" }));
      expect(await store.loadCustomer(customerId)).toEqual({
        id: customerId,
        buyerAccountId: "123456789012",
        customerIdentifier: "X01",
        registeredAt: at("2026-08-20T14:00:00Z"),
      });
    });

    test("has exactly the subscriptions that are registered to it now", async () => {
      const { store } = await make();
      expect(await store.subscriptionsOf(customerId)).toEqual([]);
      await store.commit(registers("f-1", 0, "2026-08-20T14:00:00Z"));
      expect(await store.subscriptionsOf(customerId)).toEqual([id]);
      const another = "cus-000000000000000000000002" as CustomerId;
      const after = state({ registration: "registered", customerId: another });
      await store.commit(
        change("f-2", 1, { subscriptions: [{ id, expectedVersion: 1, after, agreementIds: [] }] }),
      );
      expect(await store.subscriptionsOf(customerId)).toEqual([]);
      expect(await store.subscriptionsOf(another)).toEqual([id]);
    });
  });

  describe("the outbox", () => {
    const filled = async () => {
      const made = await make();
      const outbox = ["c", "a", "b"].map((name, index) => entry(name, `2026-08-20T14:2${index}:00Z`));
      await made.store.commit(change("f-1", 0, { outbox }));
      return made;
    };

    test("gives what is not done, oldest first and at most as much as asked for", async () => {
      const { outbox } = await filled();
      expect((await outbox.undone(someday, 10)).map((one) => one.id)).toEqual(["c", "a", "b"]);
      expect((await outbox.undone(someday, 2)).map((one) => one.id)).toEqual(["c", "a"]);
    });

    test("keeps what is not due yet to itself, to the millisecond", async () => {
      const { outbox } = await filled();
      const dueBy = async (time: string) => (await outbox.undone(at(time), 10)).map((one) => one.id);
      expect(await dueBy("2026-08-20T14:19:59.999Z")).toEqual([]);
      expect(await dueBy("2026-08-20T14:20:00Z")).toEqual(["c"]);
      expect(await dueBy("2026-08-20T14:21:59.999Z")).toEqual(["c", "a"]);
    });

    test("an entry that is done leaves, and no other; doing it again changes nothing", async () => {
      const { outbox } = await filled();
      const [first] = await outbox.undone(someday, 1);
      if (first === undefined) throw new Error("nothing there");
      for (const time of ["2026-08-20T15:00:00Z", "2026-08-20T15:01:00Z"]) {
        await outbox.done([first], at(time));
        expect((await outbox.undone(someday, 10)).map((one) => one.id)).toEqual(["a", "b"]);
      }
      await outbox.done([], at("2026-08-20T15:00:00Z"));
      expect(await outbox.undone(someday, 10)).toHaveLength(2);
    });

    test("a hundred entries at once are done together", async () => {
      const { store, outbox } = await make();
      for (const part of [0, 1]) {
        const entries = Array.from({ length: 50 }, (_, index) => entry(`o-${part}-${index}`));
        await store.commit(change(`f-${part}`, part, { outbox: entries }));
      }
      const all = await outbox.undone(someday, 100);
      expect(all).toHaveLength(100);
      await outbox.done(all, at("2026-08-20T15:00:00Z"));
      expect(await outbox.undone(someday, 100)).toEqual([]);
    });

    test("an event is kept to the letter", async () => {
      const { store, outbox } = await make();
      const event = {
        specversion: "1.0" as const,
        id: "l-1@1:subscription.activated",
        source: "tollhouse" as const,
        type: "subscription.activated" as const,
        subject: "l-1",
        time: "2026-08-20T14:23:11.000Z",
        datacontenttype: "application/json" as const,
        data: {
          schema: 1 as const,
          version: 1,
          subscription: { title: "Ünïcode 🚀", list: [1, null, true] },
        },
      };
      const one: OutboxEntry = { ...entry(event.id), task: { kind: "publish", event } };
      await store.commit(change("f-1", 0, { outbox: [one] }));
      expect(await outbox.undone(someday, 1)).toEqual([one]);
    });
  });

  describe("entitlements", () => {
    const snapshot = (version: number, time = "2026-08-20T15:00:00Z") => ({
      subscriptionId: id,
      readAt: at(time),
      version,
      entitlements: [
        { dimension: "seats", value: 25, expiresAt: at("2027-08-20T15:00:00Z") },
        { dimension: "support", value: "gold" },
        { dimension: "trial", value: false },
      ],
    });

    test("are stored with what follows from them and read back as given", async () => {
      const { store, outbox } = await make();
      expect(await store.storeEntitlements(snapshot(1), [entry("o-1")])).toBe(true);
      expect(await store.loadEntitlements(id)).toEqual(snapshot(1));
      expect(await outbox.undone(someday, 1)).toEqual([entry("o-1")]);
    });

    test("of two answers decided on the same knowledge only one is stored", async () => {
      const { store, outbox } = await make();
      await store.storeEntitlements(snapshot(1), []);
      expect(await store.storeEntitlements(snapshot(1, "2026-08-20T16:00:00Z"), [entry("o-1")])).toBe(false);
      expect(await store.storeEntitlements(snapshot(3), [entry("o-3")])).toBe(false);
      expect(await store.loadEntitlements(id)).toEqual(snapshot(1));
      expect(await outbox.undone(someday, 10)).toEqual([]);
      const racing = await Promise.all(
        ["2026-08-20T17:00:00Z", "2026-08-20T18:00:00Z"].map((time) =>
          store.storeEntitlements(snapshot(2, time), []),
        ),
      );
      expect(racing.toSorted()).toEqual([false, true]);
      expect(await store.storeEntitlements(snapshot(3), [])).toBe(true);
    });
  });
}
