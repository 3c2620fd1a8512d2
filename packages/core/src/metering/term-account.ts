import { add, type MicroUnits, subtract, zeroUnits } from "../quantity/micro-units.ts";
import type { Instant } from "../time/instant.ts";
import { hourStart, type UtcHour } from "../time/utc-hour.ts";
import { type Balance, unitsIn } from "./balance.ts";

/** What a contract covered of a term's usage, and what left the balance of the term's hours otherwise. */
export interface TermAccount {
  readonly since: Instant;
  readonly covered: MicroUnits;
  readonly left: MicroUnits;
}

/** The term in force at an hour's start, of terms that are oldest first; what came before all of them belongs to the first. */
const termAt = <One extends { readonly since: Instant }>(
  terms: readonly One[],
  hour: UtcHour,
): One | undefined => terms.findLast(({ since }) => since <= hourStart(hour)) ?? terms[0];

/** Hours of a balance that belong to a term. */
export const hoursOfTerm = (
  terms: readonly { readonly since: Instant }[],
  { since }: { readonly since: Instant },
  balance: Balance,
): readonly UtcHour[] =>
  [...balance.keys()].filter((hour) => termAt(terms, hour)?.since === since).sort((a, b) => a - b);

const heldOf = (terms: readonly TermAccount[], term: TermAccount, balance: Balance) =>
  hoursOfTerm(terms, term, balance).reduce(
    (sum, hour) => add(sum, unitsIn(balance, { from: hour, through: hour })),
    zeroUnits,
  );

/**
 * The accounts of terms when a balance changes other than by counting or covering: what leaves a term's hours was still used in
 * the term, and what comes to be in the hours of another one was not used in that.
 */
export const afterLeaving = (
  terms: readonly TermAccount[],
  before: Balance,
  after: Balance,
): readonly TermAccount[] =>
  terms.map((term) => ({
    ...term,
    left: add(term.left, subtract(heldOf(terms, term, before), heldOf(terms, term, after))),
  }));
