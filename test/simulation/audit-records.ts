import type { BookKey } from "@tollhouse/core/metering/book";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import { archiveCode, analyticsCode } from "@tollhouse/core/memory/example";
import { bookName, micro, type Moment, sum } from "./audit-books.ts";
import { hourMs, hourOf, nextMonth, shutsAt } from "./calendar.ts";
import type { Catalogue } from "./catalogue.ts";
import { type Contract, coversHour } from "./market.ts";
import { billedKey, entryText, type Marketplace } from "./marketplace.ts";
import type { Stores } from "./ports.ts";
import { timeoutMs } from "./world.ts";

export interface RecordKnowledge {
  readonly contracts: readonly Contract[];
  readonly catalogue: Catalogue;
  readonly marketplace: Pick<Marketplace, "billed">;
}

/** Records as they were seen to be sealed, sent and concluded. */
export class RecordAudit {
  readonly records = new Map<string, UsageRecord>();
  /** Final outcomes, by the record's name. */
  readonly outcomes = new Map<string, string>();
  private readonly knows: RecordKnowledge;
  private readonly violate: (what: string) => void;
  private readonly count: (what: string) => void;
  private readonly sent = new Map<string, string>();

  constructor(knows: RecordKnowledge, violate: (what: string) => void, count: (what: string) => void) {
    this.knows = knows;
    this.violate = violate;
    this.count = count;
  }

  /** A record was made: the only one of its hour, in the grant and in time, of units that it may hold. */
  sealed(record: UsageRecord, moment: Moment): void {
    const name = nameOf(record);
    if (this.records.has(name)) this.violate(`hour ${record.hour} of ${name} was sealed twice`);
    this.records.set(name, structuredClone(record));
    const { quantity, allocations, timestamp } = record.entry;
    this.count(quantity > 0n ? "record: sealed" : "record: sealed without units");
    if (record.deadlineAt <= moment.now || shutsAt(timestamp) <= moment.now)
      this.violate(`the record of ${name} (${quantity} units) was sealed when AWS takes it no more`);
    if (record.deadlineAt > shutsAt(timestamp)) this.violate(`the record of ${name} has too late a deadline`);
    if (
      sum(allocations.map(({ units }) => units)) !== quantity ||
      allocations.some(({ units }) => units < 1n)
    )
      this.violate(`the allocations of ${name} do not add up to its quantity`);
    if (quantity > 2_147_483_647n) this.violate(`the record of ${name} has ${quantity} units`);
    if (hourOf(timestamp) !== record.hour || timestamp > moment.now)
      this.violate(`the record of ${name} has a timestamp of another hour or of the future`);
    const startAt = this.knows.catalogue.startAt[record.productCode] ?? -Infinity;
    if (record.hour < startAt || record.taken.some(({ hour }) => hour < startAt))
      this.violate(`the record of ${name} holds usage from before its product is metered`);
    const contract = this.contractOf(record);
    if (contract !== undefined && record.entry.identity.by !== this.identityOf(record))
      this.violate(`the record of ${name} names its buyer by ${record.entry.identity.by}`);
    if (contract !== undefined) this.inGrant(record, contract, moment);
    else if (quantity > 0n) this.violate(`the record of ${name} is nobody's`);
  }

  /** Of the grant that its hour lies in, and of that hour or before; within the month also of a later one, when no other is left. */
  private inGrant(record: UsageRecord, contract: Contract, { now, knownAt }: Moment): void {
    const name = nameOf(record);
    if (!coversHour(contract, record.hour, knownAt))
      this.violate(`the record of ${name} lies outside every grant`);
    if (sum(record.taken.map(({ units }) => units)) !== record.entry.quantity * micro)
      this.violate(`the record of ${name} says that it took something else`);
    const earliest = firstHourWith(contract, record.hour, knownAt);
    // What is less than none was left in an hour by this record.
    for (const { hour } of record.taken.filter(({ units }) => units > 0n)) {
      if (hour < earliest) this.violate(`the record of ${name} holds usage of an earlier grant`);
      // What corrections outweigh is carried behind a record without units, as if the next hour had too little.
      const isCarried = record.entry.quantity === 0n && hour === record.hour + 1;
      if (hour <= record.hour || isCarried) continue;
      const isLeaving = contract.spans.some(({ endKnownAt = Infinity }) => endKnownAt <= now);
      const isLast = isLeaving || contract.returns.length > 0 || now >= nextMonth(record.hour * hourMs);
      if (!isLast || monthOf(hour) !== monthOf(record.hour))
        this.violate(`the record of ${name} holds usage of hour ${hour}`);
    }
  }

  /** A call is about to reach AWS: what was ever sent for this hour is sent again to the byte, or not at all. */
  submitted(records: readonly UsageRecord[], now: number, { contents }: Pick<Stores, "contents">): void {
    if (records.length > 25) this.violate(`a call carried ${records.length} records`);
    const modes = records.map(({ productCode, entry: { region, identity } }) =>
      [productCode, region, identity.by].join(" "),
    );
    if (new Set(modes).size > 1) this.violate("a call mixed products, Regions or identity modes");
    for (const record of records) {
      const name = nameOf(record);
      const text = entryText(record.entry);
      for (const key of [name, billedKey(record.entry)]) {
        const before = this.sent.get(key);
        this.sent.set(key, text);
        if (before !== undefined && before !== text)
          this.violate(`two different records were sent for ${key}`);
      }
      const sealed = this.records.get(name);
      if (sealed === undefined || entryText(sealed.entry) !== text)
        this.violate(`what was sent for ${name} is not what was sealed`);
      if (now > record.deadlineAt + timeoutMs) this.violate(`${name} was sent long after its deadline`);
      if (this.outcomes.get(name) === "returned") this.violate(`${name} was sent, and its units are back`);
      const stored = contents.records.get(name);
      if ((stored?.attempts ?? 0) < 1) this.violate(`${name} was sent before its attempt was noted`);
    }
  }

  /**
   * An outcome was to be written: accepted only what AWS bills, given up only what AWS takes no more, and nobody else was ever first.
   * One that came too late, after another outcome or another attempt, is not written, and then says nothing.
   */
  concluded(record: UsageRecord, now: number, { contents }: Pick<Stores, "contents">): void {
    const name = nameOf(record);
    const stored = contents.records.get(name);
    if (stored === undefined || stored.outcome.state === "pending" || this.outcomes.has(name)) return;
    const { state } = stored.outcome;
    this.outcomes.set(name, state);
    this.count(`record: ${state}${stored.entry.quantity > 0n ? "" : " without units"}`);
    const isBilled = this.isBilled(stored);
    if (state === "accepted" && !isBilled)
      this.violate(`${name} is called accepted, and AWS does not bill it`);
    if (state === "conflict") this.violate(`${name} is called a conflict, though nobody else meters`);
    if (state === "accepted" || state === "conflict") return;
    if (isBilled && (stored.attempts === 0 || state === "returned"))
      this.violate(`${name} is ${state} as if AWS had never taken it, and AWS bills it`);
    if (now < stored.deadlineAt && !this.hasLeftProductCode(stored, now))
      this.violate(`${name} is ${state} while AWS may still take it`);
  }

  has(key: BookKey, hour: number): boolean {
    return this.records.has(`${bookName(key)} ${hour}`);
  }

  isBilled = ({ entry }: UsageRecord): boolean =>
    this.knows.marketplace.billed.get(billedKey(entry))?.quantity === entry.quantity;

  private hasLeftProductCode({ entry, productCode }: UsageRecord, now: number): boolean {
    const { optsInAt } = this.knows.catalogue;
    return productCode === archiveCode && entry.identity.by === "product-code" && now >= optsInAt;
  }

  private identityOf({ productCode, hour }: UsageRecord): "license" | "product-code" {
    if (productCode === analyticsCode) return "license";
    const { byLicenseFrom } = this.knows.catalogue;
    return productCode === archiveCode && hour >= byLicenseFrom ? "license" : "product-code";
  }

  private contractOf({ subscriptionId }: UsageRecord): Contract | undefined {
    return this.knows.contracts.find(({ account }) => account === subscriptionId);
  }
}

export const nameOf = (record: UsageRecord): string => `${bookName(record)} ${record.hour}`;

const monthOf = (hour: number): string => new Date(hour * hourMs).toISOString().slice(0, 7);

/** The first hour of the grant that an hour lies in; one whose end was not known yet goes on into the next. */
function firstHourWith({ spans }: Contract, hour: number, knownAt: number): number {
  let first = Infinity;
  for (const [index, { since }] of spans.entries()) {
    const { cutKnownAt = Infinity } = spans[index - 1] ?? {};
    const goesOn = index > 0 && cutKnownAt >= knownAt;
    if (hourOf(since) <= hour && !goesOn) first = hourOf(since);
  }
  return first;
}
