import fc from "fast-check";
import { expect, it } from "vitest";
import { subscribe } from "../agreement/subscribe.ts";
import { carryOut } from "../decision.ts";
import { exampleCatalogue } from "../example.ts";
import { initialState, type State } from "../state.ts";
import { hourMs } from "../time.ts";
import { batchMeterUsage } from "./batch-meter-usage.ts";
import { bill } from "./bill.ts";
import type { UsageRecord } from "./record.ts";

const buyer = "123456789012";
const beginMs = Date.parse("2026-08-20T00:00:00Z");
const nowMs = beginMs + 20 * hourMs;

function stateWithLicenses(count: number): { state: State; licenseArns: string[] } {
  const state = initialState();
  for (let made = 0; made < count; made += 1) {
    const purchase = { productCode: "new-metered", buyerAccountId: buyer };
    carryOut(state, subscribe(exampleCatalogue, state, purchase, beginMs));
  }
  return { state, licenseArns: Object.values(state.agreements).map(({ licenseArn }) => licenseArn) };
}

const usage = fc.record({
  license: fc.nat(1),
  hour: fc.integer({ min: 1, max: 4 }),
  dimension: fc.constantFrom("gb", "events"),
  quantity: fc.nat(3),
});
type Usage = typeof usage extends fc.Arbitrary<infer Value> ? Value : never;

function send(state: State, licenseArns: readonly string[], batch: readonly Usage[]): void {
  const UsageRecords = batch.map(({ license, hour, dimension, quantity }): UsageRecord => ({
    Timestamp: (beginMs + hour * hourMs) / 1_000,
    Dimension: dimension,
    Quantity: quantity,
    CustomerAWSAccountId: buyer,
    LicenseArn: licenseArns[license] ?? "",
  }));
  const context = { nowMs, region: "us-east-1", requestBytes: 1_000 };
  carryOut(state, batchMeterUsage(exampleCatalogue, state, { UsageRecords }, context));
}

const billed = (state: State) =>
  bill(exampleCatalogue, state)
    .records.map(
      ({ licenseArn, dimension, hour, quantity }) => `${licenseArn} ${dimension} ${hour} ${quantity}`,
    )
    .sort();

it("whatever is sent, each license, dimension and hour is billed once, with the quantity that came first", () => {
  fc.assert(
    fc.property(fc.array(usage, { maxLength: 25 }), (all) => {
      const { state, licenseArns } = stateWithLicenses(2);
      send(state, licenseArns, all);
      const first = new Map<string, number>();
      for (const { license, dimension, hour, quantity } of all) {
        const hourText = `2026-08-20T0${hour}`;
        const key = `${licenseArns[license] ?? ""} ${dimension} ${hourText}`;
        if (!first.has(key)) first.set(key, quantity);
      }
      expect(billed(state)).toEqual([...first].map(([key, quantity]) => `${key} ${quantity}`).sort());
    }),
  );
});

it("cutting the same records into calls, and repeating calls, changes no bill", () => {
  fc.assert(
    fc.property(fc.array(usage, { maxLength: 25 }), fc.integer({ min: 1, max: 25 }), (all, size) => {
      const whole = stateWithLicenses(2);
      send(whole.state, whole.licenseArns, all);
      const cut = stateWithLicenses(2);
      for (let from = 0; from < all.length; from += size) {
        send(cut.state, cut.licenseArns, all.slice(from, from + size));
        send(cut.state, cut.licenseArns, all.slice(0, from + size).slice(-25));
      }
      expect(billed(cut.state)).toEqual(billed(whole.state));
    }),
  );
});

it("a state that went through a file bills as one that did not", () => {
  const { state, licenseArns } = stateWithLicenses(1);
  send(state, licenseArns, [{ license: 0, hour: 1, dimension: "gb", quantity: 3 }]);
  const kept = JSON.parse(JSON.stringify(state)) as State;
  send(kept, licenseArns, [{ license: 0, hour: 1, dimension: "gb", quantity: 1 }]);
  expect(kept).toEqual(state);
});

it("the totals add up the records of a license and dimension", () => {
  const { state, licenseArns } = stateWithLicenses(1);
  send(state, licenseArns, [
    { license: 0, hour: 1, dimension: "gb", quantity: 3 },
    { license: 0, hour: 2, dimension: "gb", quantity: 2 },
    { license: 0, hour: 2, dimension: "events", quantity: 1 },
  ]);
  expect(
    bill(exampleCatalogue, state).totals.map(({ dimension, quantity }) => [dimension, quantity]),
  ).toEqual([
    ["gb", 5],
    ["events", 1],
  ]);
  expect(bill(exampleCatalogue, state, { buyerAccountId: "210987654321" }).records).toEqual([]);
});
