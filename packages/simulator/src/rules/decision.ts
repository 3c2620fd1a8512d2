import type { Refusal } from "./refusal.ts";
import { apply, type Change, type State } from "./state.ts";

/** What a request comes to: an answer with the changes it brings, or a refusal that changes nothing. */
export type Decision<Answer> =
  { readonly answer: Answer; readonly changes: readonly Change[] } | { readonly refusal: Refusal };

export const decided = <Answer>(answer: Answer, changes: readonly Change[] = []): Decision<Answer> => ({
  answer,
  changes,
});
export const refused = (refusal: Refusal): { readonly refusal: Refusal } => ({ refusal });

/** Carries a decision out: applies its changes to `state` and hands back the answer or the refusal. */
export function carryOut<Answer>(
  state: State,
  decision: Decision<Answer>,
): { readonly answer: Answer } | { readonly refusal: Refusal } {
  if ("refusal" in decision) return decision;
  apply(state, decision.changes);
  return { answer: decision.answer };
}
