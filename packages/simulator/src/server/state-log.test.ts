import fc from "fast-check";
import { expect, it } from "vitest";
import { amend } from "../rules/agreement/amend.ts";
import { cancel } from "../rules/agreement/cancel.ts";
import { subscribe } from "../rules/agreement/subscribe.ts";
import type { Decision } from "../rules/decision.ts";
import { type Change, initialState } from "../rules/state.ts";
import { Story } from "../rules/story.ts";
import { lineOf, replay } from "./state-log.ts";

/** A story with the log that was kept of it, and the state as it was after each act. */
function told(acts: readonly number[]) {
  const story = new Story();
  const states = [structuredClone(story.state)];
  let log = "";
  let nowMs = Story.beginMs;
  for (const act of acts) {
    nowMs += 40_000;
    const decision = actOf(story, act, nowMs);
    const changes: readonly Change[] = "changes" in decision ? decision.changes : [];
    story.tries(decision);
    log += lineOf({ clock: { nowMs, rate: 1 }, changes });
    states.push(structuredClone(story.state));
  }
  return { states, log, nowMs };
}

function actOf({ catalogue, state }: Story, act: number, nowMs: number): Decision<unknown> {
  const id = Object.keys(state.agreements).at(-1 - (act % 3)) ?? "none";
  if (act % 4 === 0) return cancel(catalogue, state, id, nowMs);
  if (act % 4 === 1) return amend(catalogue, state, id, { autoRenew: act % 2 === 0 }, nowMs);
  return subscribe(catalogue, state, { productCode: "new-contract", buyerAccountId: Story.buyer }, nowMs);
}

const acts = fc.array(fc.nat(20), { minLength: 1, maxLength: 12 });

it("a log makes of the state it began with the one it ended with, and tells the clock", () => {
  fc.assert(
    fc.property(acts, (all) => {
      const { states, log, nowMs } = told(all);
      const state = initialState();
      expect(replay(log, state)).toEqual({ nowMs, rate: 1 });
      expect(state).toEqual(states.at(-1));
    }),
  );
});

it("a log whose acts the state holds already changes nothing", () => {
  fc.assert(
    fc.property(acts, fc.nat(), (all, from) => {
      const { states, log } = told(all);
      const state = structuredClone(states[from % states.length] ?? initialState());
      replay(log, state);
      expect(state).toEqual(states.at(-1));
    }),
  );
});

it("a line that was cut off is left out, and those before it count", () => {
  const { states, log } = told([2, 3, 2]);
  const state = initialState();
  replay(log.slice(0, -2), state);
  expect(state).toEqual(states.at(-2));
});
