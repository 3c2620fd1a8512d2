import { type Book, type BookKey, bookName, emptyBook, holdsWholeUnit } from "../metering/book.ts";
import type {
  BookStore,
  RecordStore,
  WaitingOutcome,
  WaitingStore,
  WaitingUsage,
} from "../metering/store.ts";
import type { Outcome, UsageRecord } from "../metering/usage-record.ts";
import { formatInstant } from "../time/instant.ts";

interface Contents {
  readonly books: Map<string, Book>;
  /** Plans that were posted, by book. */
  readonly postings: Set<string>;
  readonly records: Map<string, UsageRecord>;
  readonly waiting: Map<string, { readonly usage: WaitingUsage; readonly outcome: WaitingOutcome }>;
}

/** The books in memory, and all that a check of them reads. */
export interface MemoryMetering {
  readonly books: BookStore;
  readonly records: RecordStore;
  readonly waiting: WaitingStore;
  readonly contents: Contents;
}

/** The books in memory, with the usage records that sealing makes of them. Each change is one synchronous step. */
export function memoryMetering(): MemoryMetering {
  const contents: Contents = {
    books: new Map(),
    postings: new Set(),
    records: new Map(),
    waiting: new Map(),
  };
  return { books: booksOf(contents), records: recordsOf(contents), waiting: waitingOf(contents), contents };
}

const nameInBook = (key: BookKey, part: string | number): string => `${bookName(key)} ${part}`;
const nameOf = ({ subscriptionId, dimension, hour }: UsageRecord): string =>
  nameInBook({ subscriptionId, dimension }, hour);

function booksOf({ books, postings, records }: Contents): BookStore {
  const isNext = (after: Book) => follows(books, after);
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
          .filter(holdsWholeUnit)
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

/** Whether a book takes the place of the version before it. */
const follows = (books: Contents["books"], after: Book): boolean =>
  (books.get(bookName(after.key))?.version ?? 0) === after.version - 1;

function waitingOf({ books, waiting }: Contents): WaitingStore {
  const nameIn = ({ subject, id }: WaitingUsage): string => JSON.stringify([subject, id]);
  const waits = () =>
    [...waiting.values()].flatMap(({ outcome }) => (outcome.kind === "waits" ? [outcome.rest] : []));
  return {
    put(usage) {
      const name = nameIn(usage);
      if (!waiting.has(name))
        waiting.set(name, structuredClone({ usage, outcome: { kind: "waits", rest: usage } }));
      return Promise.resolve();
    },
    under: (subject, limit, after = "") =>
      Promise.resolve(
        structuredClone(
          waits()
            .filter((usage) => usage.subject === subject && usage.id > after)
            .toSorted((a, b) => (a.id < b.id ? -1 : 1))
            .slice(0, limit),
        ),
      ),
    due: (by, limit) =>
      Promise.resolve(
        structuredClone(
          waits()
            .filter(({ lookAt }) => lookAt <= by)
            .toSorted((a, b) => a.lookAt - b.lookAt)
            .slice(0, limit),
        ),
      ),
    settle(usage, outcome, after) {
      const stored = waiting.get(nameIn(usage));
      const isCurrent = stored?.outcome.kind === "waits" && stored.outcome.rest.version === usage.version;
      if (!isCurrent || !after.every((book) => follows(books, book))) return Promise.resolve("conflict");
      for (const book of after) books.set(bookName(book.key), structuredClone(book));
      waiting.set(nameIn(usage), structuredClone({ usage, outcome }));
      return Promise.resolve("settled");
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
    recordsOf: (key, limit) =>
      Promise.resolve(
        structuredClone([...records.values()])
          .filter((record) => bookName(record) === bookName(key))
          .toSorted((a, b) => b.hour - a.hour)
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
