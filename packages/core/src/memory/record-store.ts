import { type BookKey, bookName } from "../metering/book.ts";
import type { RecordStore } from "../metering/store.ts";
import { type Outcome, recordName, type UsageRecord } from "../metering/usage-record.ts";
import { formatInstant, type Instant } from "../time/instant.ts";

export interface RecordContents {
  readonly records: Map<string, UsageRecord>;
  /** As which deadline's a record stands in the queue that was put before others. */
  readonly hastened: Map<string, Instant>;
}

export const nameInBook = (key: BookKey, part: string | number): string => `${bookName(key)} ${part}`;
export const nameOf = ({ subscriptionId, dimension, hour }: UsageRecord): string =>
  nameInBook({ subscriptionId, dimension }, hour);

/** Changes a record that is pending, with so many attempts where that matters; otherwise gives `false`. */
export function changePending(
  { records }: RecordContents,
  record: UsageRecord,
  attempts: number | undefined,
  to: { readonly attempts?: number; readonly outcome?: Outcome },
): boolean {
  const name = nameOf(record);
  const stored = records.get(name);
  if (stored?.outcome.state !== "pending") return false;
  if (attempts !== undefined && stored.attempts !== attempts) return false;
  records.set(name, structuredClone({ ...stored, ...to }));
  return true;
}

/** Usage records in memory, and what came of them. */
export function memoryRecords(contents: RecordContents): RecordStore {
  const { records, hastened } = contents;
  const queued = (productCode: string, by: Instant, limit: number, hasUnits: boolean) => {
    const placed = [...records.values()]
      .filter((record) => record.productCode === productCode && record.entry.quantity > 0n === hasUnits)
      .filter((record) => isDue(record, by))
      .map((record) => ({ record, place: queuePlace(record, hastened.get(nameOf(record))) }))
      .toSorted((a, b) => (a.place < b.place ? -1 : 1));
    return Promise.resolve(structuredClone(placed.slice(0, limit).map(({ record }) => record)));
  };
  return {
    pending: (productCode, by, limit) => queued(productCode, by, limit, true),
    pendingZeros: (productCode, by, limit) => queued(productCode, by, limit, false),
    recordsOf: (key, limit) =>
      Promise.resolve(
        structuredClone([...records.values()])
          .filter((record) => bookName(record) === bookName(key))
          .toSorted((a, b) => b.hour - a.hour)
          .slice(0, limit),
      ),
    countAttempt: (record) =>
      Promise.resolve(changePending(contents, record, record.attempts, { attempts: record.attempts + 1 })),
    postpone(record, why, triedAt, effect) {
      changePending(contents, record, record.attempts + 1, {
        attempts: effect === "none" ? record.attempts : record.attempts + 1,
        outcome: { state: "pending", ...why, triedAt },
      });
      return Promise.resolve();
    },
    hasten(record, by) {
      const stored = records.get(nameOf(record));
      if (stored?.outcome.state !== "pending" || stored.entry.quantity === 0n) return Promise.resolve();
      changePending(contents, record, undefined, { outcome: { ...stored.outcome, retryAt: undefined } });
      hastened.set(nameOf(record), earlier(by, stored.deadlineAt));
      return Promise.resolve();
    },
    prolong(record, deadlineAt) {
      const stored = records.get(nameOf(record));
      if (stored?.outcome.state === "pending")
        records.set(nameOf(record), structuredClone({ ...stored, deadlineAt }));
      return Promise.resolve();
    },
    conclude(record, outcome) {
      const attempts = outcome.state === "conflict" ? record.attempts + 1 : undefined;
      changePending(contents, record, attempts, { outcome });
      return Promise.resolve();
    },
  };
}

const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b);

const isDue = ({ outcome }: UsageRecord, by: Instant): boolean =>
  outcome.state === "pending" && (outcome.retryAt === undefined || outcome.retryAt <= by);

/** Those never postponed first, nearest deadline first; then the others, the longest due first. */
function queuePlace(record: UsageRecord, hastenedTo: Instant | undefined): string {
  const retryAt = record.outcome.state === "pending" ? record.outcome.retryAt : undefined;
  const at = retryAt ?? hastenedTo ?? record.deadlineAt;
  return `${retryAt === undefined ? 0 : 1}#${formatInstant(at)}#${recordName(record)}`;
}
