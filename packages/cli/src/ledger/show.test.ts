import { customerIdOf } from "@tollhouse/core/lifecycle/customer";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { at, buyerAccountId, example, licenseArn, licenseId } from "@tollhouse/core/memory/example";
import { usage } from "@tollhouse/core/memory/meter";
import { runMeter } from "@tollhouse/core/metering/run";
import { microUnits } from "@tollhouse/core/quantity/micro-units";
import { describe, expect, test } from "vitest";
import { exampleMeter, shownAt } from "../example-source.ts";
import { showLedger } from "./show.ts";

const tagged = (quantity: string) => ({
  data: { dimension: "gb_stored", quantity, tags: { team: "growth" } },
});

/** Three hours of a license, two of them sealed; AWS refuses the second. */
async function world() {
  const meter = exampleMeter();
  await meter.record(example.licenseUpdated("f-1", "2026-08-20T12:00:00Z"));
  await meter.record(example.registered("f-2", "2026-08-20T12:01:00Z"));
  meter.setNow(at("2026-08-20T15:15:00Z"));
  await meter.ingest([
    usage("e-1", "2026-08-20T14:05:00Z", "4"),
    usage("e-2", "2026-08-20T14:06:00Z", "0.5", tagged("0.5")),
    usage("e-3", "2026-08-20T14:06:00Z", "3", { data: { dimension: "typo", quantity: "3" } }),
  ]);
  await runMeter(meter.ports, meter.source.configuration);
  meter.setNow(at("2026-08-20T16:15:00Z"));
  await meter.ingest([usage("e-4", "2026-08-20T15:06:00Z", "2.25")]);
  const submitter = {
    submit: () =>
      Promise.resolve({ kind: "unavailable", reason: "the \u001b[2Jrole is gone", effect: "none" } as const),
  };
  await runMeter({ ...meter.ports, submitter }, meter.source.configuration);
  return meter;
}

describe("ledger show", () => {
  test.each([licenseId, licenseArn, customerIdOf({ buyerAccountId })])(
    "finds the books of %s, with balance, usage records and what waits",
    async (name) => {
      const { source } = await world();
      const { data } = await showLedger(source, name, 50);
      expect(data.ledgers).toMatchObject([
        {
          subscriptionId: licenseId,
          books: [
            {
              ...{ dimension: "gb_stored", counted: "6.75", balance: "0.75", recorded: "6", balanced: true },
              balanceLines: [
                { hour: "2026-08-20T15", tags: {}, units: "0.25" },
                { hour: "2026-08-20T15", tags: { team: "growth" }, units: "0.5" },
              ],
              records: [
                {
                  ...{ hour: "2026-08-20T15", quantity: "2", outcome: "pending", attempts: 0 },
                  name: `${licenseId}/gb_stored/2026-08-20T15`,
                  ...{ allocations: 1, deadlineAt: at("2026-08-21T15:00:00Z") },
                  refusal: expect.stringContaining("role is gone") as string,
                },
                {
                  ...{ hour: "2026-08-20T14", quantity: "4", outcome: "accepted", attempts: 1 },
                  meteringRecordId: "m-0",
                },
              ],
              moreRecords: false,
            },
          ],
          waiting: [{ subject: licenseId, reasons: ["dimension-not-metered"], units: "3", events: 1 }],
          moreWaits: false,
        },
      ]);
    },
  );

  test.each([80, 140])("fits %i columns, and moves nothing on the terminal", async (width) => {
    const { source } = await world();
    const text = shownAt(width, await showLedger(source, licenseId, 50));
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(width);
    expect(text).toContain("6.75 counted = 0.75 in the balance + 6 in usage records");
    expect(text).toMatch(/2026-08-20T15 +0\.5 +team=growth/);
    expect(text).toMatch(/2026-08-20T14 +4 +accepted/);
    expect(text).toContain("Waits under its names");
    expect(text).not.toContain("\u001b");
  });

  test("is bounded, and says when there is more", async () => {
    const { source } = await world();
    const answer = await showLedger(source, licenseId, 1);
    const [book] = answer.data.ledgers[0]?.books ?? [];
    expect(book).toMatchObject({ moreRecords: true, records: [{ hour: "2026-08-20T15" }] });
    const text = shownAt(140, answer);
    expect(text).toContain("and 1 more: --limit 2 shows more of them");
    expect(text).toContain("and at least 1 more: --limit 2 shows more of them");
  });

  test("says of a book that it does not balance", async () => {
    const { source, metering } = await world();
    const { books } = metering.contents;
    for (const [name, book] of books) books.set(name, { ...book, counted: microUnits(9_000_000n) });
    const answer = await showLedger(source, licenseId, 50);
    expect(answer.data.ledgers[0]?.books[0]?.balanced).toBe(false);
    expect(shownAt(140, answer)).toContain("This book does not balance: 9 counted, 0.75 in the balance");
  });

  test("shows what a contract covered, what nobody is billed for and what the buyer is owed", async () => {
    const { source, metering, store } = await world();
    const { books, records } = metering.contents;
    const since = at("2026-08-20T12:00:00Z");
    for (const [name, book] of books)
      books.set(name, {
        ...book,
        counted: microUnits(9_000_000n),
        covered: microUnits(2_000_000n),
        terms: [{ since, covered: microUnits(2_000_000n), left: microUnits(0n) }],
        unbillable: new Map([
          ["no-hour-left", microUnits(1_000_000n)],
          ["owed-to-buyer", microUnits(-750_000n)],
        ]),
      });
    for (const [name, record] of records)
      records.set(name, { ...record, outcome: { state: "not-subscribed", at: since } });
    const quantities = { seats: 10 };
    await store.storeEntitlements(
      {
        ...{ subscriptionId: licenseId as string as SubscriptionId, readAt: since, version: 1 },
        ...{ entitlements: [], terms: [{ since, quantities }] },
      },
      [],
    );
    const configuration = {
      ...source.configuration,
      products: source.configuration.products.map((product) => ({
        ...product,
        dimensions: product.dimensions.map((one) =>
          one.key === "gb_stored" ? { ...one, includedIn: "seats" } : one,
        ),
      })),
    };
    const answer = await showLedger({ ...source, configuration }, licenseId, 50);
    expect(answer.data.ledgers[0]?.books[0]).toMatchObject({
      ...{ balanced: true, covered: "2", terms: [{ since, covered: "2", includes: "10" }] },
      unbillable: { all: "0.25", "no-hour-left": "1", "owed-to-buyer": "-0.75" },
      records: [{ outcome: "not-subscribed" }, { outcome: "not-subscribed" }],
    });
    const text = shownAt(140, answer);
    expect(text).toContain(
      "9 counted = 0.75 in the balance + 6 in usage records + 2 covered by the contract + 0.25 that nobody is billed for",
    );
    expect(text).toContain("2 of the 10 included covered in the term since 2026-08-20 12:00:00Z");
    expect(text).toContain("owed to the buyer: 0.75, corrections that came after");
    expect(text).toMatch(/1 no-hour-left: no hour was left/);
  });

  test("says so when nothing was counted, and when nobody knows the name", async () => {
    const meter = exampleMeter();
    await meter.record(example.licenseUpdated("f-1", "2026-08-20T12:00:00Z"));
    expect(shownAt(80, await showLedger(meter.source, licenseId, 50))).toContain("Nothing was counted");
    await expect(showLedger(meter.source, "l-ffffffffffffffffffffffffffffffff", 50)).rejects.toMatchObject({
      code: "not-found",
    });
  });
});
