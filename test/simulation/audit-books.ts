import type { Book, BookKey } from "@tollhouse/core/metering/book";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { hourMs, isShut } from "./calendar.ts";
import type { Catalogue } from "./catalogue.ts";
import { type Contract, coversHour } from "./market.ts";

export const micro = 1_000_000n;

export const sum = (amounts: Iterable<bigint>): bigint =>
  [...amounts].reduce((all, amount) => all + amount, 0n);
export const bookName = ({ subscriptionId, dimension }: BookKey): string =>
  JSON.stringify([subscriptionId, dimension]);
export const heldIn = ({ balance }: Book): bigint =>
  sum([...balance.values()].flatMap((amounts) => [...amounts.values()]));

/** When an effect was seen, and what its worker can have known. */
export interface Moment {
  readonly now: number;
  /** When the worker began: what was known by then it has to know. */
  readonly knownAt: number;
}

/** Books as they were seen to be written, and what no write of theirs may ever do. */
export class BookAudit {
  readonly books = new Map<string, Book>();
  /** When a book was changed last. */
  private readonly changedAt = new Map<string, number>();
  private readonly now: () => number;
  private readonly contracts: readonly Contract[];
  private readonly catalogue: Catalogue;
  private readonly violate: (what: string) => void;
  private readonly count: (what: string) => void;
  private readonly postings = new Set<string>();
  /** Whether an hour of a book has a record. */
  private readonly isRecorded: (key: BookKey, hour: number) => boolean;

  constructor(
    {
      contracts,
      catalogue,
      now,
    }: { contracts: readonly Contract[]; catalogue: Catalogue; now: () => number },
    isRecorded: (key: BookKey, hour: number) => boolean,
    violate: (what: string) => void,
    count: (what: string) => void,
  ) {
    this.contracts = contracts;
    this.catalogue = catalogue;
    this.now = now;
    this.isRecorded = isRecorded;
    this.violate = violate;
    this.count = count;
  }

  /** A posting was stored: the book balances and grew by exactly what was posted, once per plan. */
  posted(after: Book, posting: { amounts: ReadonlyMap<string, bigint> }, planId: string): void {
    const name = bookName(after.key);
    if (this.postings.has(`${name} ${planId}`)) this.violate(`plan ${planId} was posted twice to ${name}`);
    this.postings.add(`${name} ${planId}`);
    this.stored(after, { counted: sum(posting.amounts.values()) });
  }

  /** Waiting usage was looked at again: the books grew by exactly what stopped waiting. */
  settled(units: bigint, after: readonly Book[]): void {
    let grown = 0n;
    for (const book of after) {
      const counted = book.counted - (this.books.get(bookName(book.key))?.counted ?? 0n);
      grown += counted;
      this.stored(book, { counted });
    }
    if (grown !== units) this.violate(`${units} stopped waiting, and books grew by ${grown}`);
  }

  /** Somebody was found to be charged for an hour: only within a grant, as far as ends of it were known. */
  charged(key: BookKey, hour: number, knownAt: number): void {
    const contract = this.contractOf(key);
    if (contract === undefined) this.violate(`${key.subscriptionId} was charged, and nobody bought it`);
    else if (!coversHour(contract, hour, knownAt))
      this.violate(`${bookName(key)} was charged for hour ${hour}, in which it had no grant`);
    if (contract?.dimensions.includes(key.dimension) === false)
      this.violate(`${bookName(key)} was charged for a dimension that its product does not have`);
  }

  /** An hour was sealed: the record holds exactly what left the balance. */
  sealed(after: Book, { entry }: UsageRecord): void {
    this.stored(after, { recorded: entry.quantity * micro });
  }

  /** A record without units was made: nothing that was to be seen in the book could have become a record of its hour. */
  sealedZero({ subscriptionId, dimension, hour }: UsageRecord, { knownAt }: Moment): void {
    const name = bookName({ subscriptionId, dimension });
    const earlier = [...(this.books.get(name)?.balance ?? [])].filter(([of]) => of <= hour);
    const units = sum(earlier.flatMap(([, amounts]) => [...amounts.values()]));
    if (units >= micro && (this.changedAt.get(name) ?? Infinity) < knownAt)
      this.violate(`a record without units took hour ${hour} of ${name} from ${units}`);
  }

  /** What was held for a license is its customer's: the one book loses exactly what the other gets. */
  moved(from: Book, to: Book): void {
    const units = from.counted - (this.books.get(bookName(from.key))?.counted ?? 0n);
    this.stored(from, { counted: units });
    this.stored(to, { counted: -units });
    this.count("account: moved to another subscription");
  }

  /** A record gave its units back: the balance has exactly them. */
  returned(after: Book, { entry }: UsageRecord): void {
    this.stored(after, { recorded: -entry.quantity * micro });
  }

  /** Units were covered by a contract, or written off: only for the reason that is given. */
  changed(after: Book, moment: Moment): void {
    const before = this.books.get(bookName(after.key));
    this.stored(after, { covered: after.covered - (before?.covered ?? 0n), isWriteOff: true });
    if (after.covered !== before?.covered) this.count("account: a contract covers usage");
    const gone = [...(before?.balance.keys() ?? [])].filter((hour) => !after.balance.has(hour));
    for (const [reason, units] of after.unbillable) {
      const more = units - (before?.unbillable.get(reason) ?? 0n);
      if (more === 0n) continue;
      this.count(`account: unbillable, ${reason}`);
      if (!this.isTrue(reason, { key: after.key, more, gone }, moment))
        this.violate(`${more} of ${bookName(after.key)} were written off as ${reason}, which is not true`);
    }
  }

  /** Whether a reason can be true, as far as the market knows. */
  private isTrue(
    reason: string,
    { key, more, gone }: { key: BookKey; more: bigint; gone: readonly number[] },
    { now, knownAt }: Moment,
  ): boolean {
    const contract = this.contractOf(key);
    if (contract === undefined) return false;
    const startAt = this.catalogue.startAt[contract.productCode];
    const isLost = gone.every((hour) => isShut(hour, now)) && isOver(contract, gone, now, knownAt);
    switch (reason) {
      case "before-start":
        return startAt !== undefined && gone.every((hour) => hour < startAt);
      case "late":
        return (
          this.catalogue.settings.lateUsage === "write-off" &&
          gone.every((hour) => this.isRecorded(key, hour))
        );
      case "outside-grant":
        return gone.every((hour) => isShut(hour, now) && !isKnownToCover(contract, hour, knownAt));
      case "no-hour-left":
        return more > 0n && more % micro === 0n && isLost;
      case "fraction":
        return more > 0n && more < micro && isLost;
      case "owed-to-buyer":
        return more < 0n && isLost;
      default:
        return false;
    }
  }

  /** A book took the place of the one before, and only these accounts may differ, by so much. */
  private stored(
    after: Book,
    by: { counted?: bigint; recorded?: bigint; covered?: bigint; isWriteOff?: boolean },
  ): void {
    const name = bookName(after.key);
    const before = this.books.get(name);
    if (after.version !== (before?.version ?? 0) + 1) this.violate(`${name} skipped a version`);
    const unbillable = sum(after.unbillable.values());
    if (heldIn(after) + after.recorded + after.covered + unbillable !== after.counted)
      this.violate(`${name} does not balance`);
    const grew = (account: "counted" | "recorded" | "covered") =>
      after[account] - (before?.[account] ?? 0n) !== (by[account] ?? 0n);
    if (grew("counted")) this.violate(`book ${name} grew by something else than was posted`);
    if (grew("recorded")) this.violate(`a record of ${name} holds something else than left the balance`);
    if (grew("covered")) this.violate(`${name} was covered unasked`);
    if (by.isWriteOff !== true && unbillable !== sum(before?.unbillable.values() ?? []))
      this.violate(`${name} was written off unasked`);
    this.books.set(name, structuredClone(after));
    this.changedAt.set(name, this.now());
  }

  private contractOf({ subscriptionId }: BookKey): Contract | undefined {
    return this.contracts.find(({ account }) => account === subscriptionId);
  }
}

/** Whether the facts by which a contract has an hour were all known. */
const isKnownToCover = ({ spans }: Contract, hour: number, knownAt: number): boolean =>
  spans.some(
    ({ since, cut, sinceKnownAt = Infinity }) =>
      sinceKnownAt < knownAt &&
      Math.floor(since / hourMs) <= hour &&
      (cut === undefined || hour <= Math.floor((cut - 1) / hourMs)),
  );

/** Whether AWS takes nothing more of these hours' grants: their ends are an hour ago. What was not known yet cannot be told. */
const isOver = (
  { spans, returns }: Contract,
  hours: readonly number[],
  now: number,
  knownAt: number,
): boolean =>
  returns.some(({ knownAt: at = Infinity }) => at >= knownAt) ||
  !spans.some(
    ({ since, cut, sinceKnownAt = Infinity }) =>
      sinceKnownAt < knownAt &&
      (cut === undefined || now < cut + hourMs) &&
      hours.some((hour) => hour >= Math.floor(since / hourMs)),
  );
