import { describe, expect, test } from "vitest";
import { analyticsCode, at, buyerAccountId, example, licenseArn } from "../memory/example.ts";
import { lifecycleWorld } from "../memory/lifecycle-world.ts";
import type { Fact } from "./fact.ts";

class Crash extends Error {}

/** Every call of a port, counted over the whole world; the one that is named dies before or after its effect. */
interface Fuse {
  calls: number;
  dieAt: number;
  readonly after: boolean;
}

/** The port with the fuse before or behind each of its methods. */
function fused<Port extends object>(port: Port, fuse: Fuse): Port {
  return new Proxy(port, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== "function") return method;
      return async (...given: unknown[]) => {
        fuse.calls += 1;
        const dies = fuse.calls === fuse.dieAt;
        if (dies && !fuse.after) throw new Crash();
        const answer: unknown = await Reflect.apply(method, target, given);
        if (dies) throw new Crash();
        return answer;
      };
    },
  });
}

const later = at("2026-08-21T00:00:00Z");
const story: readonly Fact[] = [
  example.agreementCreated("f-1", "2026-08-20T09:59:50Z"),
  example.licenseUpdated("f-2", "2026-08-20T10:00:00Z"),
  example.agreementCreated("f-3", "2026-08-20T11:00:00Z", {
    ...{ agreementId: "agmt-2", intent: "RENEW", previousAgreementId: "agmt-1" },
  }),
  example.licenseUpdated("f-4", "2026-08-20T11:00:10Z", {
    ...{ agreementId: "agmt-2", licenseArn: "l-22222222222222222222" },
  }),
  example.agreementEnded("f-5", "2026-08-20T11:00:20Z", { status: "RENEWED" }),
  example.licenseDeprovisioned("f-6", "2026-08-20T11:00:30Z"),
];

/** Everything the lifecycle does, the messages at least once, until nothing is left to do. */
async function play(fuse: Fuse) {
  const { store, directory, heard, record, visit, settle } = lifecycleWorld({
    entitlementsAt: () => [{ dimension: "seats", value: 5 }],
    around: (port) => fused(port, fuse),
    startsAt: later,
  });
  for (const fact of story) await record(fact);
  await visit("token", { productCode: analyticsCode, buyerAccountId, licenseArn });
  await settle();
  const subscriptions = (await directory.subscriptions(100)).items;
  const state = {
    subscriptions,
    customers: (await directory.customers(100)).items,
    parked: (await directory.parked(100)).items,
    entitlements: await Promise.all(
      subscriptions.map(async ({ id }) => (await store.loadEntitlements(id))?.entitlements),
    ),
    // How often the entitlements were read, and so their versions, may differ.
    heard: [...new Set(heard.map(({ id }) => id))].filter((id) => !id.includes("/entitlements@")).toSorted(),
  };
  return { state, heard };
}

const never = { calls: 0, dieAt: 0, after: false };

describe("a crash", () => {
  test.each([false, true])(
    "at any call of any port (after its effect: %s), and then a retry, ends as if there had been none",
    async (after) => {
      const straight = await play({ ...never });
      expect(straight.state.subscriptions.map(({ grant }) => grant.state)).toEqual(["ended", "active"]);
      const fuse: Fuse = { calls: 0, dieAt: Infinity, after };
      await play(fuse);
      expect(fuse.calls).toBeGreaterThan(100);
      for (let dieAt = 1; dieAt <= fuse.calls; dieAt += 1) {
        const crashed = await play({ calls: 0, dieAt, after });
        expect(crashed.state, `call ${dieAt}`).toEqual(straight.state);
        // A repeat says the same: ids are made of what they say.
        const saying = new Map<string, string>();
        for (const event of crashed.heard) {
          const text = JSON.stringify(event);
          expect(saying.get(event.id) ?? text, `call ${dieAt}`).toBe(text);
          saying.set(event.id, text);
        }
      }
    },
  );
});

test("work that fails for ever ends with its last error instead of coming again", async () => {
  let calls = 0;
  const { record } = lifecycleWorld({
    around: (port) =>
      new Proxy(port, { get: () => () => Promise.reject(new Error(`call ${(calls += 1)} failed`)) }),
  });
  await expect(record(example.agreementCreated("f-1", "2026-08-20T09:59:50Z"))).rejects.toThrow(
    "call 50 failed",
  );
  expect(calls).toBe(50);
});
