import fc from "fast-check";
import { expect, it } from "vitest";
import { cancel } from "../agreement/cancel.ts";
import { subscribe } from "../agreement/subscribe.ts";
import { carryOut } from "../decision.ts";
import { exampleCatalogue as catalogue } from "../example.ts";
import { customerIdentifierOf } from "../identity.ts";
import { initialState, type State } from "../state.ts";
import { type Entitlement, getEntitlements, type GetEntitlementsRequest } from "./get-entitlements.ts";

const nowMs = Date.parse("2026-08-20T14:00:00Z");
const laterMs = nowMs + 100_000;
const accountOf = (number: number) => String(100_000_000_000 + number);

function stateWith(buyers: readonly number[], productCode = "new-contract"): State {
  const state = initialState();
  for (const buyer of buyers) {
    const entitlements = [{ dimension: "seats", value: buyer }];
    const purchase = { productCode, buyerAccountId: accountOf(buyer), entitlements };
    carryOut(state, subscribe(catalogue, state, purchase, nowMs));
  }
  return state;
}

function page(state: State, request: Partial<GetEntitlementsRequest> = {}, atMs = laterMs) {
  return getEntitlements(catalogue, state, { ProductCode: "new-contract", ...request }, atMs);
}

function allPages(state: State, request: Partial<GetEntitlementsRequest>): Entitlement[] {
  const rows: Entitlement[] = [];
  let NextToken: string | undefined;
  do {
    const decision = page(state, { ...request, NextToken });
    if ("refusal" in decision) throw new Error(decision.refusal.message);
    rows.push(...decision.answer.Entitlements);
    ({ NextToken } = decision.answer);
  } while (NextToken !== undefined);
  return rows;
}

it("turning every page gives each matching row once, whatever the page size and the filter", () => {
  const buyers = fc.array(fc.nat(4), { maxLength: 40 });
  fc.assert(
    fc.property(buyers, fc.integer({ min: 1, max: 25 }), fc.nat(4), (all, MaxResults, wanted) => {
      const state = stateWith(all);
      const Filter = { CUSTOMER_AWS_ACCOUNT_ID: [accountOf(wanted)] };
      const rows = allPages(state, { MaxResults, Filter });
      const expected = Object.values(state.agreements)
        .filter(({ buyerAccountId }) => buyerAccountId === accountOf(wanted))
        .map(({ licenseArn }) => licenseArn);
      expect(rows.map(({ LicenseArn }) => LicenseArn)).toEqual(expected);
    }),
  );
});

it("a last page that is full names no next one", () => {
  expect(page(stateWith([1, 2]), { MaxResults: 2 })).not.toHaveProperty("answer.NextToken");
});

it("an empty page may name a next one", () => {
  const state = stateWith([1, 2]);
  const decision = page(state, { MaxResults: 1, Filter: { CUSTOMER_AWS_ACCOUNT_ID: [accountOf(2)] } });
  expect(decision).toMatchObject({ answer: { Entitlements: [] } });
  expect(decision).toHaveProperty("answer.NextToken");
});

it("an entitlement is there from activation to the end of its agreement", () => {
  const state = stateWith([1]);
  const [agreement] = Object.values(state.agreements);
  const count = (atMs: number) => {
    const decision = page(state, {}, atMs);
    return "answer" in decision ? decision.answer.Entitlements.length : undefined;
  };
  expect(count((agreement?.activatedAtMs ?? 0) - 1)).toBe(0);
  expect(count(agreement?.activatedAtMs ?? 0)).toBe(1);
  carryOut(state, cancel(catalogue, state, agreement?.id ?? "", laterMs));
  expect(count(laterMs - 1)).toBe(1);
  expect(count(laterMs)).toBe(0);
});

it.each([
  [true, { BooleanValue: true }],
  [3, { IntegerValue: 3 }],
  [1.5, { DoubleValue: 1.5 }],
  ["gold", { StringValue: "gold" }],
])("a value of %s has its type's field", (value, field) => {
  const state = initialState();
  const entitlements = [{ dimension: "seats", value }];
  const purchase = { productCode: "new-contract", buyerAccountId: accountOf(1), entitlements };
  carryOut(state, subscribe(catalogue, state, purchase, nowMs));
  expect(allPages(state, {})[0]?.Value).toEqual(field);
});

it("keys of the filter must all match, values of one key are alternatives", () => {
  const state = stateWith([1, 2, 3]);
  const [first] = Object.values(state.agreements);
  const arn = first?.licenseArn ?? "";
  const count = (Filter: GetEntitlementsRequest["Filter"]) => allPages(state, { Filter }).length;
  expect(count({ CUSTOMER_AWS_ACCOUNT_ID: [accountOf(1), accountOf(2)] })).toBe(2);
  expect(count({ CUSTOMER_AWS_ACCOUNT_ID: [accountOf(1), accountOf(2)], LICENSE_ARN: [arn] })).toBe(1);
  expect(count({ CUSTOMER_AWS_ACCOUNT_ID: [accountOf(2)], LICENSE_ARN: [arn] })).toBe(0);
  expect(count({ DIMENSION: ["gb"] })).toBe(0);
});

it("only an old listing knows CustomerIdentifier", () => {
  const old = stateWith([1], "old-contract");
  const CUSTOMER_IDENTIFIER = [customerIdentifierOf(catalogue.sellerAccountId, accountOf(1))];
  expect(allPages(old, { ProductCode: "old-contract", Filter: { CUSTOMER_IDENTIFIER } })).toHaveLength(1);
  expect(page(old, { Filter: { CUSTOMER_IDENTIFIER } })).toHaveProperty(
    "refusal.code",
    "InvalidParameterException",
  );
});

it.each<[string, Partial<GetEntitlementsRequest>]>([
  ["an unknown product", { ProductCode: "nothing" }],
  ["more than 25 a page", { MaxResults: 26 }],
  ["none a page", { MaxResults: 0 }],
  ["a filter without values", { Filter: { DIMENSION: [] } }],
  [
    "both names of a buyer",
    {
      ProductCode: "old-contract",
      Filter: { CUSTOMER_AWS_ACCOUNT_ID: ["1"], CUSTOMER_IDENTIFIER: ["X"] },
    },
  ],
  ["an invented next page", { NextToken: "nonsense" }],
])("%s is an invalid parameter", (_, request) => {
  expect(page(stateWith([1]), request)).toHaveProperty("refusal.code", "InvalidParameterException");
});
