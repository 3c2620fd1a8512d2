import type { Book, BookKey } from "@tollhouse/core/metering/book";
import { micro, sum } from "./audit-books.ts";
import { nameOf, type RecordAudit } from "./audit-records.ts";
import { anyTags, sumName } from "./ledger.ts";
import type { Contract } from "./market.ts";

/** What all accounts hold, by who pays and dimension, and by tag set where that can still be told. */
export interface Held {
  readonly sums: Map<string, bigint>;
  /** Whether a sum is by tag set, and a part of it is in accounts that know no tags. */
  readonly isMixed: (name: string) => boolean;
  /** Adds what waits. */
  readonly hold: (group: string, dimension: string, tagSet: string, amount: bigint) => void;
}

export function held(
  books: readonly Book[],
  { records, outcomes }: RecordAudit,
  contracts: readonly Contract[],
): Held {
  const sums = new Map<string, bigint>();
  const add = (name: string, amount: bigint) => sums.set(name, (sums.get(name) ?? 0n) + amount);
  const hold = (group: string, dimension: string, tagSet: string, amount: bigint) => {
    add(sumName(group, dimension, anyTags), amount);
    add(sumName(group, dimension, tagSet), amount);
  };
  const groupOf = ({ subscriptionId }: BookKey): string =>
    contracts.find(({ account }) => account === subscriptionId)?.buyer.accountId ?? subscriptionId;
  const mixed = new Set<string>();
  for (const { key, balance, covered, unbillable } of books) {
    for (const amounts of balance.values())
      for (const [tagSet, amount] of amounts) hold(groupOf(key), key.dimension, tagSet, amount);
    add(sumName(groupOf(key), key.dimension, anyTags), covered + sum(unbillable.values()));
    if (covered !== 0n || unbillable.size > 0) mixed.add(JSON.stringify([groupOf(key), key.dimension]));
  }
  for (const { entry, ...record } of records.values())
    if (outcomes.get(nameOf({ entry, ...record })) !== "returned")
      for (const { tagSet, units } of entry.allocations)
        hold(groupOf(record), record.dimension, tagSet, units * micro);
  const isMixed = (name: string): boolean => {
    const [group, dimension, tagSet] = JSON.parse(name) as [string, string, string];
    return tagSet !== anyTags && mixed.has(JSON.stringify([group, dimension]));
  };
  return { sums, hold, isMixed };
}
