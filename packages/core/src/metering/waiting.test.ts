import { describe, expect, test } from "vitest";
import { customerIdOf } from "../lifecycle/customer.ts";
import {
  analyticsCode,
  at,
  buyerAccountId,
  example,
  exampleConfiguration,
  licenseArn,
  licenseId,
} from "../memory/example.ts";
import { time, watched, world } from "../memory/fold-world.ts";
import { usage } from "../memory/meter.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { attributeWaiting, sweepWaiting } from "./waiting.ts";

const id = licenseId as string as SubscriptionId;
const tagged = { tags: { team: "a" } };

/** Usage of a license that nobody has told us about yet, folded; `activate` tells. */
async function waitingWorld(...events: readonly object[]) {
  const one = await world();
  const stranger = "l-99999999999999999999";
  await one.ingest(events.length > 0 ? events : [usage("e-1", time, "1.5", { subject: stranger })]);
  await one.fold(stranger);
  const activate = (since = "2026-08-20T12:00:00Z") =>
    one.record(example.licenseUpdated("f-late", since, { licenseArn: stranger }));
  const look = () => attributeWaiting(one.ports, exampleConfiguration, stranger as SubscriptionId);
  return { ...one, stranger, activate, look, countedNow: () => one.counted(stranger) };
}

describe("usage that waits", () => {
  test("is counted once its subscription is known, tag set by tag set, and only once", async () => {
    const subject = "l-99999999999999999999";
    const data = { dimension: "gb_stored", quantity: "0.5" };
    const { activate, look, countedNow, waits, ports } = await waitingWorld(
      usage("e-1", time, "1.5", { subject }),
      usage("e-2", time, "0.5", { subject, data: { ...data, ...tagged } }),
    );
    expect(await waits(subject)).toEqual([["subject-unknown", 2_000_000n]]);
    expect(await look()).toMatchObject({ countedEvents: 0, unbillableEvents: 0 });
    await activate();
    expect(await look()).toMatchObject({ countedEvents: 2, unbillableEvents: 0 });
    expect(await look()).toMatchObject({ countedEvents: 0, unbillableEvents: 0 });
    expect(await countedNow()).toBe(2_000_000n);
    expect(await waits(subject)).toEqual([]);
    const book = await ports.books.load({
      subscriptionId: subject as SubscriptionId,
      dimension: "gb_stored",
    });
    expect([...book.balance.values()].flatMap((amounts) => [...amounts])).toEqual([
      ['[["team","a"]]', 500_000n],
      ["[]", 1_500_000n],
    ]);
  });

  test("waits on as far as it lies outside the grant, and says why", async () => {
    const subject = "l-99999999999999999999";
    const { activate, look, countedNow, waits } = await waitingWorld(
      usage("e-1", "2026-08-20T14:10:00Z", "1", { subject }),
      usage("e-2", "2026-08-20T14:20:00Z", "2", { subject }),
    );
    await activate("2026-08-20T14:15:00Z");
    expect(await look()).toMatchObject({ countedEvents: 1, unbillableEvents: 0 });
    expect(await countedNow()).toBe(2_000_000n);
    expect(await waits(subject)).toEqual([["outside-grant", 1_000_000n]]);
  });

  test("counts once, at whatever step a look is cut off, with another look at the same time", async () => {
    for (let n = 1; ; n += 1) {
      const { activate, look, countedNow, waits, ports, stranger } = await waitingWorld();
      await activate();
      const seen = { reached: false };
      const cut = watched(ports, async (call, go) => {
        if (call !== n) return go();
        seen.reached = true;
        await look();
        await go();
        throw new Error("crashed");
      });
      const cutOff = attributeWaiting(cut, exampleConfiguration, stranger as SubscriptionId);
      await cutOff.catch(() => undefined);
      await look();
      expect(await countedNow(), `step ${n}`).toBe(1_500_000n);
      expect(await waits(stranger)).toEqual([]);
      if (!seen.reached) break;
    }
  });

  test("is counted for the license that renewed the one it names, when that is told late", async () => {
    const [old, renewed] = ["l-99999999999999999999", "l-88888888888888888888"];
    const { record, ports, counted, waits } = await waitingWorld(usage("e-1", time, "2", { subject: old }));
    for (const fact of [
      example.agreementCreated("c-1", "2026-08-20T11:59:00Z", { agreementId: "agmt-71" }),
      example.licenseUpdated("f-7", "2026-08-20T12:00:00Z", { licenseArn: old, agreementId: "agmt-71" }),
      example.agreementCreated("c-2", "2026-08-20T13:59:00Z", {
        ...{ agreementId: "agmt-72", intent: "RENEW", previousAgreementId: "agmt-71" },
      }),
      example.licenseUpdated("f-8", "2026-08-20T14:00:00Z", { licenseArn: renewed, agreementId: "agmt-72" }),
    ])
      await record(fact);
    await attributeWaiting(ports, exampleConfiguration, renewed as SubscriptionId);
    expect(await waits(old)).toEqual([]);
    expect(await counted(renewed)).toBe(2_000_000n);
  });

  test("does not come back when the fold that met it is carried out again after it was counted", async () => {
    const { activate, look, countedNow, waits, ports, stranger } = await waitingWorld();
    const [usageThatWaits] = await ports.waiting.under(stranger, 10);
    if (usageThatWaits === undefined) throw new Error("nothing waits");
    await activate();
    await look();
    await ports.waiting.put(usageThatWaits);
    expect(await waits(stranger)).toEqual([]);
    await look();
    expect(await countedNow()).toBe(1_500_000n);
  });

  test("under a customer, or the seller's own name for one, is found when the customer registers", async () => {
    const customerId = customerIdOf({ buyerAccountId });
    for (const subject of [customerId, "tenant-42"]) {
      const one = await world();
      await one.ingest([usage("e-1", time, "3", { subject })]);
      await one.fold(subject);
      expect(await one.waits(subject)).toEqual([["subject-unknown", 3_000_000n]]);
      const named = { productCode: analyticsCode, licenseArn, reference: "tenant-42" };
      await one.record(example.registered("f-2", "2026-08-20T15:10:00Z", named));
      await attributeWaiting(one.ports, exampleConfiguration, id);
      expect(await one.waits(subject)).toEqual([]);
      expect(await one.counted()).toBe(3_000_000n);
    }
  });

  test("is looked at by the sweep when nobody asked for it, hours after the last look", async () => {
    const { activate, countedNow, ports, setNow } = await waitingWorld();
    await activate();
    const sweep = () => sweepWaiting(ports, exampleConfiguration);
    expect(await sweep()).toMatchObject({ countedEvents: 0, unbillableEvents: 0 });
    setNow(at("2026-08-20T21:20:00Z"));
    expect(await sweep()).toMatchObject({ countedEvents: 1, unbillableEvents: 0 });
    expect(await countedNow()).toBe(1_500_000n);
  });

  test("is given up, and said to be, when nobody was found in all the time that usage is taken", async () => {
    const { activate, countedNow, waits, ports, setNow, stranger } = await waitingWorld();
    setNow(at("2026-09-25T15:21:00Z"));
    expect(await sweepWaiting(ports, exampleConfiguration)).toMatchObject({
      countedEvents: 0,
      unbillableEvents: 1,
    });
    expect(await waits(stranger)).toEqual([]);
    await activate();
    expect(await sweepWaiting(ports, exampleConfiguration)).toMatchObject({
      countedEvents: 0,
      unbillableEvents: 0,
    });
    expect(await countedNow()).toBe(0n);
  });
});

describe("usage that cannot be looked at", () => {
  test("is named, comes back in its turn, and holds up nobody behind it", async () => {
    const { activate, ports, countedNow, setNow } = await waitingWorld();
    const poison = "l-00000000000000000000";
    const [good] = await ports.waiting.under("l-99999999999999999999", 1);
    if (good === undefined) throw new Error("nothing waits");
    const bytes = good.events.bytes.slice(0, -1);
    await ports.waiting.put({
      ...good,
      subject: poison,
      id: "p-0",
      lookAt: at("2026-08-20T00:00:00Z"),
      events: { ...good.events, bytes },
    });
    await activate();
    setNow(at("2026-08-20T15:25:00Z"));
    const { problems, countedEvents } = await sweepWaiting(ports, exampleConfiguration);
    expect(problems).toEqual([expect.stringContaining("p-0")]);
    expect(countedEvents).toBe(1);
    expect(await countedNow()).toBe(1_500_000n);
    expect((await sweepWaiting(ports, exampleConfiguration)).problems).toEqual([]);
  });

  test("because its books change meanwhile is tried again at once", async () => {
    const { activate, look, ports, countedNow, stranger } = await waitingWorld();
    await activate();
    const settle = ports.waiting.settle.bind(ports.waiting);
    let conflicts = 0;
    ports.waiting.settle = (...given) => {
      conflicts += 1;
      return conflicts < 4 ? Promise.resolve("conflict") : settle(...given);
    };
    expect((await look()).countedEvents).toBe(1);
    expect(await countedNow()).toBe(1_500_000n);
    expect(await ports.waiting.under(stranger, 1)).toEqual([]);
  });
});

describe("usage that names a license", () => {
  const renewed = "l-22222222222222222222";
  const renewal = [
    example.agreementCreated("c-1", "2026-08-20T11:59:00Z", { agreementId: "agmt-1" }),
    example.licenseUpdated("f-1", "2026-08-20T12:00:00Z", { licenseArn, agreementId: "agmt-1" }),
    example.agreementCreated("c-2", "2026-08-20T13:59:00Z", {
      ...{ agreementId: "agmt-2", intent: "RENEW", previousAgreementId: "agmt-1" },
    }),
    example.licenseUpdated("f-2", "2026-08-20T14:00:00Z", { licenseArn: renewed, agreementId: "agmt-2" }),
    example.licenseDeprovisioned("f-3", "2026-08-20T14:01:00Z", { licenseArn, agreementId: "agmt-1" }),
  ];

  test.each([licenseId, renewed])(
    "before and after a renewal (%s) goes to the one in force",
    async (subject) => {
      const one = await world();
      for (const fact of renewal) await one.record(fact);
      const hours = ["2026-08-20T13:50:00Z", "2026-08-20T14:00:30Z", "2026-08-20T14:05:00Z"];
      await one.ingest(hours.map((when, index) => usage(`e-${index}`, when, "1", { subject })));
      await one.fold(subject);
      const before = subject === renewed ? 0n : 1_000_000n;
      expect([await one.counted(licenseId), await one.counted(renewed)]).toEqual([before, 2_000_000n]);
    },
  );
});
