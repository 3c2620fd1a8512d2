import type { EmailAddress } from "@tollhouse/core/contact/email-address";
import type { CustomerId } from "@tollhouse/core/lifecycle/customer";
import type { FactId } from "@tollhouse/core/lifecycle/fact";
import type { LifecycleChange, LifecycleStore } from "@tollhouse/core/lifecycle/store";
import { at, example } from "@tollhouse/core/memory/example";
import { describe, expect, test } from "vitest";
import { buyerId, change, customer, customerId, id, links, state } from "./lifecycle-example.ts";

/** What every LifecycleStore promises of buyers and customers. */
export function customerContract(make: () => Promise<{ readonly store: LifecycleStore }>): void {
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
        contact: {
          email: "jane@example.com" as EmailAddress,
          givenAt: at("2026-08-20T14:00:00Z"),
          code: "c-1",
          mailAskedAt: at("2026-08-20T14:00:00Z"),
          mailsThatDay: 1,
          confirmedAt: at("2026-08-20T14:05:00Z"),
        },
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
      expect(await store.storeCustomer({ ...erased, version: 3 }, [])).toBe(false);
      expect(await store.storeCustomer(erased, [])).toBe(true);
      expect(await store.storeCustomer(erased, [])).toBe(false);
      expect(await store.loadCustomer(customerId)).toEqual(erased);
    });

    test("is found by its reference, with all others that have it, as long as it has it", async () => {
      const { store } = await make();
      const named = (reference: string) => ({
        reference,
        referencedAt: at("2026-08-20T14:00:00Z"),
        referencedBy: "f-1" as FactId,
      });
      const another = "cus-000000000000000000000002" as CustomerId;
      await store.commit(registers("f-1", 0, customer(1, named("tenant-42"))));
      expect(await store.loadCustomer(customerId)).toEqual(customer(1, named("tenant-42")).after);
      expect(await store.customersOf("tenant-42")).toEqual([customerId]);
      expect(await store.customersOf("tenant-4")).toEqual([]);
      expect(await store.customersOf(customerId)).toEqual([]);
      await store.storeCustomer({ ...customer(1, named("tenant-42")).after, id: another }, []);
      expect(await store.customersOf("tenant-42")).toEqual([customerId, another]);
      await store.commit(registers("f-2", 1, customer(2, named("tenant-43"))));
      expect(await store.customersOf("tenant-42")).toEqual([another]);
      expect(await store.customersOf("tenant-43")).toEqual([customerId]);
      await store.storeCustomer(customer(3).after, []);
      expect(await store.customersOf("tenant-43")).toEqual([]);
      expect(await store.subscriptionsOf(customerId)).toEqual([id]);
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
}
