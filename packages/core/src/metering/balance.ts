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

export type Amounts = ReadonlyMap<TagSet, MicroUnits>;

/** Counted and not yet settled, by the hour it was used in. */
export type Balance = ReadonlyMap<UtcHour, Amounts>;

/** Hours from one through another. */
export interface HourRange {
  readonly from: UtcHour;
  readonly through: UtcHour;
}

export const firstHour = Number.MIN_SAFE_INTEGER as UtcHour;
export const lastHour = Number.MAX_SAFE_INTEGER as UtcHour;

const isIn = (hour: UtcHour, { from, through }: HourRange): boolean => hour >= from && hour <= through;

/** All that is held. */
export const heldIn = (balance: Balance): MicroUnits =>
  total([...balance.values()].map((amounts) => total(amounts.values())));

/** Whether any of these hours holds something, be it less than none. */
export const isHeldIn = (balance: Balance, range: HourRange): boolean =>
  [...balance.keys()].some((hour) => isIn(hour, range));

/** What hours hold together, by tag set. */
export const amountsIn = (balance: Balance, range: HourRange): Amounts =>
  [...balance]
    .filter(([hour]) => isIn(hour, range))
    .reduce<Amounts>((all, [, amounts]) => merge(all, amounts), new Map());

/** What hours hold together. Negative where corrections outweigh usage. */
export const unitsIn = (balance: Balance, range: HourRange): MicroUnits =>
  total(amountsIn(balance, range).values());

/** Whole units that hours hold together; none when corrections outweigh usage. */
export function wholeUnitsIn(balance: Balance, range: HourRange): bigint {
  const units = floorUnits(unitsIn(balance, range));
  return units < 0n ? 0n : units;
}

/** The balance with other amounts in an hour; an hour without any is not in it. */
export function withAmounts(balance: Balance, hour: UtcHour, amounts: Amounts): Balance {
  const after = new Map(balance);
  const kept = new Map([...amounts].filter(([, amount]) => amount !== zeroUnits));
  if (kept.size === 0) after.delete(hour);
  else after.set(hour, kept);
  return after;
}

/** The balance without some hours. */
export const withoutHours = (balance: Balance, range: HourRange): Balance =>
  new Map([...balance].filter(([hour]) => !isIn(hour, range)));

export function merge(left: Amounts, right: Amounts): Amounts {
  const sum = new Map(left);
  for (const [tagSet, amount] of right) sum.set(tagSet, add(sum.get(tagSet) ?? zeroUnits, amount));
  return sum;
}

/**
 * Takes units out of hours, the oldest first and in each the tag sets as they sort. What they do not hold, and what is given back
 * (fewer than none), changes the last of them, as untagged. When that is all they hold together, no hour keeps what another has too
 * little of.
 */
export function takeOut(balance: Balance, range: HourRange, units: MicroUnits): Balance {
  if (units === zeroUnits) return balance;
  if (units === unitsIn(balance, range)) return withoutHours(balance, range);
  let left = units;
  let after = balance;
  const hours = [...balance.keys()].filter((hour) => isIn(hour, range)).sort((a, b) => a - b);
  for (const hour of hours) {
    const amounts = new Map(after.get(hour));
    for (const [tagSet, amount] of [...amounts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (left <= 0n || amount <= 0n) continue;
      const taken = amount < left ? amount : left;
      left = subtract(left, taken);
      amounts.set(tagSet, subtract(amount, taken));
    }
    after = withAmounts(after, hour, amounts);
  }
  const place = hours.at(-1) ?? range.through;
  const rest = new Map([[untagged, subtract(zeroUnits, left)]]);
  return withAmounts(after, place, merge(after.get(place) ?? new Map<TagSet, MicroUnits>(), rest));
}

/**
 * Whether some record could take a whole unit: there are hours in a row that hold one together. What an earlier grant left, or a
 * later correction took, be it more than all there is, has nothing to do with them.
 */
export function hasWholeUnit(balance: Balance): boolean {
  let held = zeroUnits;
  for (const hour of [...balance.keys()].sort((a, b) => a - b)) {
    held = add(held > zeroUnits ? held : zeroUnits, total(balance.get(hour)?.values() ?? []));
    if (floorUnits(held) >= 1n) return true;
  }
  return false;
}

/** What remains of amounts when whole units of some tag sets have left. */
export function without(amounts: Amounts, units: readonly { tagSet: TagSet; units: bigint }[]): Amounts {
  const rest = new Map(amounts);
  for (const { tagSet, units: gone } of units)
    rest.set(tagSet, subtract(rest.get(tagSet) ?? zeroUnits, wholeUnits(gone)));
  return rest;
}

/**
 * Hours that a balance tells apart. Far more than AWS's window of 24: less than a unit in six weeks may still become one, and hours
 * that are put together may be of two grants, of which only one can have it.
 */
const hoursTold = 1_000;
/** A book is one item of 400 KB. What its tag sets may take of that, and how many AWS takes (UsageAllocations, 2,500). */
const maxTagBytes = 200_000;
const maxTagSets = 2_500;

/**
 * Keeps a balance small enough to be stored, whatever was used for however long: hours long past become the first of them, and tag sets
 * beyond the bounds, the last to sort, are counted as untagged. No unit is lost.
 */
export function withinBounds(balance: Balance): Balance {
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
      const place = tagSets.size >= maxTagSets || bytes > maxTagBytes ? untagged : tagSet;
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
