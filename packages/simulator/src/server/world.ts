import { passTime } from "../rules/agreement/pass-time.ts";
import type { Catalogue } from "../rules/catalogue.ts";
import { carryOut, type Decision } from "../rules/decision.ts";
import type { Refusal } from "../rules/refusal.ts";
import { apply, type Change, type State } from "../rules/state.ts";
import type { SimulatedClock } from "./clock.ts";

/** A leap over many short terms is made up for in several goes, so that no request waits long. */
const mostAtOnce = 1_000;

/** What every request works on: the listings, the state, and the simulated clock. */
export class World {
  readonly catalogue: Catalogue;
  readonly state: State;
  readonly clock: SimulatedClock;
  readonly #record: (changes: readonly Change[]) => void;

  constructor(
    catalogue: Catalogue,
    state: State,
    clock: SimulatedClock,
    record: (changes: readonly Change[]) => void = () => undefined,
  ) {
    this.catalogue = catalogue;
    this.state = state;
    this.clock = clock;
    this.#record = record;
  }

  /** The simulated time, after everything has happened that it brings by itself. */
  nowMs(): number {
    const { nowMs } = this.clock.read();
    for (let happened = 0; happened < mostAtOnce; happened += 1) {
      const next = passTime(this.catalogue, this.state, nowMs);
      if (next === undefined) break;
      this.carryOut(next);
    }
    return nowMs;
  }

  /** Carries a decision out. Deciding and applying happen without a pause between, so calls never interleave. */
  carryOut<Answer>(decision: Decision<Answer>): { readonly answer: Answer } | { readonly refusal: Refusal } {
    const outcome = carryOut(this.state, decision);
    if ("answer" in decision && decision.changes.length > 0) this.#record(decision.changes);
    return outcome;
  }

  /** Puts changes into the state that no decision made. */
  apply(changes: readonly Change[]): void {
    apply(this.state, changes);
    this.#record(changes);
  }
}
