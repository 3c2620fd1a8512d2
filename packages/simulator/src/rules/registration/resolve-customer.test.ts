import { expect, it } from "vitest";
import { subscribe } from "../agreement/subscribe.ts";
import { carryOut } from "../decision.ts";
import { exampleCatalogue as catalogue } from "../example.ts";
import { initialState } from "../state.ts";
import { hourMs } from "../time.ts";
import { resolveCustomer } from "./resolve-customer.ts";
import { issueToken } from "./token.ts";

const nowMs = Date.parse("2026-08-20T14:00:00Z");
const buyer = "123456789012";

function begin(productCode: string) {
  const state = initialState();
  const bought = carryOut(state, subscribe(catalogue, state, { productCode, buyerAccountId: buyer }, nowMs));
  if (!("answer" in bought)) throw new Error("not bought");
  const resolve = (RegistrationToken: string, atMs = nowMs) =>
    resolveCustomer(catalogue, state, { RegistrationToken }, atMs);
  return { state, resolve, ...bought.answer };
}

it("a token names its buyer, product and license, before and after activation alike", () => {
  const { resolve, registrationToken, agreement } = begin("new-metered");
  const answer = {
    CustomerAWSAccountId: buyer,
    LicenseArn: agreement.licenseArn,
    ProductCode: "new-metered",
  };
  expect(resolve(registrationToken)).toMatchObject({ answer });
  expect(resolve(registrationToken, nowMs + hourMs)).toMatchObject({ answer });
});

it("only an old listing names a CustomerIdentifier, the same for a buyer across products", () => {
  const identifier = (productCode: string) => {
    const { resolve, registrationToken } = begin(productCode);
    const decision = resolve(registrationToken);
    return "answer" in decision ? decision.answer.CustomerIdentifier : undefined;
  };
  expect(identifier("new-metered")).toBeUndefined();
  expect(identifier("old-metered")).toMatch(/^[0-9A-Z]{11}$/);
  expect(identifier("old-metered")).toBe(identifier("old-contract"));
});

it("a token serves again and again for four hours, and a fresh one after that", () => {
  const { state, resolve, registrationToken, agreement } = begin("new-metered");
  expect(resolve(registrationToken, nowMs + 4 * hourMs - 1)).toHaveProperty("answer");
  expect(resolve(registrationToken, nowMs + 4 * hourMs)).toHaveProperty(
    "refusal.code",
    "ExpiredTokenException",
  );
  const fresh = carryOut(state, issueToken(state, agreement.id, nowMs + 4 * hourMs));
  const token = "answer" in fresh ? fresh.answer : "";
  expect(resolve(token, nowMs + 4 * hourMs)).toHaveProperty("answer.LicenseArn", agreement.licenseArn);
});

it("an invented token is invalid, even one that an object knows by inheritance", () => {
  const { resolve } = begin("new-metered");
  for (const token of ["nonsense", "constructor", "__proto__"])
    expect(resolve(token)).toHaveProperty("refusal.code", "InvalidTokenException");
});
