import { describe, expect, test } from "vitest";
import { customerKey } from "../lifecycle/subscription.ts";
import {
  archiveCode,
  at,
  buyerAccountId,
  customerIdentifier,
  example,
  exampleConfiguration,
  hour,
  licenseArn,
  licenseId,
} from "../memory/example.ts";
import { sealWorld } from "../memory/seal-world.ts";
import { formatHour } from "../time/utc-hour.ts";
import type { BookKey } from "./book.ts";
import { submitRecords } from "./submit.ts";

const key: BookKey = {
  subscriptionId: customerKey(archiveCode, customerIdentifier).id,
  dimension: "gb_archived",
};
/** The listing is metered by license from 14:00 on. */
const configuration = {
  ...exampleConfiguration,
  products: exampleConfiguration.products.map((product) =>
    product.code === archiveCode ? { ...product, metersByLicenseFrom: hour("2026-08-20T14") } : product,
  ),
};

/** A buyer of the old listing since the 19th, whose license AWS has named. */
async function migrating() {
  const world = sealWorld(key, configuration);
  const named = { productCode: archiveCode, customerIdentifier };
  await world.record(example.subscribeSucceeded("f-1", "2026-08-19T09:00:00Z", named));
  await world.record(
    example.registered("f-2", "2026-08-19T09:05:00Z", { ...named, licenseArn, buyerAccountId }),
  );
  const seal = async (through: string, now: string) => {
    const { sealed, skipped } = await world.sealWith(world.ports, through, now);
    return {
      records: sealed.map((record) => [
        formatHour(record.hour),
        record.entry.identity.by,
        record.entry.quantity,
      ]),
      skipped: skipped.map(({ reason }) => reason),
    };
  };
  return { ...world, seal };
}

describe("a listing that moves from product code to license", () => {
  test("is metered by product code before the hour, by license from it on, and no hour twice", async () => {
    const { count, seal } = await migrating();
    await count("2026-08-20T13", 3n);
    await count("2026-08-20T14", 4n);
    const { records } = await seal("2026-08-20T14", "2026-08-20T15:20:00Z");
    expect(records).toEqual([
      ["2026-08-20T13", "product-code", 3n],
      ["2026-08-20T14", "license", 4n],
    ]);
    await count("2026-08-20T13", 5n);
    await count("2026-08-20T14", 6n);
    // Late usage of both sides goes into the next hour that is free.
    expect((await seal("2026-08-20T15", "2026-08-20T16:20:00Z")).records).toEqual([
      ["2026-08-20T15", "license", 11n],
    ]);
  });

  test("names license and buyer, and nothing of the old identity", async () => {
    const { count, sealWith, ports } = await migrating();
    await count("2026-08-20T14", 4n);
    const { sealed } = await sealWith(ports, "2026-08-20T14", "2026-08-20T15:20:00Z");
    expect(sealed[0]?.entry.identity).toEqual({ by: "license", licenseArn, buyerAccountId });
  });

  test("waits while AWS has not named the license", async () => {
    const world = sealWorld(key, configuration);
    await world.record(
      example.subscribeSucceeded("f-1", "2026-08-19T09:00:00Z", {
        productCode: archiveCode,
        customerIdentifier,
      }),
    );
    await world.count("2026-08-20T14", 4n);
    const { records, skipped } = await world.seal("2026-08-20T14", "2026-08-20T15:20:00Z");
    expect(records).toEqual([]);
    expect(skipped).toEqual([expect.stringContaining("its license, by which it is metered") as string]);
  });

  test("is billed all of it when AWS opts it in while records by product code are pending", async () => {
    const { count, seal, ports, setNow, sent } = await migrating();
    await count("2026-08-20T12", 2n);
    await count("2026-08-20T13", 3n);
    await seal("2026-08-20T13", "2026-08-20T14:20:00Z");
    setNow(at("2026-08-20T14:30:00Z"));
    const optedIn = {
      submit: () =>
        Promise.resolve({
          kind: "barred",
          reason: "ProductCode is not supported",
          isOldIdentity: true,
        } as const),
    };
    expect(await submitRecords({ ...ports, submitter: optedIn }, configuration)).toMatchObject({
      returned: 2,
    });
    expect((await seal("2026-08-20T14", "2026-08-20T15:20:00Z")).records).toEqual([
      ["2026-08-20T14", "license", 5n],
    ]);
    setNow(at("2026-08-20T15:30:00Z"));
    await submitRecords(ports, configuration);
    expect(sent.flat().map(({ entry }) => [entry.identity.by, entry.quantity])).toEqual([["license", 5n]]);
  });

  test("has what was counted for a license that turns out to be a customer's in the customer's book", async () => {
    const world = sealWorld(key, configuration);
    const licensed = { productCode: archiveCode, licenseArn, agreementId: "agmt-7" };
    await world.record(example.licenseUpdated("f-1", "2026-08-20T11:00:00Z", licensed));
    await world.record(example.registered("f-2", "2026-08-20T11:01:00Z", { productCode: archiveCode }));
    const license = { ...key, subscriptionId: licenseId as string as typeof key.subscriptionId };
    await world.count("2026-08-20T14", 5n, license);
    const both = { productCode: archiveCode, customerIdentifier, licenseArn };
    await world.record(example.registered("f-3", "2026-08-20T11:02:00Z", both));
    const { records } = await world.seal("2026-08-20T14", "2026-08-20T15:20:00Z");
    expect(records).toEqual([["2026-08-20T14", 5n]]);
    expect((await world.book(license)).counted).toBe(0n);
    expect((await world.book()).counted).toBe(5_000_000n);
  });
});
