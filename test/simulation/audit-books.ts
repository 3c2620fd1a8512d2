import type { Book, BookKey } from "@tollhouse/core/metering/book";
import type { BookStore, RecordStore } from "@tollhouse/core/metering/store";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { sumName } from "./ledger.ts";
import { type Contract, coversHour } from "./market.ts";
import { entryText } from "./marketplace.ts";

const micro = 1_000_000n;
const hourMs = 3_600_000;

const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((all, amount) => all + amount, 0n);
const bookName = ({ subscriptionId, dimension }: BookKey): string =>
  JSON.stringify([subscriptionId, dimension]);

/** Books and records as they were seen to be written, and what no write of theirs may ever do. */
export class BookAudit {
  readonly books = new Map<string, Book>();
  readonly records = new Map<string, UsageRecord>();
  private readonly contracts: readonly Contract[];
  private readonly violate: (what: string) => void;
  private readonly sent = new Map<string, string>();
  private readonly concluded = new Set<string>();
  private readonly postings = new Set<string>();

  constructor(contracts: readonly Contract[], violate: (what: string) => void) {
    this.contracts = contracts;
    this.violate = violate;
  }

  /** A posting was stored: the book balances and grew by exactly what was posted, once per plan. */
  posted(after: Book, posting: { hour: number; amounts: ReadonlyMap<string, bigint> }, planId: string): void {
    const name = bookName(after.key);
    const before = this.books.get(name);
    this.changed(before, after);
    if (this.postings.has(`${name} ${planId}`)) this.violate(`plan ${planId} was posted twice to ${name}`);
    this.postings.add(`${name} ${planId}`);
    if (after.counted - (before?.counted ?? 0n) !== sum(posting.amounts.values()))
      this.violate(`book ${name} grew by something else than was posted`);
  }

  /** Somebody was found to be charged for an hour: only within a grant, as far as ends of it were known. */
  charged(key: BookKey, hour: number, knownAt: number): void {
    const contract = this.contracts.find(({ account }) => account === key.subscriptionId);
    if (contract === undefined) this.violate(`${key.subscriptionId} was charged, and nobody bought it`);
    else if (!coversHour(contract, hour, knownAt))
      this.violate(`${bookName(key)} was charged for hour ${hour}, in which it had no grant`);
    if (contract?.dimensions.includes(key.dimension) === false)
      this.violate(`${bookName(key)} was charged for a dimension that its product does not have`);
  }

  /** An hour was sealed: the record is the only one, and holds exactly what left the balance. */
  sealed(after: Book, record: UsageRecord, { now, knownAt }: { now: number; knownAt: number }): void {
    const name = bookName(after.key);
    const before = this.books.get(name);
    this.changed(before, after);
    const { quantity, allocations, timestamp } = record.entry;
    const key = `${name} ${record.hour}`;
    if (this.records.has(key)) this.violate(`hour ${record.hour} of ${name} was sealed twice`);
    this.records.set(key, structuredClone(record));
    if (after.counted !== before?.counted) this.violate(`sealing changed what ${name} counted`);
    if (after.recorded - (before?.recorded ?? 0n) !== quantity * micro)
      this.violate(`the record of ${key} holds something else than left the balance`);
    if (
      sum(allocations.map(({ units }) => units)) !== quantity ||
      allocations.some(({ units }) => units <= 0n)
    )
      this.violate(`the allocations of ${key} do not add up to its quantity`);
    if (quantity < 1n || quantity > 2_147_483_647n)
      this.violate(`the record of ${key} has ${quantity} units`);
    if (Math.floor(timestamp / hourMs) !== record.hour || timestamp > now)
      this.violate(`the record of ${key} has a timestamp of another hour or of the future`);
    const contract = this.contracts.find(({ account }) => account === after.key.subscriptionId);
    if (contract === undefined || !coversHour(contract, record.hour, knownAt))
      this.violate(`the record of ${key} lies outside every grant`);
  }

  /** A call is about to reach AWS: what was ever sent for this hour is sent again to the byte, or not at all. */
  submitted(records: readonly UsageRecord[]): void {
    if (records.length > 25) this.violate(`a call carried ${records.length} records`);
    const modes = new Set(records.map(({ entry: { region, identity } }) => `${region} ${identity.by}`));
    if (modes.size > 1) this.violate("a call mixed Regions or identity modes");
    for (const { entry, hour, subscriptionId, dimension } of records) {
      const name = `${bookName({ subscriptionId, dimension })} ${hour}`;
      const before = this.sent.get(name);
      this.sent.set(name, entryText(entry));
      if (before !== undefined && before !== entryText(entry))
        this.violate(`two different records were sent for ${name}`);
      const sealed = this.records.get(name);
      if (sealed === undefined || entryText(sealed.entry) !== entryText(entry))
        this.violate(`what was sent for ${name} is not what was sealed`);
    }
  }

  /**
   * An outcome was to be written: accepted only what AWS bills, and nobody else was ever first. One that came too late, after
   * another outcome or another attempt, is not written, and then says nothing.
   */
  async outcome(record: UsageRecord, state: string, isBilled: boolean, records: RecordStore): Promise<void> {
    const name = `${bookName(record)} ${record.hour}`;
    if (this.concluded.has(name)) return;
    const pending = await records.pending(record.productCode, 100_000);
    if (pending.some((other) => `${bookName(other)} ${other.hour}` === name)) return;
    this.concluded.add(name);
    if (state === "accepted" && !isBilled)
      this.violate(`${name} is called accepted, and AWS does not bill it`);
    if (state === "expired" && isBilled && record.attempts === 0)
      this.violate(`${name} expired as if it had never been sent, and AWS bills it`);
    if (state === "conflict") this.violate(`${name} is called a conflict, though nobody else meters`);
  }

  private changed(before: Book | undefined, after: Book): void {
    const name = bookName(after.key);
    if (after.version !== (before?.version ?? 0) + 1) this.violate(`${name} skipped a version`);
    const held = sum([...after.balance.values()].flatMap((amounts) => [...amounts.values()]));
    if (held + after.recorded !== after.counted) this.violate(`${name} does not balance`);
    this.books.set(name, structuredClone(after));
  }

  /** Waiting usage was looked at again: the books grew by exactly what stopped waiting. */
  settled(units: bigint, after: readonly Book[]): void {
    let grown = 0n;
    for (const book of after) {
      grown += book.counted - (this.books.get(bookName(book.key))?.counted ?? 0n);
      this.changed(this.books.get(bookName(book.key)), book);
    }
    if (grown !== units) this.violate(`${units} stopped waiting, and books grew by ${grown}`);
  }

  /** What all accounts hold, by who pays, dimension and tag set. */
  async held(store: BookStore): Promise<Map<string, bigint>> {
    const held = new Map<string, bigint>();
    const hold = ({ subscriptionId, dimension }: BookKey, tagSet: string, amount: bigint) => {
      const contract = this.contracts.find(({ account }) => account === subscriptionId);
      const name = sumName(contract?.buyer.accountId ?? subscriptionId, dimension, tagSet);
      held.set(name, (held.get(name) ?? 0n) + amount);
    };
    for (const [name, { key, version }] of this.books) {
      const book = await store.load(key);
      if (book.version !== version) this.violate(`${name} changed unseen`);
      for (const amounts of book.balance.values())
        for (const [tagSet, amount] of amounts) hold(key, tagSet, amount);
    }
    for (const { entry, ...record } of this.records.values())
      for (const { tagSet, units } of entry.allocations) hold(record, tagSet, units * micro);
    return held;
  }
}
