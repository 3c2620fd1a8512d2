import { heldIn } from "../metering/balance.ts";
import type { Book } from "../metering/book.ts";
import type { UsageRecord } from "../metering/usage-record.ts";
import {
  add,
  formatQuantity,
  type MicroUnits,
  total,
  wholeUnits,
  zeroUnits,
} from "../quantity/micro-units.ts";
import { formatHour } from "../time/utc-hour.ts";

/** Adds up one book and its usage records. */
export class BookCheck {
  readonly key: Book["key"];
  /** In the balance, over all hours and tag sets. */
  readonly held: MicroUnits;
  private readonly book: Book;
  private recorded = zeroUnits;
  private readonly differences: string[] = [];

  constructor(book: Book) {
    this.book = book;
    this.key = book.key;
    this.held = heldIn(book.balance);
  }

  /** Gives the record's units; none of one that gave them back, since they are in the balance again. */
  record({ hour, entry: { quantity, allocations }, outcome }: UsageRecord): MicroUnits {
    const units = outcome.state === "returned" ? zeroUnits : wholeUnits(quantity);
    this.recorded = add(this.recorded, units);
    const allocated = allocations.reduce((sum, one) => sum + one.units, 0n);
    if (allocated !== quantity)
      this.differ(`the record of ${formatHour(hour)} says ${quantity} and its allocations ${allocated}`);
    return units;
  }

  /** What does not add up, in sentences. */
  end(): readonly string[] {
    const { counted, recorded, covered } = this.book;
    const unbillable = total(this.book.unbillable.values());
    if (counted !== total([this.held, recorded, covered, unbillable]))
      this.differ(
        `${formatQuantity(counted)} counted, ${formatQuantity(this.held)} in the balance, ${formatQuantity(recorded)} in records, ${formatQuantity(covered)} covered and ${formatQuantity(unbillable)} unbillable`,
      );
    if (recorded !== this.recorded)
      this.differ(
        `the book says ${formatQuantity(recorded)} in records and the records ${formatQuantity(this.recorded)}`,
      );
    return this.differences;
  }

  private differ(what: string): void {
    this.differences.push(`${this.key.subscriptionId}, ${this.key.dimension}: ${what}`);
  }
}
