import { describe, expect, test } from "vitest";
import { customerIdOf } from "../lifecycle/customer.ts";
import { customerKey } from "../lifecycle/subscription.ts";
import { allBilled, edgeWorld } from "../memory/edge-world.ts";
import {
  analyticsCode,
  archiveCode,
  buyerAccountId,
  customerIdentifier,
  example,
  exampleConfiguration,
  hour,
  licenseArn,
} from "../memory/example.ts";
import { usage } from "../memory/meter.ts";

/**
 * Usage at the edges of what AWS takes, from the queue to AWS's bill and the books. That a record which AWS refuses holds up no other,
 * at any place of a call and two at once, is shown in `submit.test.ts`.
 */

/** A license that is active since noon of the 20th. */
async function active(since = "2026-08-20T12:00:00Z") {
  const world = edgeWorld();
  await world.record(example.licenseUpdated("f-1", since));
  return world;
}

describe("late usage", () => {
  test("of an hour that was billed is billed in the next", async () => {
    const { come, run, bill, ledger } = await active();
    await come("2026-08-20T14:30:00Z", usage("e-1", "2026-08-20T14:10:00Z", "5"));
    await run("2026-08-20T15:10:00Z");
    await come("2026-08-20T15:30:00Z", usage("e-2", "2026-08-20T14:20:00Z", "7"));
    await run("2026-08-20T15:35:00Z", "2026-08-20T16:10:00Z");
    expect(bill()).toEqual([
      ["2026-08-20T14", 5n],
      ["2026-08-20T15", 7n],
    ]);
    expect(await ledger()).toEqual(allBilled("12"));
  });

  test("of longer ago than AWS takes is billed in the oldest hour that it still takes", async () => {
    const { come, run, bill, ledger } = await active();
    await come("2026-08-22T09:30:00Z", usage("e-1", "2026-08-20T14:10:00Z", "5"));
    await run("2026-08-22T10:10:00Z", "2026-08-22T10:15:00Z");
    expect(bill()).toEqual([["2026-08-21T12", 5n]]);
    expect(await ledger()).toEqual(allBilled("5"));
  });

  test("is billed until 35 days after its hour; what comes later is in the quarantine, whole", async () => {
    const { come, run, bill, ledger, quarantined } = await active();
    await come("2026-09-24T15:00:00Z", usage("e-1", "2026-08-20T14:10:00Z", "5"));
    const { quarantinedCount } = await come(
      "2026-09-24T15:00:01Z",
      usage("e-2", "2026-08-20T14:10:00Z", "7"),
    );
    await run("2026-09-24T16:10:00Z", "2026-09-24T16:15:00Z");
    expect(bill()).toEqual([["2026-09-23T18", 5n]]);
    expect(await ledger()).toEqual(allBilled("5"));
    expect(quarantinedCount).toBe(1);
    expect(await quarantined()).toEqual([
      expect.objectContaining({
        reason: expect.stringContaining("more than 35 days ago") as string,
        body: expect.stringContaining('"e-2"') as string,
      }),
    ]);
  });
});

test("usage of the future is billed as far as clocks may differ, and refused beyond", async () => {
  const { come, run, bill, ledger, quarantined } = await active();
  await come(
    "2026-08-20T13:58:00Z",
    usage("e-1", "2026-08-20T14:03:00Z", "5"),
    usage("e-2", "2026-08-20T14:03:01Z", "7"),
  );
  await run("2026-08-20T14:10:00Z", "2026-08-20T15:10:00Z");
  expect(bill()).toEqual([["2026-08-20T14", 5n]]);
  expect(await ledger()).toEqual(allBilled("5"));
  const reason = expect.stringContaining("ahead of our clock") as string;
  expect(await quarantined()).toEqual([expect.objectContaining({ reason })]);
});

describe("usage outside the grant", () => {
  test("a moment before its begin, or at its end and after, is billed to nobody, and seen", async () => {
    const { come, run, bill, ledger, record } = await active();
    await record(example.agreementEnded("f-2", "2026-08-20T14:20:00Z"));
    await come(
      "2026-08-20T14:25:00Z",
      usage("e-1", "2026-08-20T11:59:59.999Z", "1"),
      usage("e-2", "2026-08-20T12:00:00Z", "2"),
      usage("e-3", "2026-08-20T14:19:59.999Z", "4"),
      usage("e-4", "2026-08-20T14:20:00Z", "8"),
      usage("e-5", "2026-08-20T14:24:00Z", "16"),
    );
    await run("2026-08-20T14:30:00Z", "2026-08-20T14:35:00Z", "2026-08-20T14:40:00Z");
    expect(bill()).toEqual([
      ["2026-08-20T12", 2n],
      ["2026-08-20T14", 4n],
    ]);
    const seen = { ...allBilled("6"), accepted: "31" };
    expect(await ledger()).toEqual({ ...seen, waiting: "25" });
    await run("2026-09-25T16:00:00Z");
    expect(bill()).toHaveLength(2);
    expect(await ledger()).toEqual({ ...seen, unbillable: "25" });
  });
});

describe("usage of a month's last hour", () => {
  const last = "2026-08-31T23";
  test("is one record with what comes until 03:00 on the first", async () => {
    const { come, run, bill, ledger } = await active();
    await come("2026-09-01T00:05:00Z", usage("e-1", "2026-08-31T23:50:00Z", "5"));
    await run("2026-09-01T00:20:00Z");
    await come("2026-09-01T02:59:00Z", usage("e-2", "2026-08-31T23:55:00Z", "7"));
    await run("2026-09-01T03:00:00Z");
    expect(bill()).toEqual([[last, 12n]]);
    expect(await ledger()).toEqual(allBilled("12"));
  });

  test("is billed in its month while there is time to have it taken, and in the new one from then on", async () => {
    for (const [comes, billedIn] of [
      ["2026-09-01T02:59:00Z", last],
      ["2026-09-01T04:55:00Z", last],
      ["2026-09-01T05:59:00Z", "2026-09-01T00"],
      ["2026-09-01T06:01:00Z", "2026-09-01T00"],
    ] as const) {
      const { come, run, bill, ledger } = await active();
      await come(comes, usage("e-1", "2026-08-31T23:50:00Z", "5"));
      const end = comes < "2026-09-01T03" ? "2026-09-01T03:00:00Z" : comes;
      await run(end, end, "2026-09-01T06:05:00Z", "2026-09-01T06:10:00Z");
      expect(bill(), comes).toEqual([[billedIn, 5n]]);
      expect(await ledger(), comes).toEqual(allBilled("5"));
    }
  });

  test("that is pending is taken until 05:59; what never reached AWS by 06:00 is billed in the new month", async () => {
    for (const [again, billedIn] of [
      ["2026-09-01T05:59:00Z", last],
      ["2026-09-01T06:01:00Z", "2026-09-01T00"],
    ] as const) {
      const { come, run, runInVain, bill, ledger } = await active();
      await come("2026-09-01T00:05:00Z", usage("e-1", "2026-08-31T23:50:00Z", "5"));
      await runInVain("2026-09-01T03:00:00Z", "none");
      expect(await ledger()).toEqual({ ...allBilled("5"), billed: "0", notTaken: "5" });
      await run(again, "2026-09-01T06:05:00Z");
      expect(bill(), again).toEqual([[billedIn, 5n]]);
      expect(await ledger(), again).toEqual(allBilled("5"));
    }
  });

  test("of which AWS may have a record already is not sent under another hour", async () => {
    const { come, run, runInVain, bill, ledger } = await active();
    await come("2026-09-01T00:05:00Z", usage("e-1", "2026-08-31T23:50:00Z", "5"));
    await runInVain("2026-09-01T03:00:00Z", "unknown");
    await run("2026-09-01T06:01:00Z", "2026-09-01T07:10:00Z");
    expect(bill()).toEqual([]);
    expect(await ledger()).toEqual({ ...allBilled("5"), billed: "0", notTaken: "5" });
  });
});

test("usage that is late on both sides of a move to licenses is billed by license, and no hour twice", async () => {
  const world = edgeWorld({
    ...exampleConfiguration,
    products: exampleConfiguration.products.map((product) =>
      product.code === archiveCode ? { ...product, metersByLicenseFrom: hour("2026-08-20T14") } : product,
    ),
  });
  const named = { productCode: archiveCode, customerIdentifier };
  await world.record(example.subscribeSucceeded("f-1", "2026-08-20T09:00:00Z", named));
  const both = { ...named, licenseArn, buyerAccountId };
  await world.record(example.registered("f-2", "2026-08-20T09:05:00Z", both));
  const subject = customerKey(archiveCode, customerIdentifier).id;
  const archived = (id: string, time: string, quantity: string) =>
    usage(id, time, quantity, { subject, data: { dimension: "gb_archived", quantity } });
  await world.come(
    "2026-08-20T14:50:00Z",
    archived("e-1", "2026-08-20T13:10:00Z", "1"),
    archived("e-2", "2026-08-20T14:10:00Z", "2"),
  );
  await world.run("2026-08-20T15:10:00Z");
  await world.come(
    "2026-08-20T15:50:00Z",
    archived("e-3", "2026-08-20T13:20:00Z", "4"),
    archived("e-4", "2026-08-20T14:20:00Z", "8"),
  );
  await world.run("2026-08-20T15:55:00Z", "2026-08-20T16:10:00Z");
  expect(world.bill()).toEqual([
    ["2026-08-20T13", 1n],
    ["2026-08-20T14", 2n],
    ["2026-08-20T15", 12n],
  ]);
  expect([...world.billed.values()].map(({ entry }) => entry.identity.by)).toEqual([
    "product-code",
    "license",
    "license",
  ]);
  expect(await world.ledger()).toEqual(allBilled("15"));
});

describe("of more than a record holds", () => {
  test("the rest is billed in the hours that follow", async () => {
    const { come, run, bill, ledger } = await active();
    const most = 2_147_483_647n;
    await come(
      "2026-08-20T14:30:00Z",
      usage("e-1", "2026-08-20T13:10:00Z", String(most)),
      usage("e-2", "2026-08-20T14:10:00Z", String(2n * most + 1n)),
    );
    await run("2026-08-20T15:10:00Z");
    expect(bill()).toEqual([
      ["2026-08-20T13", most],
      ["2026-08-20T14", most],
    ]);
    await run("2026-08-20T16:10:00Z", "2026-08-20T17:10:00Z");
    expect(bill().slice(2)).toEqual([
      ["2026-08-20T15", most],
      ["2026-08-20T16", 1n],
    ]);
    expect(await ledger()).toEqual(allBilled(String(3n * most + 1n)));
  });

  test.each([2_499, 2_500, 2_501, 3_000])(
    "%i tag sets, and usage without tags, are one record",
    async (count) => {
      const { come, run, bill, billed, ledger } = await active();
      const tagged = Array.from({ length: count }, (_, index) => {
        const data = { dimension: "gb_stored", quantity: "2", tags: { t: String(index) } };
        return usage(`e-${index}`, "2026-08-20T14:10:00Z", "2", { data });
      });
      await come("2026-08-20T14:30:00Z", usage("e", "2026-08-20T14:10:00Z", "3"), ...tagged);
      await run("2026-08-20T15:10:00Z");
      const all = BigInt(2 * count + 3);
      expect(bill()).toEqual([["2026-08-20T14", all]]);
      const [record] = billed.values();
      const parts = record?.entry.allocations.map(({ units }) => units) ?? [];
      expect(parts.reduce((sum, units) => sum + units, 0n)).toBe(all);
      expect(parts.filter((units) => units === 2n).length).toBe(Math.min(count, 2_499));
      expect(await ledger()).toEqual(allBilled(String(all)));
    },
  );
});

test("two agreements of one buyer are billed each its own by license; by customer, usage waits and is seen", async () => {
  const world = await active();
  const other = "l-99999999999999999999";
  const second = { licenseArn: licenseArn.replace(/l-\w+$/, other), agreementId: "agmt-2" };
  await world.record(example.licenseUpdated("f-2", "2026-08-20T12:30:00Z", second));
  await world.record(example.registered("f-3", "2026-08-20T12:40:00Z"));
  await world.record(example.registered("f-4", "2026-08-20T12:41:00Z", { licenseArn: second.licenseArn }));
  const subject = customerIdOf({ buyerAccountId });
  await world.come(
    "2026-08-20T14:30:00Z",
    usage("e-1", "2026-08-20T14:10:00Z", "1"),
    usage("e-2", "2026-08-20T14:10:00Z", "2", { subject: other }),
    usage("e-3", "2026-08-20T14:10:00Z", "4", { subject }),
  );
  await world.run("2026-08-20T15:10:00Z", "2026-08-20T15:30:00Z", "2026-08-20T16:10:00Z");
  const byLicense = [...world.billed.values()].map(({ subscriptionId, entry }) => [
    subscriptionId,
    entry.quantity,
  ]);
  expect(new Map(byLicense as [string, bigint][])).toEqual(
    new Map([
      [licenseArn.slice(licenseArn.lastIndexOf(":") + 1), 1n],
      [other, 2n],
    ]),
  );
  expect(await world.meter.ports.waiting.under(subject, 10)).toMatchObject([
    { reason: "several-subscriptions", units: 4_000_000n },
  ]);
  expect(await world.ledger()).toEqual({ ...allBilled("3"), accepted: "7", waiting: "4" });
});

test("usage of a customer whom nobody knows yet is billed when they register", async () => {
  const world = await active();
  const subject = customerIdOf({ buyerAccountId });
  await world.come("2026-08-20T14:30:00Z", usage("e-1", "2026-08-20T14:10:00Z", "5", { subject }));
  await world.run("2026-08-20T15:10:00Z");
  expect(world.bill()).toEqual([]);
  expect(await world.ledger()).toEqual({ ...allBilled("0"), accepted: "5", waiting: "5" });
  await world.record(example.registered("f-2", "2026-08-20T15:20:00Z", { productCode: analyticsCode }));
  await world.run("2026-08-20T15:30:00Z", "2026-08-20T15:35:00Z");
  expect(world.bill()).toEqual([["2026-08-20T14", 5n]]);
  expect(await world.ledger()).toEqual(allBilled("5"));
});
