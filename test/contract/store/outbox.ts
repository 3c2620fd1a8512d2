import type { LifecycleStore } from "@tollhouse/core/lifecycle/store";
import { at } from "@tollhouse/core/memory/example";
import type { Outbox, OutboxEntry } from "@tollhouse/core/outbox/outbox";
import { entitlementEvent } from "@tollhouse/core/outbox/outgoing-event";
import { describe, expect, test } from "vitest";
import { change, entry, id, someday } from "./lifecycle-example.ts";

type Made = { readonly store: LifecycleStore; readonly outbox: Outbox };

/** What every Outbox promises of what a LifecycleStore puts into it. */
export function outboxContract(make: () => Promise<Made>): void {
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
}
