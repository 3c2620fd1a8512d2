import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Configuration } from "../configuration/configuration.ts";
import type { Fact } from "../lifecycle/fact.ts";
import { recordFact, type RecordPorts } from "../lifecycle/record-fact.ts";
import { customerKey, type SubscriptionId } from "../lifecycle/subscription.ts";
import {
  analyticsCode,
  archiveCode,
  at,
  buyerAccountId,
  customerIdentifier,
  example,
  exampleConfiguration,
  licenseArn,
  licenseId,
} from "../memory/example.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import { memorySuspicions } from "../memory/suspicions.ts";
import { fixedClock } from "../time/clock.ts";
import { type ObservedAgreement } from "./agreement-reader.ts";
import { reconcile, ReconcileError } from "./reconcile.ts";

const license = licenseId as string as SubscriptionId;
const productId = "prod-exampleanalytics";
const configuration: Configuration = {
  ...exampleConfiguration,
  products: exampleConfiguration.products.map((product) =>
    product.code === analyticsCode ? { ...product, id: productId } : product,
  ),
};

/** The same with an id for every listing, the old one included. */
const allNamed: Configuration = {
  ...configuration,
  products: configuration.products.map((product) => ({ ...product, id: `prod-${product.code}` })),
};

const observed = (change: Partial<ObservedAgreement> = {}): ObservedAgreement => ({
  agreementId: "agmt-1",
  status: "ACTIVE",
  buyerAccountId,
  changedAt: at("2026-08-20T10:00:05Z"),
  licenseArns: [licenseArn],
  ...change,
});

/** A world after some facts, to which AWS shows agreements at certain times. */
async function world(...facts: Fact[]) {
  const { store, directory, outbox } = memoryLifecycle();
  const suspicions = memorySuspicions();
  const ports: RecordPorts = {
    store,
    clock: fixedClock(at("2026-08-20T10:00:00Z")),
    waker: { wake: () => Promise.resolve() },
  };
  const requested: string[] = [];
  const askedSince: number[] = [];
  const askedFor: string[] = [];
  const record = (fact: Fact) => recordFact(ports, configuration, fact);
  for (const fact of facts) await record(fact);
  const runWith = (settings: Configuration, shownFor: string, time: string, ...shown: ObservedAgreement[]) =>
    reconcile(
      {
        ...ports,
        clock: fixedClock(at(time)),
        directory,
        suspicions,
        agreements: {
          async *agreements(id, since) {
            askedSince.push(since);
            askedFor.push(id);
            await Promise.resolve();
            if (id === shownFor) yield* shown;
          },
        },
        entitlementRequests: {
          request(ids) {
            requested.push(...ids);
            return Promise.resolve(ids);
          },
        },
      },
      settings,
    );
  const run = (time: string, ...shown: ObservedAgreement[]) =>
    runWith(configuration, productId, time, ...shown);
  const grant = async () => (await store.currentSubscription(license))?.grant;
  return { store, outbox, suspicions, record, run, runWith, grant, requested, askedSince, askedFor };
}

const began = example.licenseUpdated("f-1", "2026-08-20T09:00:00Z");

describe("an agreement that AWS shows as active", () => {
  test("of which no notification came is believed at the second look, ten minutes later", async () => {
    const { run, grant } = await world();
    expect(await run("2026-08-20T11:00:00Z", observed())).toMatchObject({
      suspected: [expect.stringContaining("is active")],
    });
    expect(await grant()).toBeUndefined();
    expect(await run("2026-08-20T11:09:59Z", observed())).toMatchObject({ healed: [] });
    expect(await run("2026-08-20T11:10:00Z", observed())).toMatchObject({
      healed: [expect.stringContaining("is active")],
      suspected: [],
    });
    expect(await grant()).toEqual({ state: "active", since: at("2026-08-20T10:00:05Z") });
    expect(await run("2026-08-20T12:00:00Z", observed())).toMatchObject({ healed: [], suspected: [] });
  });

  test("is not believed any more once the notification has come", async () => {
    const { run, record, suspicions } = await world();
    await run("2026-08-20T11:00:00Z", observed());
    await record(began);
    expect(await run("2026-08-20T17:00:00Z", observed())).toMatchObject({ healed: [], suspected: [] });
    expect(await suspicions.all()).toEqual([]);
  });

  test.each([
    ["cancelled", [began, example.agreementEnded("f-2", "2026-08-20T09:30:00Z")]],
    ["deprovisioned", [began, example.licenseDeprovisioned("f-2", "2026-08-20T09:30:00Z")]],
  ])("never revives a license that is %s", async (_, facts) => {
    const { run, grant } = await world(...facts);
    const before = await grant();
    for (const time of ["2026-08-20T11:00:00Z", "2026-08-20T12:00:00Z", "2026-08-21T12:00:00Z"])
      expect(await run(time, observed())).toMatchObject({ healed: [], suspected: [] });
    expect(await grant()).toEqual(before);
  });

  test("and was taken at its word does not outlive an end that is told later and happened before", async () => {
    const { run, record, grant } = await world();
    await run("2026-08-20T11:00:00Z", observed());
    await run("2026-08-20T11:10:00Z", observed());
    await record(example.licenseDeprovisioned("f-2", "2026-08-20T10:00:04Z"));
    expect(await grant()).toMatchObject({ state: "cancelling", cutAt: at("2026-08-20T10:00:04Z") });
  });

  test("under another id than we know is a renewal that nobody told", async () => {
    const { run, store } = await world(began);
    const renewed = observed({ agreementId: "agmt-2", changedAt: at("2026-08-20T10:30:00Z") });
    await run("2026-08-20T11:00:00Z", renewed);
    await run("2026-08-20T11:10:00Z", renewed);
    expect(await store.currentSubscription(license)).toMatchObject({
      agreementId: "agmt-2",
      grant: { state: "active", since: at("2026-08-20T09:00:00Z") },
    });
  });

  test("but begins later is not active yet", async () => {
    const { run } = await world();
    const later = observed({ startsAt: at("2026-09-01T00:00:00Z") });
    await run("2026-08-20T11:00:00Z", later);
    expect(await run("2026-08-20T12:00:00Z", later)).toMatchObject({ healed: [], suspected: [] });
  });
});

describe("an agreement that AWS shows as ended", () => {
  test.each(["CANCELLED", "EXPIRED", "TERMINATED"] as const)("(%s) ends what it owns", async (status) => {
    const { run, grant } = await world(began);
    const over = observed({ status });
    await run("2026-08-20T11:00:00Z", over);
    expect(await run("2026-08-20T11:10:00Z", over)).toMatchObject({
      healed: [expect.stringContaining(status)],
    });
    expect(await grant()).toMatchObject({ state: "cancelling", cutAt: at("2026-08-20T10:00:05Z") });
  });

  test.each(["RENEWED", "REPLACED", "ARCHIVED", undefined] as const)("(%s) ends nothing", async (status) => {
    const { run } = await world(began);
    expect(await run("2026-08-20T11:00:00Z", observed({ status }))).toMatchObject({ suspected: [] });
  });

  test("ends nothing that has moved on to another agreement", async () => {
    const { run } = await world(
      began,
      example.licenseUpdated("f-2", "2026-08-20T09:30:00Z", { agreementId: "agmt-2" }),
    );
    expect(await run("2026-08-20T11:00:00Z", observed({ status: "EXPIRED" }))).toMatchObject({
      suspected: [],
    });
  });
});

describe("a comparison", () => {
  test("of everything comes every six hours, with a read of all entitlements; in between only what is recent", async () => {
    const { run, requested, askedSince } = await world(began);
    expect(await run("2026-08-20T11:00:00Z")).toMatchObject({ swept: true, entitlementReads: 1 });
    expect(await run("2026-08-20T16:59:59Z")).toMatchObject({ swept: false, entitlementReads: 0 });
    expect(await run("2026-08-20T17:00:00Z")).toMatchObject({ swept: true });
    expect(requested).toEqual([license, license]);
    expect(askedSince).toEqual([0, at("2026-08-18T16:59:59Z"), 0]);
  });

  test("asks for no entitlements of what ended days ago", async () => {
    const { run, requested } = await world(
      began,
      example.agreementEnded("f-2", "2026-08-20T09:30:00Z"),
      example.windowElapsed("f-3", "2026-08-20T10:30:00Z"),
    );
    await run("2026-08-22T09:29:59Z");
    expect(requested).toEqual([license]);
    await run("2026-08-22T15:30:00Z");
    expect(requested).toEqual([license]);
  });

  test("of one agreement that fails holds up no other, and says so", async () => {
    const { run, suspicions } = await world();
    const broken = observed({ agreementId: "agmt-9" });
    Object.defineProperty(broken, "licenseArns", {
      get: () => {
        throw new Error("cut off");
      },
    });
    await expect(run("2026-08-20T11:00:00Z", broken, observed())).rejects.toThrow(/incomplete: cut off/);
    expect(await suspicions.all()).toHaveLength(1);
    expect(await suspicions.lastSweepAt()).toBe(at("2026-08-20T11:00:00Z"));
    await expect(run("2026-08-20T11:10:00Z", broken, observed())).rejects.toBeInstanceOf(ReconcileError);
    expect(await suspicions.all()).toEqual([]);
  });

  test("that finds a disagreement gone forgets it, so that a later one is looked at twice again", async () => {
    const { run, grant } = await world(began);
    const over = observed({ status: "CANCELLED" });
    await run("2026-08-20T10:00:10Z", over);
    await run("2026-08-20T10:15:00Z", observed());
    expect(await run("2026-08-20T13:00:00Z", over)).toMatchObject({ healed: [] });
    expect((await grant())?.state).toBe("active");
    expect(await run("2026-08-20T13:15:00Z", over)).toMatchObject({ healed: [expect.any(String)] });
  });

  test("keeps what it did not meet, between two sweeps", async () => {
    const { run, suspicions } = await world();
    await run("2026-08-20T11:00:00Z", observed());
    await run("2026-08-20T11:05:00Z");
    expect(await suspicions.all()).toHaveLength(1);
    await run("2026-08-20T17:00:00Z");
    expect(await suspicions.all()).toEqual([]);
  });

  test("asks for every subscription's entitlements, page after page", async () => {
    const ids = Array.from({ length: 250 }, (_, index) => `l-${String(index).padStart(8, "0")}`);
    const { run, requested } = await world(
      ...ids.map((id, index) =>
        example.licenseUpdated(`f-${index}`, "2026-08-20T09:00:00Z", { licenseArn: id, agreementId: id }),
      ),
    );
    await run("2026-08-20T11:00:00Z");
    expect(requested.toSorted()).toEqual(ids);
  });
});

describe("the instant of what is read back", () => {
  test("of an agreement made for later is its start, though AWS changed it before", async () => {
    const { run, grant } = await world();
    const later = observed({ startsAt: at("2026-08-20T10:30:00Z") });
    await run("2026-08-20T11:00:00Z", later);
    await run("2026-08-20T11:15:00Z", later);
    expect(await grant()).toEqual({ state: "active", since: at("2026-08-20T10:30:00Z") });
  });

  test("of a term that ran out is the term's end", async () => {
    const { run, grant } = await world(began);
    const expired = observed({
      status: "EXPIRED",
      changedAt: at("2026-08-20T08:00:00Z"),
      endsAt: at("2026-08-20T10:30:00Z"),
    });
    await run("2026-08-20T11:00:00Z", expired);
    await run("2026-08-20T11:15:00Z", expired);
    expect(await grant()).toMatchObject({
      since: at("2026-08-20T09:00:00Z"),
      cutAt: at("2026-08-20T10:30:00Z"),
    });
  });
});

describe("a listing in migration", () => {
  const owner = customerKey(archiveCode, customerIdentifier).id;
  const productCode = archiveCode;
  const facts = [
    example.subscribeSucceeded("f-1", "2026-08-19T10:00:00Z", { productCode }),
    example.registered("f-2", "2026-08-19T10:01:00Z", { productCode, customerIdentifier }),
    example.licenseUpdated("f-3", "2026-08-20T10:30:00Z", { productCode }),
  ];

  test("is compared by the subscription to which the license belongs", async () => {
    const { runWith, store } = await world(...facts);
    const look = (time: string, shown: ObservedAgreement) =>
      runWith(allNamed, `prod-${archiveCode}`, time, shown);
    expect(await look("2026-08-20T11:00:00Z", observed())).toMatchObject({ agreements: 1, suspected: [] });
    const over = observed({ status: "CANCELLED", changedAt: at("2026-08-20T11:30:00Z") });
    expect(await look("2026-08-20T12:00:00Z", over)).toMatchObject({ suspected: [expect.any(String)] });
    expect(await look("2026-08-20T12:10:00Z", over)).toMatchObject({ healed: [expect.any(String)] });
    expect((await store.currentSubscription(owner))?.grant).toMatchObject({
      since: at("2026-08-19T10:00:00Z"),
      cutAt: at("2026-08-20T11:30:00Z"),
    });
  });

  test("is asked for, and one with topics is not, since it has no agreements that decide", async () => {
    const { runWith, askedFor } = await world();
    await runWith(allNamed, "", "2026-08-20T11:00:00Z");
    expect(askedFor).toEqual([`prod-${analyticsCode}`, `prod-${archiveCode}`]);
  });
});

test("an agreement that was told, and is not the one that counts, is no disagreement", async () => {
  const { run } = await world(
    example.licenseUpdated("f-2", "2026-08-20T09:30:00Z", { agreementId: "agmt-1" }),
    example.licenseUpdated("f-3", "2026-08-20T09:40:00Z", { agreementId: "agmt-2" }),
  );
  expect(await run("2026-08-20T11:00:00Z", observed())).toMatchObject({ suspected: [], healed: [] });
});

test("facts that were read back leave the state independent of the order in which all are told", async () => {
  const told = fc.constantFrom(
    began,
    example.licenseUpdated("r-1", "2026-08-20T10:00:05Z", { reconciled: true }),
    example.agreementEnded("r-2", "2026-08-20T10:00:05Z", { reconciled: true }),
    example.agreementEnded("f-2", "2026-08-20T09:30:00Z"),
    example.licenseDeprovisioned("f-3", "2026-08-20T10:00:05Z"),
  );
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(told, { minLength: 1 }), async (facts) => {
      const [one, other] = [await world(...facts), await world(...facts.toReversed())];
      expect(await one.grant()).toEqual(await other.grant());
      if (facts.some(({ kind }) => kind === "license-deprovisioned"))
        expect((await one.grant())?.state).toBe("cancelling");
    }),
  );
});
