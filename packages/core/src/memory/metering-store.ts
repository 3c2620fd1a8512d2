import { subscriptionAccount, subscriptionOf } from "../metering/attribute.ts";
import { type Book, type BookKey, emptyBook, sealable } from "../metering/book.ts";
import type { BookStore, RecordStore } from "../metering/store.ts";
import type { Outcome, UsageRecord } from "../metering/usage-record.ts";
import { formatInstant } from "../time/instant.ts";
import type { UtcHour } from "../time/utc-hour.ts";

interface Contents {
  readonly books: Map<string, Book>;
  /** Plans that were posted, by book. */
  readonly postings: Set<string>;
  readonly records: Map<string, UsageRecord>;
}

/** The books in memory, with the usage records that sealing makes of them. Each change is one synchronous step. */
export function memoryMetering(): { readonly books: BookStore; readonly records: RecordStore } {
  const contents: Contents = { books: new Map(), postings: new Set(), records: new Map() };
  return { books: booksOf(contents), records: recordsOf(contents) };
}

const bookName = ({ account, dimension }: BookKey): string => JSON.stringify([account, dimension]);
const nameInBook = (key: BookKey, part: string | number): string => `${bookName(key)} ${part}`;
const nameOf = ({ subscriptionId, dimension, hour }: UsageRecord): string =>
  nameInBook({ account: subscriptionAccount(subscriptionId), dimension }, hour);

const latestHour = Number.MAX_SAFE_INTEGER as UtcHour;

function booksOf({ books, postings, records }: Contents): BookStore {
  const isNext = (after: Book) => (books.get(bookName(after.key))?.version ?? 0) === after.version - 1;
  return {
    load: (key) => Promise.resolve(structuredClone(books.get(bookName(key)) ?? emptyBook(key))),
    post(after, posting, planId) {
      const name = nameInBook(posting.book, planId);
      if (postings.has(name)) return Promise.resolve("known");
      if (!isNext(after)) return Promise.resolve("conflict");
      postings.add(name);
      books.set(bookName(after.key), structuredClone(after));
      return Promise.resolve("posted");
    },
    withWholeUnits: (limit, after) =>
      Promise.resolve(
        [...books.values()]
          .filter(({ key }) => subscriptionOf(key.account) !== undefined)
          .filter((book) => sealable(book, latestHour) > 0n)
          .map(({ key }) => structuredClone(key))
          .filter((key) => after === undefined || bookName(key) > bookName(after))
          .toSorted((a, b) => (bookName(a) < bookName(b) ? -1 : 1))
          .slice(0, limit),
      ),
    recordedHours: (key, from, through) =>
      Promise.resolve(
        new Set(
          [...records.values()]
            .filter((record) => nameOf(record) === nameInBook(key, record.hour))
            .map(({ hour }) => hour)
            .filter((hour) => hour >= from && hour <= through),
        ),
      ),
    seal(after, record) {
      if (!isNext(after) || records.has(nameOf(record))) return Promise.resolve("conflict");
      books.set(bookName(after.key), structuredClone(after));
      records.set(nameOf(record), structuredClone(record));
      return Promise.resolve("sealed");
    },
  };
}

function recordsOf({ records }: Contents): RecordStore {
  /** Changes a record that is pending and fits; otherwise gives `false`. */
  const change = (
    record: UsageRecord,
    fits: (stored: UsageRecord) => boolean,
    to: { attempts?: number; outcome?: Outcome },
  ): boolean => {
    const stored = records.get(nameOf(record));
    if (stored?.outcome.state !== "pending" || !fits(stored)) return false;
    records.set(nameOf(record), structuredClone({ ...stored, ...to }));
    return true;
  };
  return {
    pending: (productCode, limit) =>
      Promise.resolve(
        structuredClone([...records.values()])
          .filter((record) => record.productCode === productCode && record.outcome.state === "pending")
          .toSorted((a, b) => (queuePlace(a) < queuePlace(b) ? -1 : 1))
          .slice(0, limit),
      ),
    countAttempt: (record) =>
      Promise.resolve(
        change(record, ({ attempts }) => attempts === record.attempts, { attempts: record.attempts + 1 }),
      ),
    postpone(record, refusal, triedAt, effect) {
      change(record, ({ attempts }) => attempts === record.attempts + 1, {
        attempts: effect === "none" ? record.attempts : record.attempts + 1,
        outcome: { state: "pending", refusal, triedAt },
      });
      return Promise.resolve();
    },
    conclude(record, outcome) {
      const isOurs = (stored: UsageRecord) => stored.attempts === record.attempts + 1;
      change(record, outcome.state === "conflict" ? isOurs : () => true, { outcome });
      return Promise.resolve();
    },
  };
}

/** Those never postponed first, nearest deadline first; then the others, the least recently tried first. */
function queuePlace(record: UsageRecord): string {
  const triedAt = record.outcome.state === "pending" ? record.outcome.triedAt : undefined;
  return `${triedAt === undefined ? 0 : 1}#${formatInstant(triedAt ?? record.deadlineAt)}#${nameOf(record)}`;
}
