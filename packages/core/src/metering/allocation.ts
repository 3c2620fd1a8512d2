import { floorUnits, type MicroUnits, subtract, wholeUnits } from "../quantity/micro-units.ts";
import type { TagSet } from "../usage/usage-event.ts";

/** The part of a usage record that belongs to one tag set, in whole units. */
export interface Allocation {
  readonly tagSet: TagSet;
  readonly units: bigint;
}

interface Share extends Allocation {
  /** What the tag set has beyond its units; the next whole unit goes where it is largest. */
  readonly remainder: MicroUnits;
}

/**
 * Splits a record's quantity over its tag sets: whole numbers, none negative, that add up to it exactly. Each starts at its
 * own floor; a unit that fractions of several tag sets make together goes to the largest fraction, and a unit that a
 * correction took away comes from the smallest. Ties go by tag set, so that the split is the same on every machine.
 * @param quantity between 0 and the floor of the sum, or less where AWS's limit cuts it
 */
export function allocate(amounts: ReadonlyMap<TagSet, MicroUnits>, quantity: bigint): readonly Allocation[] {
  let shares = [...amounts].map(([tagSet, amount]) => share(tagSet, amount, atLeastZero(floorUnits(amount))));
  let missing = quantity - shares.reduce((sum, { units }) => sum + units, 0n);
  while (missing !== 0n && shares.length > 0) {
    const step = missing > 0n ? raise(shares, missing) : lower(shares, -missing);
    shares = step.shares;
    missing -= step.moved;
  }
  return shares.filter(({ units }) => units > 0n).map(({ tagSet, units }) => ({ tagSet, units }));
}

/** One unit each to those with the largest remainders, as far as `missing` goes. */
function raise(shares: readonly Share[], missing: bigint): { shares: Share[]; moved: bigint } {
  const sorted = shares.toSorted((a, b) => compare(b.remainder, a.remainder) || compare(a.tagSet, b.tagSet));
  const count = missing < BigInt(sorted.length) ? Number(missing) : sorted.length;
  return { shares: sorted.map((one, index) => (index < count ? shift(one, 1n) : one)), moved: BigInt(count) };
}

/** Takes what is too much from the smallest remainders, from each no more than it has. */
function lower(shares: readonly Share[], excess: bigint): { shares: Share[]; moved: bigint } {
  const sorted = shares.toSorted((a, b) => compare(a.remainder, b.remainder) || compare(a.tagSet, b.tagSet));
  let left = excess;
  const lowered = sorted.map((one) => {
    const taken = one.units < left ? one.units : left;
    left -= taken;
    return shift(one, -taken);
  });
  return { shares: lowered, moved: left - excess };
}

const share = (tagSet: TagSet, amount: MicroUnits, units: bigint): Share => ({
  tagSet,
  units,
  remainder: subtract(amount, wholeUnits(units)),
});
const shift = (one: Share, units: bigint): Share => ({
  ...one,
  units: one.units + units,
  remainder: subtract(one.remainder, wholeUnits(units)),
});
const atLeastZero = (units: bigint): bigint => (units < 0n ? 0n : units);
const compare = <T extends bigint | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
