import { describe, expect, test } from "vitest";
import { recordFact } from "../lifecycle/record-fact.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import {
  at,
  customerIdentifier,
  example,
  exampleConfiguration,
  licenseId,
  mailerCode,
} from "../memory/example.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import { fixedClock } from "../time/clock.ts";
import type { Entitlement } from "./entitlement.ts";
import { EntitlementContentionError, refreshEntitlements } from "./refresh.ts";

const license = licenseId as string as SubscriptionId;
const seats = (value: number): Entitlement => ({ dimension: "seats", value });

/** A store with an active license and a customer by topic. */
async function world() {
  const { store } = memoryLifecycle();
  const waker = { wake: () => Promise.resolve() };
  const clock = fixedClock(at("2026-08-20T10:00:00Z"));
  for (const fact of [
    example.licenseUpdated("f-1", "2026-08-20T10:00:00Z"),
    example.subscribeSucceeded("f-2", "2026-08-20T10:00:00Z"),
  ])
    await recordFact({ store, waker, clock }, exampleConfiguration, fact);
  /** Reads at an instant and gets an answer, while `meanwhile` happens. */
  const refresh = (
    time: string,
    answer: readonly Entitlement[],
    meanwhile: () => Promise<unknown> = () => Promise.resolve(),
    change: Partial<LifecycleStore> = {},
    id = license,
  ) =>
    refreshEntitlements(
      {
        store: { ...store, ...change },
        waker,
        clock: fixedClock(at(time)),
        reader: { read: () => meanwhile().then(() => answer) },
      },
      exampleConfiguration,
      id,
    );
  const valueOf = async () => (await store.loadEntitlements(license))?.entitlements[0]?.value;
  return { store, refresh, valueOf };
}

describe("a read of the entitlements", () => {
  test("that started earlier never overwrites one that started later, however slow it is", async () => {
    const { refresh, valueOf } = await world();
    const slow = await refresh("2026-08-20T11:00:00Z", [seats(1)], () =>
      refresh("2026-08-20T11:00:01Z", [seats(2)]),
    );
    expect(slow).toBe("ignored");
    expect(await valueOf()).toBe(2);
  });

  test("that started later is kept although an earlier one was stored just before it", async () => {
    const { store, refresh, valueOf } = await world();
    let isFirst = true;
    const newer = await refresh("2026-08-20T11:00:01Z", [seats(2)], undefined, {
      async storeEntitlements(snapshot, outbox) {
        if (isFirst) {
          isFirst = false;
          await refresh("2026-08-20T11:00:00Z", [seats(1)]);
        }
        return store.storeEntitlements(snapshot, outbox);
      },
    });
    expect(newer).toBe("stored");
    expect(await valueOf()).toBe(2);
    expect((await store.loadEntitlements(license))?.version).toBe(2);
  });

  test("that always loses to other writers comes back instead of being dropped", async () => {
    const { refresh } = await world();
    const change = { storeEntitlements: () => Promise.resolve(false) };
    const read = refresh("2026-08-20T11:00:00Z", [seats(1)], undefined, change);
    await expect(read).rejects.toBeInstanceOf(EntitlementContentionError);
  });

  test("is not made for what is unknown or sells nothing up front", async () => {
    const { refresh } = await world();
    const unread = () => Promise.reject(new Error("AWS was asked"));
    for (const id of ["l-unknown", `${mailerCode}/${customerIdentifier}`])
      expect(await refresh("2026-08-20T11:00:00Z", [], unread, {}, id as SubscriptionId)).toBe(
        "nothing-to-read",
      );
  });

  test("that fails keeps the last known truth", async () => {
    const { refresh, valueOf } = await world();
    await refresh("2026-08-20T11:00:00Z", [seats(1)]);
    await expect(
      refresh("2026-08-20T12:00:00Z", [], () => Promise.reject(new Error("throttled"))),
    ).rejects.toThrow("throttled");
    expect(await valueOf()).toBe(1);
  });
});
