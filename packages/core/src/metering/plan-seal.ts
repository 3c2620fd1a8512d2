import type { Product, Settings } from "../configuration/configuration.ts";
import { type GrantPeriod, grantPeriods, type Subscription } from "../lifecycle/subscription.ts";
import { hourMs, type Instant, laterBy, minuteMs } from "../time/instant.ts";
import { formatHour, hoursLater, nextMonthStart, type UtcHour } from "../time/utc-hour.ts";
import { type Allowance, cover, isKnownAt } from "./allowance.ts";
import { firstHour, type HourRange, isHeldIn, lastHour, wholeUnitsIn } from "./balance.ts";
import { type Book, changed, seal, sealable, writeOff, writeOffGrant } from "./book.ts";
import {
  earliestOpenHour,
  finalDeadlineOf,
  grantHours,
  newRecord,
  restHour,
  type UsageRecord,
} from "./usage-record.ts";

/** What is known when a book is sealed. */
export interface SealContext {
  readonly settings: Settings;
  readonly region: string;
  readonly product: Product;
  readonly subscription: Subscription;
  /** What its contract covers; `undefined` when all usage is metered. */
  readonly allowance: Allowance | undefined;
  /** Hours of the book that have a record, as far back as one may be made. */
  readonly recorded: ReadonlySet<UtcHour>;
  /** The last hour that has settled and is folded in every shard. */
  readonly through: UtcHour;
  /** Ends of grants whose last hour is to be sealed now: what was on its way has had its time, and is folded. */
  readonly finalCuts: ReadonlySet<Instant>;
  readonly now: Instant;
}

/** One change of a book, with the record that it makes. */
interface SealStep {
  readonly book: Book;
  readonly record?: UsageRecord;
}

export interface SealPlan {
  /** Each is stored over the one before it. */
  readonly steps: readonly SealStep[];
  /** Why whole units that could become a record do not yet, in sentences. */
  readonly waits: readonly string[];
}

/** An hour whose window shuts within this time is not sealed any more: its record might not be taken in time. */
const sealMarginMs = hourMs;
/** The same in the final hour of a grant, in which there is no more time. */
const finalMarginMs = 10 * minuteMs;

/**
 * Decides what becomes of a book's balance. Hours are sealed oldest first, each with the units of its grant that were used in it or
 * before, once what the contract covers is out of them. When a grant has ended, its last hour is sealed once for all; what came
 * later goes into an earlier hour without a record; and what is left when AWS takes nothing any more is written off, with the reason.
 */
export function planSealing(book: Book, context: SealContext): SealPlan {
  const plan = new Plan(book, context);
  plan.writeOffEarly();
  plan.cover();
  for (const period of grantPeriods(context.subscription)) plan.sealGrant(period);
  plan.writeOffRest();
  return plan;
}

class Plan implements SealPlan {
  readonly steps: SealStep[] = [];
  readonly waits: string[] = [];
  private book: Book;
  private readonly context: SealContext;
  private readonly recorded: Set<UtcHour>;

  constructor(book: Book, context: SealContext) {
    this.book = book;
    this.context = context;
    this.recorded = new Set(context.recorded);
  }

  /** What was metered elsewhere, or was rehearsal, is nothing that Tollhouse may send. */
  writeOffEarly(): void {
    const { startAt } = this.context.product;
    if (startAt !== undefined)
      this.writeOff({ from: firstHour, through: hoursLater(startAt, -1) }, "before-start");
    if (this.context.settings.lateUsage === "write-off") this.writeOffLate();
  }

  /** Fractions, and what a record had no room for, were carried into a later hour: what lies in an hour with a record came after it. */
  private writeOffLate(): void {
    for (const hour of [...this.book.balance.keys()].filter((one) => this.recorded.has(one))) {
      const range = { from: hour, through: hour };
      if (wholeUnitsIn(this.book.balance, range) > 0n) this.writeOff(range, "late");
    }
  }

  private writeOff(range: HourRange, reason: Parameters<typeof writeOff>[2]): void {
    if (isHeldIn(this.book.balance, range)) this.change(writeOff(this.book, range, reason));
  }

  cover(): void {
    const { allowance, through } = this.context;
    if (allowance === undefined) return;
    const known = [...this.book.balance.keys()].filter((hour) => isKnownAt(allowance, hour));
    const last = Math.min(Math.max(firstHour, ...known), this.lastCovered(through)) as UtcHour;
    const after = cover(this.book, allowance, last);
    if (after !== this.book) this.change(after);
  }

  /** A grant's last hour is covered when it is sealed, whether or not it has settled. */
  private lastCovered(through: UtcHour): UtcHour {
    const periods = grantPeriods(this.context.subscription);
    const finals = periods.flatMap((period) => (this.isFinal(period) ? [grantHours(period).last] : []));
    return Math.max(through, ...finals) as UtcHour;
  }

  private readonly isFinal = ({ cutAt }: GrantPeriod): boolean =>
    cutAt !== undefined && this.context.finalCuts.has(cutAt);

  sealGrant(period: GrantPeriod): void {
    const { first, last } = grantHours(period);
    const isFinal = this.isFinal(period);
    // The last hour is sealed once for all, be it settled or not, when what was on its way has had its time.
    const settled = period.cutAt === undefined ? last : hoursLater(last, -1);
    const until = isFinal ? last : (Math.min(settled, this.context.through) as UtcHour);
    const { startAt = first } = this.context.product;
    const from = Math.max(first, startAt, this.earliest(period)) as UtcHour;
    for (let start = from; start <= until; start = nextMonthStart(start)) {
      const monthEnd = hoursLater(nextMonthStart(start), -1);
      const end = Math.min(until, monthEnd) as UtcHour;
      if (!this.sealMonth(period, { from: start, through: end }, end === monthEnd || isFinal)) return;
    }
  }

  /**
   * Hours of one month, each with the units of its grant that were used in it or before.
   * @param isComplete no later hour of the month will be free: what is left goes into the latest one that is
   */
  private sealMonth(period: GrantPeriod, { from, through }: HourRange, isComplete: boolean): boolean {
    for (let hour = from; hour <= through; hour = hoursLater(hour, 1)) {
      if (!this.sealHour(hour, hour, period)) return false;
    }
    for (let hour = through; isComplete && hour >= from; hour = hoursLater(hour, -1)) {
      if (!this.sealHour(hour, through, period)) return false;
    }
    return true;
  }

  /** The earliest hour of a grant for which there is time to make a record and have it taken. */
  private earliest(period: GrantPeriod): UtcHour {
    const { now, settings, subscription } = this.context;
    const deadline = finalDeadlineOf(subscription, period, settings);
    if (deadline === undefined) return earliestOpenHour(laterBy(now, sealMarginMs), settings);
    if (laterBy(now, finalMarginMs) >= deadline) return lastHour;
    return earliestOpenHour(laterBy(now, finalMarginMs), settings);
  }

  /** `false` when nothing more of the grant can be sealed now. */
  private sealHour(hour: UtcHour, through: UtcHour, period: GrantPeriod): boolean {
    const { first } = grantHours(period);
    const range = { from: first, through };
    if (this.recorded.has(hour) || sealable(this.book, range) === 0n) return true;
    const { allowance, product, subscription, settings } = this.context;
    if (allowance !== undefined && !isKnownAt(allowance, through))
      return this.wait(`what its contract includes from ${formatHour(hour)} on is not known yet`);
    const { book, ...sealed } = seal(this.book, through, first, restHour(through, period, settings));
    const { dimension } = book.key;
    const record = newRecord(subscription, period, product, this.context, { hour, dimension, ...sealed });
    if ("refused" in record) return this.wait(record.refused);
    this.recorded.add(hour);
    this.change(book, record);
    return true;
  }

  /** What no record can take any more: of grants that are over, and of hours that are in none. */
  writeOffRest(): void {
    const { subscription } = this.context;
    const periods = grantPeriods(subscription);
    const [first] = periods;
    this.outside({
      from: firstHour,
      through: first === undefined ? lastHour : hoursLater(grantHours(first).first, -1),
    });
    let isOver = false;
    periods.forEach((period, index) => {
      const next = periods[index + 1];
      const end = next === undefined ? lastHour : hoursLater(grantHours(next).first, -1);
      const { first: from, last } = grantHours(period);
      this.outside({ from: hoursLater(last, 1), through: end });
      isOver = this.isOver(period) && !(next === undefined && subscription.grant.state === "cancelling");
      if (isOver) this.writeOffGrant({ from, through: Math.min(last, end) as UtcHour });
    });
    // From now on whatever is counted is to be looked at, be it less than a unit.
    if (isOver !== this.book.isClosed) this.change(changed(this.book, { isClosed: isOver }));
  }

  /** Whether AWS takes nothing more of a grant, as far as is known. */
  private isOver(period: GrantPeriod): boolean {
    const { subscription, settings, now } = this.context;
    const deadline = finalDeadlineOf(subscription, period, settings);
    return deadline !== undefined && now >= deadline;
  }

  /** News of the buyer may be late: what was left is given up only when no record could be made of it whatever they were. */
  private writeOffGrant(range: HourRange): void {
    if (!isHeldIn(this.book.balance, range)) return;
    const { now, settings } = this.context;
    if (earliestOpenHour(now, settings) > range.through) {
      this.change(writeOffGrant(this.book, range));
      return;
    }
    const left = wholeUnitsIn(this.book.balance, range);
    const have = left === 1n ? "unit has" : "units have";
    if (left > 0n)
      this.waits.push(`${left} ${have} no hour left in which AWS would take usage of this grant`);
  }

  /** What lies in no grant may still come to lie in one, as long as a record of it could be made. */
  private outside(range: HourRange): void {
    const { now, settings } = this.context;
    const shut = hoursLater(earliestOpenHour(now, settings), -1);
    this.writeOff({ from: range.from, through: Math.min(range.through, shut) as UtcHour }, "outside-grant");
    const left = wholeUnitsIn(this.book.balance, range);
    if (left > 0n)
      this.waits.push(
        `${left} ${left === 1n ? "unit was" : "units were"} used in no grant, as far as is known`,
      );
  }

  private wait(why: string): false {
    this.waits.push(why);
    return false;
  }

  private change(book: Book, record?: UsageRecord): void {
    this.book = book;
    this.steps.push({ book, ...(record === undefined ? {} : { record }) });
  }
}
