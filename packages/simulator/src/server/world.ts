import type { Catalogue } from "../rules/catalogue.ts";
import { carryOut, type Decision } from "../rules/decision.ts";
import type { Refusal } from "../rules/refusal.ts";
import type { State } from "../rules/state.ts";
import type { SimulatedClock } from "./clock.ts";

/** What every request works on: the listings, the state, and the simulated clock. */
export class World {
  readonly catalogue: Catalogue;
  readonly state: State;
  readonly clock: SimulatedClock;
  readonly #onChange: () => void;

  constructor(
    catalogue: Catalogue,
    state: State,
    clock: SimulatedClock,
    onChange: () => void = () => undefined,
  ) {
    this.catalogue = catalogue;
    this.state = state;
    this.clock = clock;
    this.#onChange = onChange;
  }

  nowMs(): number {
    return this.clock.read().nowMs;
  }

  /** Carries a decision out. Deciding and applying happen without a pause between, so calls never interleave. */
  carryOut<Answer>(decision: Decision<Answer>): { readonly answer: Answer } | { readonly refusal: Refusal } {
    const outcome = carryOut(this.state, decision);
    if ("answer" in decision && decision.changes.length > 0) this.#onChange();
    return outcome;
  }
}
