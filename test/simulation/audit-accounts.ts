import type { Book } from "@tollhouse/core/metering/book";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { bookName, heldIn, micro, sum } from "./audit-books.ts";
import { nameOf, type RecordAudit } from "./audit-records.ts";
import { hourOf } from "./calendar.ts";
import { type Catalogue, coveredDimension, misspelt } from "./catalogue.ts";
import { anyTags, type Ledger, sumName } from "./ledger.ts";
import type { Weather } from "./conditions.ts";
import type { Contract, Purchase } from "./market.ts";

interface Known {
  readonly contracts: readonly Contract[];
  readonly catalogue: Catalogue;
  readonly ledger: Ledger;
  readonly records: RecordAudit;
  readonly weather: Weather;
  readonly now: () => number;
}

/** Adds up, in the end, what became of every unit: billed by AWS, covered by a contract, written off, or waiting to be billed. */
export class AccountAudit {
  private readonly known: Known;
  private readonly violate: (what: string) => void;

  constructor(known: Known, violate: (what: string) => void) {
    this.known = known;
    this.violate = violate;
  }

  check(books: readonly Book[]): void {
    for (const book of books) {
      const contract = this.known.contracts.find(({ account }) => account === book.key.subscriptionId);
      if (contract === undefined) continue;
      const own = [...this.known.records.records.values()].filter(
        (record) => bookName(record) === bookName(book.key),
      );
      this.recorded(book, own);
      this.covered(book, contract);
      this.owed(book, contract);
      if (this.known.weather !== "rough") this.complete(book, contract, own);
    }
  }

  /** What is in records is in the book's account of them, but for what was given back. */
  private recorded(book: Book, own: readonly UsageRecord[]): void {
    const kept = own.filter((record) => this.known.records.outcomes.get(nameOf(record)) !== "returned");
    if (sum(kept.map(({ entry }) => entry.quantity)) * micro !== book.recorded)
      this.violate(`the records of ${bookName(book.key)} do not add up to ${book.recorded}`);
  }

  /** What a contract includes is used up first, and exactly. */
  private covered(book: Book, contract: Contract): void {
    const name = bookName(book.key);
    if (book.key.dimension !== coveredDimension) {
      if (book.covered !== 0n)
        this.violate(`${name} is covered by no contract, and ${book.covered} of it are`);
      return;
    }
    const terms = termsOf(contract);
    // What was read before a renewal was known counts for the term before it, and an answer that lags for the one after.
    const isLagging = this.known.weather !== "calm";
    const most = sum(
      terms.map(({ most: own }, index) =>
        isLagging ? greatest([own, ...[index - 1, index + 1].map((at) => terms[at]?.most ?? 0n)]) : own,
      ),
    );
    if (book.covered < 0n || book.covered > most)
      this.violate(`a contract covers ${book.covered} of ${name}, and includes ${most} at most`);
    const [only, second] = terms;
    if (only === undefined || second !== undefined || only.least !== only.most || !isRead(book)) return;
    // What no record could take any more is not looked at again: less than a unit, or what is owed.
    // Nor does a correction of what was used before Tollhouse metered, or outside of the grant, give anything back.
    const elsewhere = sum(
      (["before-start", "outside-grant"] as const).map((reason) => book.unbillable.get(reason) ?? 0n),
    );
    const due = clamp(book.counted - (elsewhere < 0n ? elsewhere : 0n), only.most);
    const writtenOff = sum([...book.unbillable.values()].filter((units) => units > 0n));
    const least = clamp(book.counted - writtenOff, only.most);
    const held = heldIn(book);
    const isSettled =
      (least <= book.covered && book.covered <= due) ||
      (held < micro && (within(due - book.covered, held) || within(least - book.covered, held)));
    const isHeldUp = this.known.catalogue.dryRun.has(contract.productCode) || held >= micro;
    if (!isSettled && !isHeldUp)
      this.violate(`of ${book.counted} of ${name}, ${only.most} are included and ${book.covered} covered`);
  }

  /** Nobody is owed more than was taken back, or was billed before more of it was included. */
  private owed({ key, unbillable, recorded }: Book, { buyer }: Contract): void {
    const owed = 0n - (unbillable.get("owed-to-buyer") ?? 0n);
    const corrected = this.known.ledger.corrected(buyer.accountId, key.dimension);
    const doubtful = this.known.ledger.sums.get(sumName(buyer.accountId, key.dimension, anyTags))?.doubtful;
    if (owed > corrected + (doubtful ?? 0n) + recorded)
      this.violate(`${bookName(key)} is owed ${owed}, and corrections took back ${corrected}`);
  }

  /** When nothing but single calls went wrong, everything is billed: only fractions, and corrections that came last, are left. */
  private complete(book: Book, contract: Contract, own: readonly UsageRecord[]): void {
    const name = bookName(book.key);
    if (this.known.catalogue.dryRun.has(contract.productCode)) {
      if (own.length > 0) this.violate(`${name} has records of a dry run`);
      return;
    }
    for (const record of own) {
      if (record.entry.quantity === 0n) continue;
      const state = this.known.records.outcomes.get(nameOf(record)) ?? "pending";
      if (state === "pending" && record.deadlineAt > this.known.now()) continue;
      const expected = book.key.dimension === misspelt ? ["rejected", "expired"] : ["accepted"];
      if (!expected.includes(state)) this.violate(`all went well, and ${nameOf(record)} is ${state}`);
    }
    // Who came back within the hour has used an hour that was sealed as the last one.
    if (book.key.dimension === misspelt || contract.returns.length > 0) return;
    // A call that failed makes usage late.
    const lost = this.known.weather === "calm" ? (["late"] as const) : [];
    for (const reason of [...lost, "no-hour-left", "outside-grant"] as const)
      if (book.unbillable.has(reason))
        this.violate(`all went well, and ${book.unbillable.get(reason)} of ${name} are ${reason}`);
    if (heldIn(book) >= micro) this.violate(`all went well, and ${heldIn(book)} of ${name} are not billed`);
  }
}

/** The quantities that a contract included, term by term, in millionths. */
function termsOf({ purchases }: Contract): readonly { least: bigint; most: bigint; from: number }[] {
  const terms: { least: bigint; most: bigint; from: number }[] = [];
  for (const { quantity, from, isRenewal } of purchases satisfies readonly Purchase[]) {
    const units = BigInt(quantity) * micro;
    const last = terms.at(-1);
    if (last === undefined || isRenewal) terms.push({ least: units, most: units, from: hourOf(from) });
    else {
      if (units < last.least) last.least = units;
      if (units > last.most) last.most = units;
    }
  }
  return terms;
}

/** Whether it was ever known what the contract includes. */
const isRead = ({ terms }: Book): boolean => terms.length > 0;

const clamp = (used: bigint, quantity: bigint): bigint =>
  used < 0n ? 0n : used < quantity ? used : quantity;
const within = (difference: bigint, held: bigint): boolean =>
  difference >= 0n ? difference <= (held < 0n ? 0n : held) : -difference <= (held < 0n ? -held : 0n);

const greatest = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => (a > b ? a : b));
