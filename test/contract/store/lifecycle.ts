import type { LifecycleChange, LifecycleStore, RecordKey } from "@tollhouse/core/lifecycle/store";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { at, example } from "@tollhouse/core/memory/example";
import type { Outbox } from "@tollhouse/core/outbox/outbox";
import { describe, expect, test } from "vitest";
import {
  agreement,
  buyerId,
  change,
  customer,
  customerId,
  entry,
  id,
  links,
  someday,
  state,
} from "./lifecycle-example.ts";

/** A change of so many items: one of every kind, and the rest what must follow. */
const large = (factId: string, items: number): LifecycleChange =>
  change(factId, 0, {
    agreements: [agreement(0)],
    buyers: [{ id: buyerId, expectedVersion: 0, licenses: [], waits: false }],
    customer: customer(1),
    unchanged: [{ key: { kind: "agreement", id: "agmt-9" }, version: 0 }],
    outbox: Array.from({ length: items - 6 }, (_, index) => entry(`o-${index}`)),
  });

type Made = { readonly store: LifecycleStore; readonly outbox: Outbox };

/** What every LifecycleStore promises of a change. */
export function lifecycleContract(make: () => Promise<Made>): void {
  describe("a lifecycle change", () => {
    test("a subscription that nobody stored has version 0 and no facts", async () => {
      const { store } = await make();
      expect(await store.loadSubscription(id)).toEqual({
        subscription: undefined,
        announced: false,
        version: 0,
        facts: [],
        links: links(),
      });
      expect(await store.loadAgreement("agmt-1")).toEqual({
        version: 0,
        facts: [],
        links: { subscriptionIds: [], successorIds: [] },
      });
      expect(await store.loadBuyer(buyerId)).toEqual({ version: 0, licenses: [], waiting: [] });
      expect(await store.loadCustomer(customerId)).toBeUndefined();
      expect(await store.loadEntitlements(id)).toBeUndefined();
    });

    test("everything of a change is read back as it was given", async () => {
      const { store, outbox } = await make();
      const after = state({ registration: "registered", customerId, offerId: "offer-1" });
      const allLinks = {
        agreementIds: ["agmt-1", "agmt-2"],
        licenseIds: ["l-00000000" as SubscriptionId],
        ownerId: "p/x" as SubscriptionId,
        buyerId,
      };
      const agreementLinks = { subscriptionIds: [id], successorIds: ["agmt-2"] };
      const licenses = [
        { id, seenAt: at("2026-08-20T14:23:11Z"), registeredAt: at("2026-08-20T14:24:00Z"), visits: ["v-1"] },
      ];
      const stored = change("f-1", 0, {
        subscriptions: [{ id, expectedVersion: 0, after, announced: true, links: allLinks }],
        agreements: [{ id: "agmt-1", expectedVersion: 0, links: agreementLinks }],
        buyers: [{ id: buyerId, expectedVersion: 0, licenses, waits: false }],
        customer: customer(1, { buyerAccountId: "123456789012" }),
        outbox: [entry("o-1")],
      });
      expect(await store.commit(stored)).toBe("stored");
      expect(await store.loadSubscription(id)).toEqual({
        subscription: after,
        announced: true,
        version: 1,
        facts: [stored.fact],
        links: allLinks,
      });
      expect(await store.loadAgreement("agmt-1")).toEqual({ version: 1, facts: [], links: agreementLinks });
      expect(await store.loadBuyer(buyerId)).toEqual({ version: 1, licenses, waiting: [] });
      expect(await store.loadCustomer(customerId)).toEqual({
        id: customerId,
        version: 1,
        buyerAccountId: "123456789012",
        registeredAt: at("2026-08-20T14:00:00Z"),
      });
      expect(await outbox.undone(someday, 10)).toEqual([entry("o-1")]);
    });

    test("usage under a license that belongs to another subscription is that one's", async () => {
      const { store } = await make();
      expect(await store.holderOf(id)).toBeUndefined();
      expect(await store.announcedHolderOf(id)).toBeUndefined();
      const owner = { ...state(), id: "p/x" as SubscriptionId };
      const own = { id, expectedVersion: 0, after: state(), announced: true, links: links() };
      await store.commit(change("f-1", 0, { subscriptions: [own] }));
      expect(await store.holderOf(id)).toEqual(state());
      expect(await store.announcedHolderOf(id)).toEqual({ subscription: state(), version: 1 });
      const linked = {
        ...own,
        expectedVersion: 1,
        announced: false,
        links: { ...links(), ownerId: owner.id },
      };
      const other = { id: owner.id, expectedVersion: 0, after: owner, announced: true, links: links() };
      await store.commit(change("f-2", 1, { subscriptions: [linked, other] }));
      expect(await store.holderOf(id)).toEqual(owner);
      expect(await store.holderOf(owner.id)).toEqual(owner);
      expect(await store.announcedHolderOf(id)).toEqual({ subscription: owner, version: 1 });
    });

    test("what is evidence only is a subscription for nobody", async () => {
      const { store } = await make();
      const evidence = { id, expectedVersion: 0, after: state(), announced: false, links: links() };
      await store.commit(change("f-1", 0, { subscriptions: [evidence] }));
      expect(await store.holderOf(id)).toEqual(state());
      expect(await store.announcedHolderOf(id)).toBeUndefined();
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
        agreements: [agreement(0)],
        customer: customer(1),
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
      const parked = change("", 0, {
        fact: example.agreementEnded("f-ended", "2026-08-20T14:24:10Z"),
        home: { kind: "agreement", id: "agmt-1" },
        subscriptions: [],
        agreements: [agreement(0, [])],
      });
      const naming = change("f-named", 0, { agreements: [agreement(0)] });
      const outcomes = await Promise.all([store.commit(parked), store.commit(naming)]);
      expect(outcomes.toSorted()).toEqual(["conflict", "stored"]);
    });

    test("a stale version of the agreement is refused as well", async () => {
      const { store } = await make();
      const naming = (factId: string, version: number, agreementVersion: number) =>
        change(factId, version, { agreements: [agreement(agreementVersion)] });
      expect(await store.commit(naming("f-1", 0, 0))).toBe("stored");
      expect(await store.commit(naming("f-2", 1, 1))).toBe("stored");
      expect(await store.commit(naming("f-3", 2, 1))).toBe("conflict");
      expect((await store.loadSubscription(id)).version).toBe(2);
      expect((await store.loadAgreement("agmt-1")).version).toBe(2);
    });

    test("one change may touch several subscriptions, all or none", async () => {
      const { store } = await make();
      const other = "l-ffffffffffffffffffffffffffffffff" as SubscriptionId;
      const both = (factId: string, version: number, otherVersion: number): LifecycleChange =>
        change("", 0, {
          fact: example.agreementEnded(factId, "2026-08-20T14:24:10Z"),
          home: { kind: "agreement", id: "agmt-1" },
          agreements: [agreement(version)],
          subscriptions: [
            { id, expectedVersion: version, after: state(), announced: true, links: links() },
            {
              id: other,
              expectedVersion: otherVersion,
              after: state({ id: other }),
              announced: true,
              links: links(),
            },
          ],
        });
      expect(await store.commit(both("f-1", 0, 0))).toBe("stored");
      expect(await store.commit(both("f-2", 1, 0))).toBe("conflict");
      expect((await store.loadSubscription(id)).version).toBe(1);
      expect((await store.loadSubscription(other)).version).toBe(1);
      expect((await store.loadAgreement("agmt-1")).facts.map((fact) => fact.id)).toEqual(["f-1"]);
    });

    test("a change of 100 items is stored whole, what follows from it included", async () => {
      const { store, outbox } = await make();
      expect(await store.commit(large("f-1", 100))).toBe("stored");
      expect((await store.loadSubscription(id)).version).toBe(1);
      expect(await outbox.undone(someday, 1_000)).toHaveLength(94);
    });

    test("a change of more items is stored whole, or refused for good as too large with nothing of it stored", async () => {
      const { store, outbox } = await make();
      const outcome = await store.commit(large("f-1", 101)).catch((error: unknown) => error);
      const stored = outcome === "stored";
      if (!stored) expect(outcome).toMatchObject({ code: "lifecycle-change-too-large", retryable: false });
      expect((await store.loadSubscription(id)).version).toBe(stored ? 1 : 0);
      expect(await outbox.undone(someday, 1_000)).toHaveLength(stored ? 95 : 0);
    });

    test("several pages of facts are all read", async () => {
      const { store } = await make();
      const detail = "d".repeat(16_000);
      for (let index = 0; index < 80; index += 1) {
        const fact = example.notice(`f-${index}`, "2026-08-20T14:23:11Z", { detail });
        expect(await store.commit({ ...change("", index), fact })).toBe("stored");
      }
      expect((await store.loadSubscription(id)).facts).toHaveLength(80);
    });

    test("what was given cannot be changed afterwards by who gave it or who read it", async () => {
      const { store } = await make();
      const agreementIds = ["agmt-1"];
      await store.commit(
        change("f-1", 0, {
          subscriptions: [
            {
              id,
              expectedVersion: 0,
              after: state(),
              announced: true,
              links: { agreementIds, licenseIds: [] },
            },
          ],
        }),
      );
      agreementIds.push("agmt-forged");
      const read = await store.loadSubscription(id);
      (read.facts as unknown[]).push("forged");
      expect((await store.loadSubscription(id)).links.agreementIds).toEqual(["agmt-1"]);
      expect((await store.loadSubscription(id)).facts).toHaveLength(1);
    });
  });

  describe("what was read and not changed", () => {
    const keys: readonly RecordKey[] = [
      { kind: "subscription", id: "l-99999999" as SubscriptionId },
      { kind: "agreement", id: "agmt-9" },
      { kind: "buyer", id: buyerId },
    ];
    /** Writes the record once. */
    const write = (key: RecordKey): LifecycleChange =>
      change("f-other", 0, {
        home: key,
        subscriptions:
          key.kind === "subscription"
            ? [
                {
                  id: key.id,
                  expectedVersion: 0,
                  after: state({ id: key.id }),
                  announced: true,
                  links: links(),
                },
              ]
            : [],
        agreements: key.kind === "agreement" ? [{ ...agreement(0), id: key.id }] : [],
        buyers: key.kind === "buyer" ? [{ id: key.id, expectedVersion: 0, licenses: [], waits: false }] : [],
      });

    test.each(keys)("of kind $kind must still be as it was, also when it was not there", async (key) => {
      const { store } = await make();
      const reading = (factId: string, version: number, read: number) =>
        change(factId, version, { unchanged: [{ key, version: read }] });
      expect(await store.commit(reading("f-1", 0, 0))).toBe("stored");
      expect(await store.commit(write(key))).toBe("stored");
      expect(await store.commit(reading("f-2", 1, 0))).toBe("conflict");
      expect(await store.commit(reading("f-2", 1, 2))).toBe("conflict");
      expect(await store.commit(reading("f-2", 1, 1))).toBe("stored");
      expect((await store.loadSubscription(id)).version).toBe(2);
    });
  });
}
