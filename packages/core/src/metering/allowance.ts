import type { Product } from "../configuration/configuration.ts";
import type { EntitlementSnapshot, IncludedTerm } from "../entitlement/entitlement.ts";
import { startOfTenure } from "../entitlement/included-term.ts";
import type { Subscription } from "../lifecycle/subscription.ts";
import {
  add,
  type MicroUnits,
  microUnits,
  subtract,
  wholeUnits,
  zeroUnits,
} from "../quantity/micro-units.ts";
import { type Instant, instant } from "../time/instant.ts";
import { hourStart, type UtcHour } from "../time/utc-hour.ts";
import { takeOut, unitsIn } from "./balance.ts";
import { type Book, changed } from "./book.ts";
import { hoursOfTerm, type TermAccount } from "./term-account.ts";

/** What a contract covers of a dimension's usage, term by term. */
export interface Allowance {
  readonly terms: readonly { readonly since: Instant; readonly quantity: MicroUnits }[];
  /** From then on a term runs of which AWS has not been asked yet what it includes; usage of its hours waits. */
  readonly unknownFrom: Instant | undefined;
}

/**
 * What the buyer's contract covers, or `undefined` when all usage of the dimension is metered (a subscription, or a dimension
 * without `includedIn`).
 * @param snapshot what GetEntitlements answered last; an answer with nothing says nothing (AWS's metering skill, September 2026)
 */
export function allowanceOf(
  { dimensions }: Product,
  dimension: string,
  subscription: Subscription,
  snapshot: EntitlementSnapshot | undefined,
): Allowance | undefined {
  const includedIn = dimensions.find(({ key }) => key === dimension)?.includedIn;
  if (includedIn === undefined) return undefined;
  const terms = snapshot?.terms ?? [];
  return {
    terms: terms.map((one) => ({ since: one.since, quantity: quantityIn(one, includedIn) })),
    unknownFrom: unknownFrom(subscription, snapshot, terms.at(-1)),
  };
}

/** A term that has begun, or whose quantity has run out, is one that AWS has to be asked about anew. */
function unknownFrom(
  subscription: Subscription,
  snapshot: EntitlementSnapshot | undefined,
  last: IncludedTerm | undefined,
): Instant | undefined {
  if (last === undefined) return instant(0);
  const startsAt = startOfTenure(subscription);
  const expiries = (snapshot?.entitlements ?? []).map(({ expiresAt }) => expiresAt);
  const runsOut = expiries.every((at) => at !== undefined) ? expiries : [];
  const ends = [
    ...(startsAt !== undefined && startsAt > last.since ? [startsAt] : []),
    ...(runsOut.length === 0 ? [] : [instant(Math.max(...runsOut))]),
  ];
  return ends.length === 0 ? undefined : instant(Math.min(...ends));
}

const millionth = 1_000_000;

/** A term that does not sell the dimension includes none of it. */
function quantityIn({ quantities }: IncludedTerm, dimension: string): MicroUnits {
  const value = Math.max(quantities[dimension] ?? 0, 0);
  const whole = Math.floor(value);
  return add(wholeUnits(BigInt(whole)), microUnits(BigInt(Math.round((value - whole) * millionth))));
}

/** Whether it is known what the contract covers of an hour's usage. */
export const isKnownAt = ({ unknownFrom }: Allowance, hour: UtcHour): boolean =>
  unknownFrom === undefined || hourStart(hour) < unknownFrom;

/**
 * Moves what the contract covers of the usage counted through an hour out of the balance, or back when a correction made less of
 * it. Of a term, what is covered is all that was used in it up to what it includes, whenever it is counted and however often what it
 * includes changes; the rest stays to be billed. Gives the same book when there is nothing to move.
 */
export function cover(book: Book, allowance: Allowance, through: UtcHour): Book {
  const known = new Map(book.terms.map((term) => [term.since, term]));
  const start: readonly TermAccount[] = allowance.terms.map(
    ({ since }) => known.get(since) ?? { since, covered: zeroUnits, left: zeroUnits },
  );
  let { balance, covered } = book;
  const terms = start.map((term, index): TermAccount => {
    const quantity = allowance.terms[index]?.quantity ?? zeroUnits;
    const hours = hoursOfTerm(start, term, balance).filter((hour) => hour <= through);
    const [from, last] = [hours[0], hours.at(-1)];
    if (from === undefined || last === undefined) return term;
    const range = { from, through: last };
    const used = add(add(term.covered, term.left), unitsIn(balance, range));
    const due = used < 0n ? zeroUnits : used < quantity ? used : quantity;
    const more = subtract(due, term.covered);
    balance = takeOut(balance, range, more);
    covered = add(covered, more);
    return { ...term, covered: due };
  });
  const isSame =
    covered === book.covered && terms.every((term, index) => isSameTerm(term, book.terms[index]));
  return isSame && terms.length === book.terms.length ? book : changed(book, { balance, covered, terms });
}

const isSameTerm = (a: TermAccount, b: TermAccount | undefined): boolean =>
  b !== undefined && a.since === b.since && a.covered === b.covered && a.left === b.left;
