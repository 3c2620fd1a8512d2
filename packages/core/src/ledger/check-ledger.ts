import { type WaitingReason, waitingReasons } from "../metering/attribute.ts";
import { type Book, bookName, type UnbillableReason, unbillableReasons } from "../metering/book.ts";
import type { Posting } from "../metering/store.ts";
import type { Outcome, UsageRecord } from "../metering/usage-record.ts";
import { add, formatQuantity, type MicroUnits, subtract, total, zeroUnits } from "../quantity/micro-units.ts";
import { dayMs, type Instant } from "../time/instant.ts";
import { hourEnd } from "../time/utc-hour.ts";
import { keepUsageDays } from "../usage/retention.ts";
import type { HourShard } from "../usage/shard.ts";
import { BookCheck } from "./book-check.ts";
import { HourShardCheck, nameOf } from "./hour-shard-check.ts";
import type { LedgerItem, LedgerReader } from "./ledger-item.ts";

/** Where all units of all events that were ever taken are, and what does not add up. */
export interface LedgerReport {
  /** Distinct events' units: what follows adds up to it, or there is a difference. */
  readonly accepted: MicroUnits;
  /** Not folded yet; a repeat among them counts here until the fold has seen it. */
  readonly unfolded: MicroUnits;
  /** Decided on by a fold that has not booked it yet. */
  readonly inFlight: MicroUnits;
  /** Waits for somebody it can be counted for. */
  readonly waiting: MicroUnits;
  /** Nobody is billed for it: given up while it waited, or counted and written off. By why. */
  readonly unbillable: Readonly<Record<GivenUpReason, MicroUnits>>;
  /** Counted, and included in a buyer's contract. */
  readonly covered: MicroUnits;
  /** Counted, and not in a usage record yet. */
  readonly balance: MicroUnits;
  /** In usage records, by what became of them. What one gave back is in the balance. */
  readonly records: Readonly<Record<RecordState, MicroUnits>>;
  /** Records with units of which AWS has another quantity, while their usage is kept and they can be explained. */
  readonly conflictCount: number;
  /** Copies of events that were met before. They are no part of what was accepted. */
  readonly repeated: MicroUnits;
  /** What was looked at. */
  readonly looked: {
    readonly segments: number;
    readonly events: number;
    readonly books: number;
    readonly records: number;
  };
  /** In sentences; empty when the books balance. */
  readonly differences: readonly string[];
}

export type RecordState = Exclude<Outcome["state"], "returned">;

export type GivenUpReason = WaitingReason | UnbillableReason;

/** What each reason means, for people. Usage outside all grants is given up while it waits, or written off once it was counted. */
export const givenUpReasons: Readonly<Record<GivenUpReason, string>> = {
  ...waitingReasons,
  ...unbillableReasons,
};

/** More than anybody reads; the first of them say what is wrong. */
const maxDifferences = 100;

/**
 * Adds up the whole installation and says whether the books balance:
 * `accepted = unfolded + in flight + waiting + unbillable + covered + balance + Σ usage records`. What was accepted is added up anew from
 * the segments while they are kept, every other term from its own items. Memory is bounded by one hour-shard's segment names.
 * @param onProgress told how much was looked at, now and then
 */
export async function checkLedger(
  reader: LedgerReader,
  now: Instant,
  onProgress: (looked: LedgerReport["looked"]) => void = () => undefined,
): Promise<LedgerReport> {
  const check = new LedgerCheck(now);
  let count = 0;
  for await (const item of reader.items()) {
    check.take(item);
    count += 1;
    if (count % 1_000 === 0) onProgress(check.looked);
  }
  check.endOfItems();
  for (const place of check.openPlaces) await check.takeOpen(reader, place);
  return check.report();
}

class LedgerCheck {
  readonly looked = { segments: 0, events: 0, books: 0, records: 0 };
  readonly openPlaces: HourShard[] = [];
  private readonly differences: string[] = [];
  private readonly marks = new Set<string>();
  private readonly unmarked: { place: HourShard; segments: number }[] = [];
  private readonly unbillable = zeroOf(givenUpReasons);
  private readonly records: Record<RecordState, MicroUnits> = {
    ...{ pending: zeroUnits, accepted: zeroUnits, conflict: zeroUnits },
    ...{ "not-subscribed": zeroUnits, rejected: zeroUnits, expired: zeroUnits },
  };
  private readonly sums = {
    ...{ folded: zeroUnits, repeated: zeroUnits, unfolded: zeroUnits, inFlight: zeroUnits },
    ...{ waiting: zeroUnits, givenUp: zeroUnits },
    ...{ counted: zeroUnits, covered: zeroUnits, balance: zeroUnits },
  };
  private conflictCount = 0;
  private hourShard: HourShardCheck | undefined;
  private book: BookCheck | undefined;
  private readonly keptSince: number;

  constructor(now: Instant) {
    this.keptSince = now - keepUsageDays * dayMs;
  }

  take(item: LedgerItem): void {
    switch (item.kind) {
      case "fold":
        this.at(item.place).fold(item.tally);
        this.sums.folded = add(this.sums.folded, item.tally.units);
        this.sums.repeated = add(this.sums.repeated, item.tally.repeatedUnits);
        if (item.openPlanId !== undefined) this.openPlaces.push(item.place);
        return;
      case "folded-segments":
        this.at(item.place).folded(item.segmentIds);
        return;
      case "segment":
        this.looked.segments += 1;
        this.looked.events += item.segment.eventCount;
        this.at(item.segment).segment(item.segment);
        return;
      case "mark":
        this.marks.add(nameOf(item.place));
        if (hourEnd(item.place.hour) <= this.keptSince)
          this.differ(`${nameOf(item.place)}: marked as not folded, and its usage has expired uncounted`);
        return;
      case "book":
        this.takeBook(item.book);
        return;
      case "record":
        this.takeRecord(item.record);
        return;
      case "waiting":
        this.sums.waiting = add(this.sums.waiting, item.usage.units);
        return;
      case "unbillable":
        this.sums.givenUp = add(this.sums.givenUp, item.usage.units);
        this.giveUp(item.reason, item.usage.units);
        return;
      default:
        item satisfies never;
    }
  }

  /** What a fold decided on counts as booked in its tally; what is not in a book yet is in flight. */
  async takeOpen(reader: LedgerReader, place: HourShard): Promise<void> {
    const plan = await reader.openPlan(place);
    if (plan === undefined) return;
    const booked = await reader.booked(plan);
    const open = plan.postings.filter((_, index) => !booked.has(index));
    this.sums.inFlight = add(this.sums.inFlight, total(open.map(unitsOf)));
  }

  endOfItems(): void {
    this.endHourShard();
    this.endBook();
    for (const { place, segments } of this.unmarked) {
      if (!this.marks.has(nameOf(place)))
        this.differ(
          `${nameOf(place)}: ${segments} segments are not folded and no mark says so; nobody will fold them`,
        );
    }
  }

  report(): LedgerReport {
    const { folded, repeated, unfolded, inFlight, waiting, givenUp, counted, covered, balance } = this.sums;
    const unbillable = total(Object.values(this.unbillable));
    const recorded = total(Object.values(this.records));
    const decided = subtract(folded, repeated);
    const booked = total([inFlight, waiting, givenUp, counted]);
    if (decided !== booked)
      this.differ(
        `all hours: folds have counted ${gap(decided, booked)} than are booked, waiting or given up`,
      );
    const accepted = add(decided, unfolded);
    const found = total([unfolded, inFlight, waiting, unbillable, covered, balance, recorded]);
    if (accepted !== found) this.differ(`all books: ${gap(accepted, found)} were accepted than are found`);
    return {
      ...{ accepted, unfolded, inFlight, waiting, covered, balance, repeated },
      ...{ unbillable: this.unbillable, records: this.records, conflictCount: this.conflictCount },
      looked: this.looked,
      differences: this.differences,
    };
  }

  private takeBook(book: Book): void {
    this.endBook();
    this.looked.books += 1;
    this.book = new BookCheck(book);
    this.sums.counted = add(this.sums.counted, book.counted);
    this.sums.covered = add(this.sums.covered, book.covered);
    this.sums.balance = add(this.sums.balance, this.book.held);
    for (const [reason, units] of book.unbillable) this.giveUp(reason, units);
  }

  /** A record without units may be of somebody who has never used anything, and who has no book. */
  private takeRecord(record: UsageRecord): void {
    this.looked.records += 1;
    const { state } = record.outcome;
    if (this.book === undefined || bookName(this.book.key) !== bookName(record)) {
      if (record.entry.quantity !== 0n)
        this.differ(`record of ${record.subscriptionId}, ${record.dimension}: there is no book for it`);
      return;
    }
    const units = this.book.record(record);
    if (state === "conflict" && units > zeroUnits && hourEnd(record.hour) > this.keptSince)
      this.conflictCount += 1;
    if (state !== "returned") this.records[state] = add(this.records[state], units);
  }

  private giveUp(reason: GivenUpReason, units: MicroUnits): void {
    this.unbillable[reason] = add(this.unbillable[reason], units);
  }

  private at(place: HourShard): HourShardCheck {
    if (this.hourShard !== undefined && nameOf(this.hourShard.place) === nameOf(place)) return this.hourShard;
    this.endHourShard();
    this.hourShard = new HourShardCheck(place, hourEnd(place.hour) > this.keptSince);
    return this.hourShard;
  }

  private endHourShard(): void {
    if (this.hourShard === undefined) return;
    const { place, unfoldedUnits, unfoldedSegments, differences } = this.hourShard.end();
    this.sums.unfolded = add(this.sums.unfolded, unfoldedUnits);
    if (unfoldedSegments > 0) this.unmarked.push({ place, segments: unfoldedSegments });
    for (const difference of differences) this.differ(difference);
    this.hourShard = undefined;
  }

  private endBook(): void {
    for (const difference of this.book?.end() ?? []) this.differ(difference);
    this.book = undefined;
  }

  private differ(difference: string): void {
    if (this.differences.length < maxDifferences) this.differences.push(difference);
  }
}

/** Without the sums, which move while one looks: what is really missing reads the same at every look. */
const gap = (one: MicroUnits, other: MicroUnits): string =>
  one > other
    ? `${formatQuantity(subtract(one, other))} units more`
    : `${formatQuantity(subtract(other, one))} units fewer`;

const unitsOf = (posting: Posting): MicroUnits =>
  "waiting" in posting ? posting.waiting.units : total(posting.amounts.values());

const zeroOf = <Name extends string>(names: Readonly<Record<Name, unknown>>): Record<Name, MicroUnits> =>
  Object.fromEntries(Object.keys(names).map((name) => [name, zeroUnits])) as Record<Name, MicroUnits>;
