import type { CustomerId } from "@tollhouse/core/lifecycle/customer";
import type { LifecycleDirectory, LifecycleStore, Page } from "@tollhouse/core/lifecycle/store";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { example } from "@tollhouse/core/memory/example";
import { describe, expect, test } from "vitest";
import { agreement, buyerId, change, customer, id, links, state } from "./lifecycle-example.ts";

type Made = { readonly store: LifecycleStore; readonly directory: LifecycleDirectory };

/** What every LifecycleDirectory promises. */
export function directoryContract(make: () => Promise<Made>): void {
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

    test("name where the next page begins only while there may be one", async () => {
      const { store, directory } = await make();
      const notice = (factId: string) => example.notice(factId, "2026-08-20T14:24:10Z", { known: false });
      for (const index of [1, 2]) {
        const each = `l-0000000${index}` as SubscriptionId;
        const stored = change("", 0, {
          fact: notice(`f-${index}`),
          home: { kind: "subscription", id: each },
          subscriptions: [
            {
              ...{ id: each, expectedVersion: 0, after: state({ id: each }) },
              ...{ announced: true, links: links() },
            },
          ],
          customer: customer(1, { id: `cus-${index}` as CustomerId }),
        });
        expect(await store.commit(stored)).toBe("stored");
      }
      const lists: readonly ((limit: number) => Promise<Page<unknown>>)[] = [
        (limit) => directory.subscriptions(limit),
        (limit) => directory.customers(limit),
        (limit) => directory.parked(limit),
      ];
      for (const list of lists) {
        expect((await list(1)).next).toEqual(expect.any(String));
        const whole = await list(3);
        expect(whole.items).toHaveLength(2);
        expect(whole).not.toHaveProperty("next");
      }
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

    test("show whole pages, however large what they list is", async () => {
      const { store, directory } = await make();
      const seller = { kind: "seller", id: "111122223333" } as const;
      const detail = "d".repeat(16_000);
      for (let index = 0; index < 80; index += 1) {
        const fact = example.notice(`f-${index}`, "2026-08-20T14:24:10Z", { known: false, detail });
        expect(await store.commit(change("", 0, { fact, home: seller, subscriptions: [] }))).toBe("stored");
      }
      expect((await directory.parked(100)).items).toHaveLength(80);
    });
  });
}
