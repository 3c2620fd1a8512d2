import type { Configuration, Settings } from "../configuration/configuration.ts";
import { findProduct } from "../configuration/product.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import { grantPeriods, type Subscription } from "../lifecycle/subscription.ts";
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

/** An hour whose window shuts within this time is not sealed any more: its record might not be taken in time. */
const sealMarginMs = hourMs;

/** From then on an hour's usage has arrived, but for what is late. */
export const settledAt = (hour: UtcHour, { settleDelayMinutes }: Settings): Instant =>
  laterBy(hourEnd(hour), settleDelayMinutes * minuteMs);

/** The latest hour that has ended long enough ago for its usage to have arrived. */
export const lastSettledHour = (now: Instant, { settleDelayMinutes }: Settings): UtcHour =>
  hoursLater(hourOf(laterBy(now, -settleDelayMinutes * minuteMs)), -1);

/**
 * Turns balances into usage records, hours oldest first, up to and including `through`: the last hour that is settled and
 * folded in every shard. Late usage goes into the oldest hour of the grant that has no record yet and whose window is open.
 * Gives the records made and the books left alone with the reason.
 */
export async function sealHours(
  ports: SealPorts,
  configuration: Configuration,
  through: UtcHour,
  now: Instant,
): Promise<{ sealed: readonly UsageRecord[]; skipped: readonly { key: BookKey; reason: string }[] }> {
  const sealed: UsageRecord[] = [];
  const skipped: { key: BookKey; reason: string }[] = [];
  for await (const key of booksToSeal(ports.books)) {
    const outcome = await sealBook(ports, configuration, key, through, now).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    if (typeof outcome === "string") skipped.push({ key, reason: outcome });
    else sealed.push(...outcome);
  }
  return { sealed, skipped };
}

/** All of them, page by page: those that cannot be sealed stay in the list, and must not hide the ones behind them. */
async function* booksToSeal(books: BookStore): AsyncGenerator<BookKey> {
  let last: BookKey | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const keys = await books.withWholeUnits(booksPerPage, last);
    yield* keys;
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
): Promise<readonly UsageRecord[] | string> {
  const subscription = await subscriptions.currentSubscription(key.subscriptionId);
  if (subscription === undefined) return "its subscription is not stored: restore the Lifecycle table";
  let book = await books.load(key);
  const records: UsageRecord[] = [];
  for (const place of await openHours(books, book, subscription, configuration.settings, through, now)) {
    const next = sealHour(configuration, subscription, book, place);
    if (next === undefined) continue;
    if (typeof next === "string") return next;
    if ((await books.seal(next.book, next.record)) === "conflict")
      return "it changed while it was being sealed; the next run goes on";
    book = next.book;
    records.push(next.record);
  }
  return records;
}

/** An hour that may get a record, and the first hour of its grant: usage of an earlier grant is none of this one's. */
interface OpenHour {
  readonly hour: UtcHour;
  readonly from: UtcHour;
}

/** Hours of the grants without a record in which units may still be reported. */
async function openHours(
  books: BookStore,
  book: Book,
  subscription: Subscription,
  settings: Settings,
  through: UtcHour,
  now: Instant,
): Promise<readonly OpenHour[]> {
  const oldest = [...book.balance.keys()].sort((a, b) => a - b)[0];
  if (oldest === undefined) return [];
  const earliest = Math.max(oldest, earliestOpenHour(laterBy(now, sealMarginMs), settings)) as UtcHour;
  const recorded = await books.recordedHours(book.key, earliest, through);
  return grantPeriods(subscription).flatMap((period) => {
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
}

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
