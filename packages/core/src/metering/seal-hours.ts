import type { Configuration, Settings } from "../configuration/configuration.ts";
import { findProduct } from "../configuration/product.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import { grantPeriods, type Subscription } from "../lifecycle/subscription.ts";
import { floorUnits, total } from "../quantity/micro-units.ts";
import { hourMs, type Instant, laterBy, minuteMs } from "../time/instant.ts";
import { hourEnd, hourOf, hoursLater, type UtcHour } from "../time/utc-hour.ts";
import { type Book, type BookKey, seal, sealable } from "./book.ts";
import type { BookStore } from "./store.ts";
import {
  earliestOpenHour,
  freezeEntry,
  grantHours,
  recordDeadline,
  type UsageRecord,
} from "./usage-record.ts";

export interface SealPorts {
  readonly books: BookStore;
  readonly subscriptions: Pick<LifecycleStore, "currentSubscription">;
}

/** Books looked up at once, and how often: together what a run may visit. */
const booksPerPage = 1_000;
const maxPages = 1_000;

/** Of different books no change meets another. A book costs a handful of requests, one after the other: far below what a client holds open. */
const booksAtOnce = 20;

/** An hour whose window shuts within this time is not sealed any more: its record might not be taken in time. */
const sealMarginMs = hourMs;

/** From then on an hour's usage has arrived, but for what is late. */
export const settledAt = (hour: UtcHour, { settleDelayMinutes }: Settings): Instant =>
  laterBy(hourEnd(hour), settleDelayMinutes * minuteMs);

/** The latest hour that has ended long enough ago for its usage to have arrived. */
export const lastSettledHour = (now: Instant, { settleDelayMinutes }: Settings): UtcHour =>
  hoursLater(hourOf(laterBy(now, -settleDelayMinutes * minuteMs)), -1);

interface Sealed {
  readonly sealed: readonly UsageRecord[];
  readonly skipped: readonly { readonly key: BookKey; readonly reason: string }[];
}

/**
 * Turns balances into usage records, hours oldest first, up to and including `through`: the last hour that is settled and
 * folded in every shard. Late usage goes into the oldest hour of the grant that has no record yet and whose window is open.
 * Gives the records made and, with the reason, the books that keep units which should have become one.
 */
export async function sealHours(
  ports: SealPorts,
  configuration: Configuration,
  through: UtcHour,
  now: Instant,
): Promise<Sealed> {
  const sealed: UsageRecord[] = [];
  const skipped: { key: BookKey; reason: string }[] = [];
  for await (const keys of booksToSeal(ports.books)) {
    const outcomes = await Promise.all(
      keys.map((key) => sealBook(ports, configuration, key, through, now).catch(failed)),
    );
    for (const [index, { records, reason }] of outcomes.entries()) {
      const key = keys[index];
      sealed.push(...records);
      if (key !== undefined && reason !== undefined) skipped.push({ key, reason });
    }
  }
  return { sealed, skipped };
}

/** What became of one book: the records made of it, and why there are not more. */
interface BookOutcome {
  readonly records: readonly UsageRecord[];
  readonly reason?: string | undefined;
}

const failed = (error: unknown): BookOutcome => ({
  records: [],
  reason: error instanceof Error ? error.message : String(error),
});

/**
 * All of them, as many as are sealed at once, page by page: those that cannot be sealed stay in the list, and must not hide the
 * ones behind them.
 */
async function* booksToSeal(books: BookStore): AsyncGenerator<readonly BookKey[]> {
  let last: BookKey | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const keys = await books.withWholeUnits(booksPerPage, last);
    for (let start = 0; start < keys.length; start += booksAtOnce)
      yield keys.slice(start, start + booksAtOnce);
    last = keys.at(-1);
    if (last === undefined) return;
  }
}

async function sealBook(
  { books, subscriptions }: SealPorts,
  configuration: Configuration,
  key: BookKey,
  through: UtcHour,
  now: Instant,
): Promise<BookOutcome> {
  const earliest = earliestOpenHour(laterBy(now, sealMarginMs), configuration.settings);
  // Before the book: units that somebody else seals in between are then missing from it, or make a conflict. They never look lost.
  const recorded = await books.recordedHours(key, earliest, Math.max(through, hourOf(now)) as UtcHour);
  const [read, subscription] = await Promise.all([
    books.load(key),
    subscriptions.currentSubscription(key.subscriptionId),
  ]);
  if (subscription === undefined)
    return { records: [], reason: "its subscription is not stored: restore the Lifecycle table" };
  let book = read;
  const records: UsageRecord[] = [];
  for (const place of openHours(subscription, earliest, recorded, through)) {
    const next = sealHour(configuration, subscription, book, place);
    if (next === undefined) continue;
    if (typeof next === "string") return { records, reason: next };
    if ((await books.seal(next.book, next.record)) === "conflict")
      return { records, reason: "it changed while it was being sealed; the next run goes on" };
    book = next.book;
    records.push(next.record);
  }
  const taken = new Set([...recorded, ...records.map(({ hour }) => hour)]);
  return { records, reason: sayStranded(strandedUnits(book, subscription, earliest, taken)) };
}

/** An hour that may get a record, and the first hour of its grant: usage of an earlier grant is none of this one's. */
interface OpenHour {
  readonly hour: UtcHour;
  readonly from: UtcHour;
}

/** Hours of the grants without a record in which units may be reported now. */
const openHours = (
  subscription: Subscription,
  earliest: UtcHour,
  recorded: ReadonlySet<UtcHour>,
  through: UtcHour,
): readonly OpenHour[] =>
  grantPeriods(subscription).flatMap((period) => {
    const { first, last } = grantHours(period);
    const hours: OpenHour[] = [];
    for (
      let hour = Math.max(first, earliest) as UtcHour;
      hour <= Math.min(last, through);
      hour = hoursLater(hour, 1)
    ) {
      if (!recorded.has(hour)) hours.push({ hour, from: first });
    }
    return hours;
  });

/**
 * Whole units that no record can take any more, neither now nor later: used before the first grant, or after the last hour of
 * their grant that is free. An hour yet to settle or to be folded is free, and a grant that goes on always has such hours.
 */
function strandedUnits(
  book: Book,
  subscription: Subscription,
  earliest: UtcHour,
  recorded: ReadonlySet<UtcHour>,
): bigint {
  const grants = grantPeriods(subscription).map(grantHours);
  const firsts = [Number.MIN_SAFE_INTEGER, ...grants.map(({ first }) => first)];
  return firsts.reduce((stranded, first, index) => {
    const grant = grants[index - 1];
    const free = grant === undefined ? undefined : lastFreeHour(grant, earliest, recorded);
    const until = (firsts[index + 1] ?? Number.MAX_SAFE_INTEGER) - 1;
    const held = unitsBetween(book, first, until);
    const hopeful = free === undefined ? 0n : unitsBetween(book, first, Math.min(free, until));
    return held > hopeful ? stranded + held - hopeful : stranded;
  }, 0n);
}

/** The last hour of a grant whose record is not made and may still be; at most as many steps as there are records. */
function lastFreeHour(
  { first, last }: ReturnType<typeof grantHours>,
  earliest: UtcHour,
  recorded: ReadonlySet<UtcHour>,
): UtcHour | undefined {
  for (let hour = last; hour >= Math.max(first, earliest); hour = hoursLater(hour, -1)) {
    if (!recorded.has(hour)) return hour;
  }
  return undefined;
}

/** However many: what is above the most that one record holds counts too. Zero when corrections outweigh usage. */
function unitsBetween({ balance }: Book, from: number, through: number): bigint {
  const within = [...balance].filter(([hour]) => hour >= from && hour <= through);
  const units = floorUnits(total(within.flatMap(([, amounts]) => [...amounts.values()])));
  return units < 0n ? 0n : units;
}

const sayStranded = (units: bigint): string | undefined =>
  units === 0n
    ? undefined
    : `${units} ${units === 1n ? "unit has" : "units have"} no hour left in which AWS would take ${units === 1n ? "it" : "them"}: settle with the buyer outside of AWS Marketplace`;

function sealHour(
  { settings, meteringRegion, products }: Configuration,
  subscription: Subscription,
  before: Book,
  { hour, from }: OpenHour,
): { book: Book; record: UsageRecord } | string | undefined {
  if (sealable(before, hour, from) === 0n) return undefined;
  const product = findProduct({ products }, subscription.productCode);
  if (product === undefined) return `its product ${subscription.productCode} is not in tollhouse.config.ts`;
  const { book, quantity, allocations } = seal(before, hour, from);
  const { dimension } = before.key;
  const entry = freezeEntry(subscription, product, meteringRegion, {
    hour,
    dimension,
    quantity,
    allocations,
  });
  if ("refused" in entry) return entry.refused;
  const deadlineAt = recordDeadline(hour, entry.timestamp, settings, subscription);
  const record: UsageRecord = {
    subscriptionId: subscription.id,
    dimension,
    hour,
    productCode: product.code,
    entry,
    deadlineAt,
    attempts: 0,
    outcome: { state: "pending" },
  };
  return { book, record };
}
