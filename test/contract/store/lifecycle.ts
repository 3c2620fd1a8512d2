import { buyerIdOf } from "@tollhouse/core/lifecycle/buyer";
import type { Customer, CustomerId } from "@tollhouse/core/lifecycle/customer";
import type { FactId } from "@tollhouse/core/lifecycle/fact";
import type {
  LifecycleChange,
  LifecycleDirectory,
  LifecycleStore,
  Page,
  RecordKey,
} from "@tollhouse/core/lifecycle/store";
import type { Subscription, SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { analyticsCode, at, example, licenseArn, licenseId } from "@tollhouse/core/memory/example";
import type { Outbox, OutboxEntry } from "@tollhouse/core/outbox/outbox";
import { entitlementEvent } from "@tollhouse/core/outbox/outgoing-event";
import { describe, expect, test } from "vitest";

const id = licenseId as string as SubscriptionId;
/** Later than anything here is due. */
const someday = at("2030-01-01T00:00:00Z");
const customerId = "cus-000000000000000000000001" as CustomerId;
const buyerId = buyerIdOf(analyticsCode, "123456789012");

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
const change = (
  factId: string,
  expectedVersion: number,
  more: Partial<LifecycleChange> = {},
): LifecycleChange => ({
  fact: example.licenseUpdated(factId, "2026-08-20T14:23:11Z"),
  home: { kind: "subscription" as const, id },
  subscriptions: [{ id, expectedVersion, after: state(), announced: true, links: links("agmt-1") }],
  agreements: [],
  buyers: [],
  unchanged: [],
  outbox: [],
  ...more,
});

const links = (...agreementIds: string[]) => ({ agreementIds, licenseIds: [] });
const agreement = (expectedVersion: number, subscriptionIds: SubscriptionId[] = [id]) => ({
  id: "agmt-1",
  expectedVersion,
  links: { subscriptionIds, successorIds: [] },
});
const customer = (version: number, more: Partial<Customer> = {}) => ({
  after: { id: customerId, version, registeredAt: at("2026-08-20T14:00:00Z"), ...more },
});

/** What every LifecycleStore, with the outbox that it fills, promises. */
export function lifecycleContract(
  make: () => Promise<{ store: LifecycleStore; outbox: Outbox; directory: LifecycleDirectory }>,
): void {
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

  describe("a buyer", () => {
    const waiting = example.registered("f-1", "2026-08-20T14:23:11Z", {
      licenseArn: undefined,
      visit: "v-1",
    });
    const waits = (factId: string, version: number) =>
      change("", 0, {
        fact: { ...waiting, id: factId as FactId },
        home: { kind: "buyer", id: buyerId },
        subscriptions: [],
        buyers: [{ id: buyerId, expectedVersion: version, licenses: [], waits: true }],
      });

    test("keeps the registrations that wait", async () => {
      const { store } = await make();
      expect(await store.commit(waits("f-1", 0))).toBe("stored");
      expect(await store.commit(waits("f-2", 0))).toBe("conflict");
      expect(await store.loadBuyer(buyerId)).toEqual({ version: 1, licenses: [], waiting: [waiting] });
      expect(await store.hasFact({ kind: "buyer", id: buyerId }, waiting.id)).toBe(true);
      expect(await store.hasFact({ kind: "buyer", id: buyerId }, "f-2" as FactId)).toBe(false);
    });
  });

  describe("a customer", () => {
    const registers = (factId: string, version: number, change_: LifecycleChange["customer"]) =>
      change(factId, version, {
        subscriptions: [
          {
            id,
            expectedVersion: version,
            after: state({ registration: "registered", customerId }),
            announced: true,
            links: links(),
          },
        ],
        ...(change_ === undefined ? {} : { customer: change_ }),
      });

    test("is stored only over the version before it", async () => {
      const { store } = await make();
      const full = {
        buyerAccountId: "123456789012",
        customerIdentifier: "X01",
        erasedAt: at("2026-09-01T00:00:00Z"),
      };
      expect(await store.commit(registers("f-1", 0, customer(1)))).toBe("stored");
      expect(await store.commit(registers("f-2", 1, customer(1)))).toBe("conflict");
      expect(await store.commit(registers("f-2", 1, customer(3)))).toBe("conflict");
      expect(await store.commit(registers("f-2", 1, customer(2, full)))).toBe("stored");
      expect(await store.loadCustomer(customerId)).toEqual(customer(2, full).after);
    });

    test("may be replaced by itself, over the version before it only", async () => {
      const { store } = await make();
      await store.commit(registers("f-1", 0, customer(1, { buyerAccountId: "123456789012" })));
      const erased = customer(2, { erasedAt: at("2026-09-01T00:00:00Z") }).after;
      expect(await store.storeCustomer({ ...erased, version: 3 })).toBe(false);
      expect(await store.storeCustomer(erased)).toBe(true);
      expect(await store.storeCustomer(erased)).toBe(false);
      expect(await store.loadCustomer(customerId)).toEqual(erased);
    });

    test("has exactly the subscriptions that are registered to it now", async () => {
      const { store } = await make();
      expect(await store.subscriptionsOf(customerId)).toEqual([]);
      await store.commit(registers("f-1", 0, customer(1)));
      expect(await store.subscriptionsOf(customerId)).toEqual([id]);
      const another = "cus-000000000000000000000002" as CustomerId;
      const after = state({ registration: "registered", customerId: another });
      const moved = (factId: string, version: number, announced: boolean) =>
        change(factId, version, {
          subscriptions: [{ id, expectedVersion: version, after, announced, links: links() }],
        });
      await store.commit(moved("f-2", 1, true));
      expect(await store.subscriptionsOf(customerId)).toEqual([]);
      expect(await store.subscriptionsOf(another)).toEqual([id]);
      await store.commit(moved("f-3", 2, false));
      expect(await store.subscriptionsOf(another)).toEqual([]);
    });
  });

  describe("the lists", () => {
    const all = async <Item>(list: (limit: number, after?: string) => Promise<Page<Item>>, limit: number) => {
      const found: Item[] = [];
      let next: string | undefined;
      do {
        const page = await list(limit, next);
        expect(page.items.length).toBeLessThanOrEqual(limit);
        found.push(...page.items);
        next = page.next;
      } while (next !== undefined);
      return found;
    };
    const parkedIn = async (directory: LifecycleDirectory) =>
      (await all((limit, after) => directory.parked(limit, after), 2))
        .map(({ why, home }) => `${why} ${home.kind} ${home.id}`)
        .toSorted();

    test("show every subscription of its own and every customer, page by page", async () => {
      const { store, directory } = await make();
      const ids = Array.from({ length: 5 }, (_, index) => `l-0000000${index}` as SubscriptionId);
      for (const [index, each] of ids.entries())
        await store.commit(
          change(`f-${index}`, 0, {
            home: { kind: "subscription", id: each },
            subscriptions: [
              {
                id: each,
                expectedVersion: 0,
                after: state({ id: each }),
                announced: index !== 2,
                links: links(),
              },
            ],
            customer: customer(1, { id: `cus-${index}` as CustomerId }),
          }),
        );
      const listed = await all((limit, after) => directory.subscriptions(limit, after), 2);
      expect(listed.map((each) => each.id)).toEqual(ids.filter((_, index) => index !== 2));
      expect(listed[0]).toEqual(state({ id: ids[0] ?? id }));
      const customers = await all((limit, after) => directory.customers(limit, after), 2);
      expect(customers.map((each) => each.id)).toEqual(ids.map((_, index) => `cus-${index}`));
    });

    test("show what is parked and why, and no longer when it belongs somewhere", async () => {
      const { store, directory } = await make();
      const notice = example.notice("f-9", "2026-08-20T14:24:10Z", { known: false });
      const linked = { ...links(), ownerId: "p/x" as SubscriptionId };
      const agreementHome = { kind: "agreement", id: "agmt-1" } as const;
      const evidence = (factId: string, version: number, to: typeof linked | ReturnType<typeof links>) =>
        change(factId, version, {
          subscriptions: [{ id, expectedVersion: version, after: state(), announced: false, links: to }],
        });
      const ended = (factId: string, version: number, subscriptionIds: SubscriptionId[]) =>
        change("", 0, {
          fact: example.agreementEnded(factId, "2026-08-20T14:24:10Z"),
          home: agreementHome,
          subscriptions: [],
          agreements: [agreement(version, subscriptionIds)],
        });
      const buyer = (factId: string, version: number, waits: boolean) =>
        change(factId, 0, {
          home: { kind: "buyer", id: buyerId },
          subscriptions: [],
          buyers: [{ id: buyerId, expectedVersion: version, licenses: [], waits }],
        });
      const seller = { kind: "seller", id: "111122223333" } as const;
      for (const each of [evidence("f-1", 0, links()), ended("f-1", 0, []), buyer("f-1", 0, true)])
        expect(await store.commit(each)).toBe("stored");
      expect(await store.commit(change("", 0, { fact: notice, home: seller, subscriptions: [] }))).toBe(
        "stored",
      );
      expect(await parkedIn(directory)).toEqual([
        "agreement-unknown agreement agmt-1",
        "detail-type-unknown seller 111122223333",
        `evidence-only subscription ${id}`,
        `license-awaited buyer ${buyerId}`,
      ]);
      expect(await directory.facts(seller)).toEqual([notice]);
      for (const each of [evidence("f-2", 1, linked), ended("f-2", 1, [id]), buyer("f-2", 1, false)])
        expect(await store.commit(each)).toBe("stored");
      expect(await parkedIn(directory)).toEqual(["detail-type-unknown seller 111122223333"]);
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
      const said = [{ dimension: "Ünïcode 🚀", value: "1.50" }];
      const event = entitlementEvent("entitlement.granted", id, said, 7, at("2026-08-20T14:23:11Z"));
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
      emptySince: at("2026-08-20T14:55:00Z"),
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
