/** What the simulation has sent, and what must be held of it. Shares no code with what it checks. */

/** One usage event as the workload invented it; copies have the same source, id and subject. */
export interface Use {
  readonly source: string;
  readonly id: string;
  readonly subject: string;
  /** Who pays in the end: a buyer's account, or the subject itself when nobody knows it. */
  readonly group: string;
  readonly dimension: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly at: number;
  /** Millionths. */
  readonly micro: bigint;
}

interface Sum {
  /** What counts in any case. */
  base: bigint;
  /** Bits by which a copy with other content differs from the first: any of them may or may not be in the sum. */
  doubtful: bigint;
}

export const tagSetOf = (tags: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)));

export const sumName = (group: string, dimension: string, tagSet: string): string =>
  JSON.stringify([group, dimension, tagSet]);

export const nameOfUse = ({ source, id, subject }: Pick<Use, "source" | "id" | "subject">): string =>
  JSON.stringify([source, id, subject]);

const highestDoubt = 44;

/** Stands for all tag sets together. */
export const anyTags = "*";

export class Ledger {
  readonly sums = new Map<string, Sum>();
  /** Messages of which at least a part must be in the quarantine, whole. */
  readonly badBodies = new Set<string>();
  /** The first of every event, to make copies of. */
  readonly uses: Use[] = [];
  private readonly conflicting = new Set<string>();

  /** An event that nobody sent before. */
  add(use: Use): void {
    this.uses.push(use);
    for (const sum of this.sumsOf(use)) sum.base += use.micro;
  }

  /** Another amount for an event that was sent, such that every choice between the two can be told from the sums. */
  conflict(use: Use): Use | undefined {
    const [all, own] = this.sumsOf(use);
    const bit = BigInt(all.doubtful.toString(2).replaceAll("0", "").length);
    if (bit >= highestDoubt || this.conflicting.has(nameOfUse(use))) return undefined;
    this.conflicting.add(nameOfUse(use));
    for (const sum of [all, own]) sum.doubtful |= 1n << bit;
    return { ...use, micro: use.micro + (1n << bit) };
  }

  /** Whether what is held can be what was sent. */
  fits(name: string, held: bigint): boolean {
    const { base, doubtful } = this.sums.get(name) ?? { base: 0n, doubtful: 0n };
    const over = held - base;
    return over >= 0n && (over & ~doubtful) === 0n;
  }

  /** What corrections took back of a buyer's usage, at most. */
  corrected(group: string, dimension: string): bigint {
    return this.uses
      .filter((use) => use.group === group && use.dimension === dimension && use.micro < 0n)
      .reduce((sum, { micro }) => sum - micro, 0n);
  }

  /** Of all tag sets together, and of the event's own. */
  private sumsOf({ group, dimension, tags }: Use): readonly [Sum, Sum] {
    return [
      this.sumOf(sumName(group, dimension, anyTags)),
      this.sumOf(sumName(group, dimension, tagSetOf(tags))),
    ];
  }

  private sumOf(name: string): Sum {
    const sum = this.sums.get(name) ?? { base: 0n, doubtful: 0n };
    this.sums.set(name, sum);
    return sum;
  }
}
