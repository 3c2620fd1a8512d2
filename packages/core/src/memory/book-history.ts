import type { BookHistory } from "../ledger/book-history.ts";
import type { HourRange } from "../metering/balance.ts";
import { bookName } from "../metering/book.ts";
import type { UtcHour } from "../time/utc-hour.ts";
import type { MemoryFoldStore } from "./fold-store.ts";
import type { MemoryMetering } from "./metering-store.ts";
import { nameInBook } from "./record-store.ts";

/** How books came to be what they are, as the twins remember it. */
export function memoryBookHistory(
  folds: Pick<MemoryFoldStore, "plans">,
  { contents }: Pick<MemoryMetering, "contents">,
): BookHistory {
  return {
    async *records(key, range) {
      const found = [...contents.records.values()]
        .filter((record) => bookName(record) === bookName(key) && isIn(range, record.hour))
        .toSorted((a, b) => a.hour - b.hour);
      yield* await Promise.resolve(structuredClone(found));
    },
    async *postings(key, range) {
      const found = folds
        .plans()
        .filter(({ id }) => contents.postings.has(nameInBook(key, id)))
        .flatMap(({ id, postings }) =>
          postings.flatMap((posting) =>
            "waiting" in posting || bookName(posting.book) !== bookName(key)
              ? []
              : [{ planId: id, hour: posting.hour, amounts: posting.amounts }],
          ),
        );
      yield* await Promise.resolve(found.filter(({ hour }) => isIn(range, hour)));
    },
    plan: ({ hour, shard }, planId) =>
      Promise.resolve(
        folds.plans().find((plan) => plan.hour === hour && plan.shard === shard && plan.id === planId),
      ),
  };
}

const isIn = ({ from, through }: HourRange, hour: UtcHour): boolean => hour >= from && hour <= through;
