import { type Decision, decided, refused } from "../decision.ts";
import { registrationTokenOf } from "../identity.ts";
import { refusal } from "../refusal.ts";
import type { State } from "../state.ts";
import { hourMs } from "../time.ts";

/** Seller Guide, "SaaS customer onboarding": valid for 4 hours, and usable again until then. */
export const tokenLifeMs = 4 * hourMs;

/** The buyer presses "Set up your account" again: a fresh token for the same agreement. */
export function issueToken(state: State, agreementId: string, nowMs: number): Decision<string> {
  if (!Object.hasOwn(state.agreements, agreementId))
    return refused(refusal("agreement-unknown", `no agreement has the id ${agreementId}`));
  const counter = state.counter + 1;
  const token = registrationTokenOf(state.seed, counter);
  return decided(token, [
    { kind: "counted", counter },
    { kind: "token-issued", token, agreementId, issuedAtMs: nowMs },
  ]);
}
