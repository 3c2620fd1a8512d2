import type { SubscriptionId } from "../lifecycle/subscription.ts";
import {
  add,
  floorUnits,
  type MicroUnits,
  subtract,
  total,
  wholeUnits,
  zeroUnits,
} from "../quantity/micro-units.ts";
import type { UtcHour } from "../time/utc-hour.ts";
import type { TagSet } from "../usage/usage-event.ts";
import { allocate, type Allocation } from "./allocation.ts";
import { afterLeaving, type TermAccount } from "./term-account.ts";
import {
  type Amounts,
  amountsIn,
  type Balance,
  firstHour,
  hasWholeUnit,
  heldIn,
  type HourRange,
  merge,
  unitsIn,
  wholeUnitsIn,
  withAmounts,
  withinBounds,
  without,
  withoutHours,
} from "./balance.ts";

export interface BookKey {
  readonly subscriptionId: SubscriptionId;
  readonly dimension: string;
}

/** Tells books apart; dimensions and ids are free text. */
export const bookName = ({ subscriptionId, dimension }: BookKey): string =>
  JSON.stringify([subscriptionId, dimension]);

/** Why nobody is billed for units that were counted. */
export type UnbillableReason = keyof typeof unbillableReasons;

/** What each reason means, for people. */
export const unbillableReasons = {
  "before-start": "used before the hour from which Tollhouse meters the product (startAt)",
  "outside-grant": "used in no hour of a grant, as it is known now",
  late: "came when a record of its hour was made, and the setting lateUsage does not carry it forward",
  "no-hour-left": "no hour was left in which AWS Marketplace would have taken it",
  fraction: "less than a whole unit when the grant ended",
  "owed-to-buyer": "corrections that came after the usage was billed, and that no later usage used up",
} as const;

/**
 * The books of one subscription and dimension. Each unit ever counted is in one account:
 * `counted = Σ balance + Σ records + covered + Σ unbillable`, always.
 */
export interface Book {
  readonly key: BookKey;
  /** Rises with every change; 0 means that nothing was ever booked. */
  readonly version: number;
  readonly counted: MicroUnits;
  /** In usage records, whatever became of them; units that a record gave back are in the balance again. */
  readonly recorded: MicroUnits;
  /** Covered by what the buyer's contract includes, in all terms. */
  readonly covered: MicroUnits;
  readonly unbillable: ReadonlyMap<UnbillableReason, MicroUnits>;
  readonly balance: Balance;
  /** The latest terms of a contract that covers usage, oldest first. */
  readonly terms: readonly TermAccount[];
  /** Its grants have ended and it was written off: whatever comes to be in the balance is to be looked at. */
  readonly isClosed: boolean;
}

export const emptyBook = (key: BookKey): Book => ({
  key,
  version: 0,
  counted: zeroUnits,
  recorded: zeroUnits,
  covered: zeroUnits,
  unbillable: new Map(),
  balance: new Map(),
  terms: [],
  isClosed: false,
});

/** @throws Error when units appeared or vanished; such a book is never stored */
export function assertBalanced(book: Book): Book {
  const { counted, recorded, covered } = book;
  const unbillable = total(book.unbillable.values());
  const held = heldIn(book.balance);
  if (total([held, recorded, covered, unbillable]) === counted) return book;
  throw new Error(
    `A book of dimension ${book.key.dimension} would not balance: ${counted} counted, ${held} held, ${recorded} recorded, ${covered} covered, ${unbillable} unbillable.`,
  );
}

/** The book with another balance, of which nothing was counted and nothing covered, and other accounts. */
const settled = (
  book: Book,
  balance: Balance,
  accounts: Partial<Pick<Book, "recorded" | "unbillable">>,
): Book => changed(book, { ...accounts, balance, terms: afterLeaving(book.terms, book.balance, balance) });

/** The book with changes, one version on. */
export const changed = (book: Book, changes: Partial<Omit<Book, "key" | "version">>): Book =>
  assertBalanced({ ...book, ...changes, version: book.version + 1 });

/** Adds what a fold counted in an hour. */
export function post(book: Book, hour: UtcHour, amounts: Amounts): Book {
  const held = merge(book.balance.get(hour) ?? new Map<TagSet, MicroUnits>(), amounts);
  return changed(book, {
    counted: add(book.counted, total(amounts.values())),
    balance: withinBounds(new Map(book.balance).set(hour, held)),
  });
}

/** Whether there may be something to seal or to write off. */
export const isToBeSealed = ({ balance, isClosed }: Book): boolean =>
  isClosed ? balance.size > 0 : hasWholeUnit(balance);

/** AWS takes 0 to 2,147,483,647 (BatchMeterUsage reference, UsageRecord Quantity). What is above waits for a later hour. */
const maxQuantity = 2_147_483_647n;

/** Whole units that a record of some hours' usage would hold. */
export function sealable({ balance }: Book, range: HourRange): bigint {
  const units = wholeUnitsIn(balance, range);
  return units > maxQuantity ? maxQuantity : units;
}

/** How many units of an hour went into a record; fewer than none where a fraction was left there by others. */
export interface Taken {
  readonly hour: UtcHour;
  readonly units: MicroUnits;
}

interface Sealed {
  readonly book: Book;
  readonly quantity: bigint;
  readonly allocations: readonly Allocation[];
  readonly taken: readonly Taken[];
}

/**
 * Moves the whole units that some hours hold out of the balance, exactly as many as the record gets. What remains of each tag
 * set, a fraction, is kept until it is completed.
 * @param restIn the hour under which it is kept, by default the last of these
 */
export function seal(book: Book, through: UtcHour, from = firstHour, restIn = through): Sealed {
  const range = { from, through };
  const amounts = amountsIn(book.balance, range);
  const quantity = sealable(book, range);
  const allocations = allocate(amounts, quantity);
  const rest = without(amounts, allocations);
  const others = withoutHours(book.balance, range);
  const kept = merge(others.get(restIn) ?? new Map<TagSet, MicroUnits>(), rest);
  const balance = withAmounts(others, restIn, kept);
  const taken = [...new Set([...book.balance.keys(), restIn])]
    .map((hour) => ({ hour, units: subtract(unitsOf(book.balance, hour), unitsOf(balance, hour)) }))
    .filter(({ units }) => units !== zeroUnits)
    .sort((a, b) => a.hour - b.hour);
  const after = settled(book, balance, { recorded: add(book.recorded, wholeUnits(quantity)) });
  return { book: after, quantity, allocations, taken };
}

const unitsOf = (balance: Balance, hour: UtcHour): MicroUnits => total(balance.get(hour)?.values() ?? []);

/**
 * Moves all that is held to the book of another subscription, hour by hour: it was that one's all along, as it turns out. Gives
 * both books as they were when there is nothing to move.
 */
export function moveBalance(from: Book, to: Book): readonly [from: Book, to: Book] {
  if (from.balance.size === 0) return [from, to];
  const units = heldIn(from.balance);
  const emptied = changed(from, { balance: new Map(), counted: subtract(from.counted, units) });
  let { balance } = to;
  for (const [hour, amounts] of from.balance)
    balance = withAmounts(balance, hour, merge(balance.get(hour) ?? new Map<TagSet, MicroUnits>(), amounts));
  return [emptied, changed(to, { balance: withinBounds(balance), counted: add(to.counted, units) })];
}

/** Takes the units of a record back that AWS never saw and never can: they are in the balance of its hour again. */
export function takeBack(book: Book, hour: UtcHour, allocations: readonly Allocation[]): Book {
  const amounts = new Map(allocations.map(({ tagSet, units }) => [tagSet, wholeUnits(units)]));
  const held = merge(book.balance.get(hour) ?? new Map<TagSet, MicroUnits>(), amounts);
  return settled(book, withinBounds(withAmounts(book.balance, hour, held)), {
    recorded: subtract(book.recorded, total(amounts.values())),
  });
}

/**
 * Moves all that some hours hold to an account of units that nobody is billed for. Of what a contract includes they use up nothing: it
 * would be covered once more.
 */
export function writeOff(book: Book, range: HourRange, reason: UnbillableReason): Book {
  const units = unitsIn(book.balance, range);
  return changed(book, {
    balance: withoutHours(book.balance, range),
    unbillable: withUnits(book.unbillable, reason, units),
  });
}

/** Writes off what is left of a grant that is over: whole units, the fraction besides, or what the buyer is owed. */
export function writeOffGrant(book: Book, range: HourRange): Book {
  const units = unitsIn(book.balance, range);
  const balance = withoutHours(book.balance, range);
  // What a correction took back of billed usage was not used, and is owed once.
  if (units < 0n)
    return settled(book, balance, { unbillable: withUnits(book.unbillable, "owed-to-buyer", units) });
  const whole = wholeUnits(floorUnits(units));
  const withWhole = withUnits(book.unbillable, "no-hour-left", whole);
  return changed(book, { balance, unbillable: withUnits(withWhole, "fraction", subtract(units, whole)) });
}

/** More units in the account of a reason; one without any is not named. */
function withUnits(
  unbillable: Book["unbillable"],
  reason: UnbillableReason,
  units: MicroUnits,
): Book["unbillable"] {
  const sum = add(unbillable.get(reason) ?? zeroUnits, units);
  const after = new Map(unbillable);
  if (sum === zeroUnits) after.delete(reason);
  else after.set(reason, sum);
  return after;
}
