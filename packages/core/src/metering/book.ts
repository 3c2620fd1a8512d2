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
import { type TagSet, untagged } from "../usage/usage-event.ts";
import { allocate, type Allocation } from "./allocation.ts";

export interface BookKey {
  readonly subscriptionId: SubscriptionId;
  readonly dimension: string;
}

/** Tells books apart; dimensions and ids are free text. */
export const bookName = ({ subscriptionId, dimension }: BookKey): string =>
  JSON.stringify([subscriptionId, dimension]);

export type Amounts = ReadonlyMap<TagSet, MicroUnits>;

/**
 * The books of one subscription and dimension. Each unit ever counted is in the balance of its hour or in a usage record:
 * `counted = Σ balance + Σ records`, always.
 */
export interface Book {
  readonly key: BookKey;
  /** Rises with every change; 0 means that nothing was ever booked. */
  readonly version: number;
  readonly counted: MicroUnits;
  readonly recorded: MicroUnits;
  /** Counted and not yet sealed, by the hour it was used in. */
  readonly balance: ReadonlyMap<UtcHour, Amounts>;
}

export const emptyBook = (key: BookKey): Book => ({
  key,
  version: 0,
  counted: zeroUnits,
  recorded: zeroUnits,
  balance: new Map(),
});

/** @throws Error when units appeared or vanished; such a book is never stored */
export function assertBalanced(book: Book): Book {
  const held = total([...book.balance.values()].map((amounts) => total(amounts.values())));
  if (add(held, book.recorded) === book.counted) return book;
  throw new Error(
    `A book of dimension ${book.key.dimension} would not balance: ${book.counted} counted, ${held} held, ${book.recorded} recorded.`,
  );
}

/** Adds what a fold counted in an hour. */
export function post(book: Book, hour: UtcHour, amounts: Amounts): Book {
  const held = merge(book.balance.get(hour) ?? new Map<TagSet, MicroUnits>(), amounts);
  return assertBalanced({
    ...book,
    version: book.version + 1,
    counted: add(book.counted, total(amounts.values())),
    balance: withinBounds(new Map(book.balance).set(hour, held)),
  });
}

/**
 * Hours that a balance tells apart. Far more than AWS's window of 24: less than a unit in six weeks may still become one, and hours
 * that are put together may be of two grants, of which only one can have it.
 */
const hoursTold = 1_000;
const firstHour = Number.MIN_SAFE_INTEGER as UtcHour;
/** A book is one item of 400 KB. What its tag sets may take of that, and how many AWS takes (UsageAllocations, 2,500). */
const maxTagBytes = 200_000;
const maxTagSets = 2_500;

/**
 * Keeps a balance small enough to be stored, whatever was used for however long: hours long past become the first of them, and tag sets
 * beyond the bounds, the last to sort, are counted as untagged. No unit is lost.
 */
function withinBounds(balance: Book["balance"]): Book["balance"] {
  const hours = [...balance.keys()].sort((a, b) => a - b);
  const oldest = ((hours.at(-1) ?? 0) - hoursTold) as UtcHour;
  const told = new Map<UtcHour, Amounts>();
  const tagSets = new Set<TagSet>();
  let bytes = 0;
  for (const hour of hours) {
    const kept = new Map<TagSet, MicroUnits>();
    const amounts = [...(balance.get(hour) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [tagSet, amount] of amounts) {
      if (tagSet !== untagged) {
        tagSets.add(tagSet);
        bytes += Buffer.byteLength(tagSet) + bytesPerAmount;
      }
      const place = tagSets.size > maxTagSets || bytes > maxTagBytes ? untagged : tagSet;
      kept.set(place, add(kept.get(place) ?? zeroUnits, amount));
    }
    const place = hour < oldest ? (hours[0] ?? hour) : hour;
    told.set(place, merge(told.get(place) ?? new Map<TagSet, MicroUnits>(), kept));
  }
  return told;
}

/** What DynamoDB takes for an amount besides its tag set. */
const bytesPerAmount = 40;

/** Amounts of one hour in as many tag sets as a book may hold; those beyond, the last to sort, are counted as untagged. */
export const boundedAmounts = (amounts: Amounts): Amounts =>
  withinBounds(new Map([[firstHour, amounts]])).get(firstHour) ?? amounts;

/**
 * Whole units used in `hour` or before, but not before `from`, which a record of that hour would hold. Zero when corrections
 * outweigh usage.
 */
export function sealable(book: Book, hour: UtcHour, from = firstHour): bigint {
  const units = floorUnits(total(amountsBetween(book, from, hour).values()));
  return units < 0n ? 0n : units > maxQuantity ? maxQuantity : units;
}

/**
 * Whether some record could take a whole unit: there are hours in a row that hold one together. What an earlier grant left, or a
 * later correction took, be it more than all there is, has nothing to do with them.
 */
export function holdsWholeUnit({ balance }: Book): boolean {
  let held = zeroUnits;
  for (const hour of [...balance.keys()].sort((a, b) => a - b)) {
    held = add(held > zeroUnits ? held : zeroUnits, total(balance.get(hour)?.values() ?? []));
    if (floorUnits(held) >= 1n) return true;
  }
  return false;
}

/** AWS takes 0 to 2,147,483,647 (BatchMeterUsage reference, UsageRecord Quantity). What is above waits for a later hour. */
const maxQuantity = 2_147_483_647n;

/**
 * Moves the whole units used from `from` through `hour` out of the balance, exactly as many as the record gets. What remains of
 * each tag set, a fraction, is kept under `hour` until it is completed.
 */
export function seal(
  book: Book,
  hour: UtcHour,
  from = firstHour,
): { book: Book; quantity: bigint; allocations: readonly Allocation[] } {
  const amounts = amountsBetween(book, from, hour);
  const quantity = sealable(book, hour, from);
  const allocations = allocate(amounts, quantity);
  const rest = new Map(amounts);
  for (const { tagSet, units } of allocations)
    rest.set(tagSet, subtract(rest.get(tagSet) ?? zeroUnits, wholeUnits(units)));
  const others = [...book.balance].filter(([of]) => of < from || of > hour);
  const sealed = assertBalanced({
    ...book,
    version: book.version + 1,
    recorded: add(book.recorded, wholeUnits(quantity)),
    balance: new Map([[hour, withoutZeros(rest)] as const, ...others].filter(([, left]) => left.size > 0)),
  });
  return { book: sealed, quantity, allocations };
}

function amountsBetween(book: Book, from: UtcHour, hour: UtcHour): Amounts {
  return [...book.balance]
    .filter(([of]) => of >= from && of <= hour)
    .reduce<Amounts>((all, [, amounts]) => merge(all, amounts), new Map());
}

function merge(left: Amounts, right: Amounts): Amounts {
  const sum = new Map(left);
  for (const [tagSet, amount] of right) sum.set(tagSet, add(sum.get(tagSet) ?? zeroUnits, amount));
  return sum;
}

const withoutZeros = (amounts: Amounts): Amounts =>
  new Map([...amounts].filter(([, amount]) => amount !== zeroUnits));
