import type { Decision } from "../../rules/decision.ts";
import type { Control } from "./control.ts";
import { ControlError } from "./request.ts";

/** Refusals that another state of things would lift: they answer 409. */
const conflicting = [
  "already-subscribed",
  "too-many-agreements",
  "agreement-ended",
  "agreement-not-active",
  "already-opted-in",
  "buyer-suspended",
  "buyer-not-suspended",
];

/** Carries a decision out and sends what has become due. @throws ControlError for a refusal. */
export function settle<Answer>({ world, delivery }: Control, decision: Decision<Answer>): Answer {
  const outcome = world.carryOut(decision);
  if ("refusal" in outcome) throw refusedAs(outcome.refusal.code, outcome.refusal.message);
  void delivery.pump();
  return outcome.answer;
}

function refusedAs(code: string, message: string): ControlError {
  if (code === "agreement-unknown") return new ControlError(code, message, 404);
  return new ControlError(code, message, conflicting.includes(code) ? 409 : 400);
}
