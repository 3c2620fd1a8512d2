import { type Book, bookName, emptyBook, isToBeSealed } from "../metering/book.ts";
import type {
  BookStore,
  RecordStore,
  WaitingOutcome,
  WaitingStore,
  WaitingUsage,
} from "../metering/store.ts";
import { changePending, memoryRecords, nameInBook, nameOf, type RecordContents } from "./record-store.ts";

interface Contents extends RecordContents {
  readonly books: Map<string, Book>;
  /** Plans that were posted, by book. */
  readonly postings: Set<string>;
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
    hastened: new Map(),
    waiting: new Map(),
  };
  const records = memoryRecords(contents);
  return { books: booksOf(contents), records, waiting: waitingOf(contents), contents };
}

function booksOf(contents: Contents): BookStore {
  const { books, postings, records } = contents;
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
          .filter(isToBeSealed)
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
    change(after) {
      if (!isNext(after)) return Promise.resolve("conflict");
      books.set(bookName(after.key), structuredClone(after));
      return Promise.resolve("changed");
    },
    move(from, to) {
      if (!isNext(from) || !isNext(to)) return Promise.resolve("conflict");
      for (const book of [from, to]) books.set(bookName(book.key), structuredClone(book));
      return Promise.resolve("moved");
    },
    sealZero(record) {
      if (records.has(nameOf(record))) return Promise.resolve("conflict");
      records.set(nameOf(record), structuredClone(record));
      return Promise.resolve("sealed");
    },
    giveBack(after, record, outcome) {
      const isUntouched = isNext(after) && changePending(contents, record, record.attempts, { outcome });
      if (!isUntouched) return Promise.resolve("conflict");
      books.set(bookName(after.key), structuredClone(after));
      return Promise.resolve("returned");
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
