import type { Configuration, Settings } from "../configuration/configuration.ts";
import { findProduct } from "../configuration/product.ts";
import type { Subscription } from "../lifecycle/subscription.ts";
import { type Instant, laterBy, minuteMs } from "../time/instant.ts";
import { hourOf, hoursLater, type UtcHour } from "../time/utc-hour.ts";
import { subscriptionOf, type SubscriptionReader } from "./attribute.ts";
import { type Book, type BookKey, seal, sealable } from "./book.ts";
import type { BookStore } from "./store.ts";
import {
  earliestOpenHour,
  freezeEntry,
  grantStart,
  recordDeadline,
  type UsageRecord,
} from "./usage-record.ts";

export interface SealPorts {
  readonly books: BookStore;
  readonly subscriptions: SubscriptionReader;
}

/** Books looked up at once, and how often: together what a run may visit. */
const booksPerPage = 1_000;
const maxPages = 1_000;

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
  const id = subscriptionOf(key.account);
  const { subscription } =
    id === undefined ? { subscription: undefined } : await subscriptions.loadSubscription(id);
  if (subscription === undefined) return "its usage belongs to no subscription yet";
  let book = await books.load(key);
  const records: UsageRecord[] = [];
  for (const hour of await openHours(books, book, subscription, configuration.settings, through, now)) {
    const next = sealHour(configuration, subscription, book, hour);
    if (next === undefined) continue;
    if (typeof next === "string") return next;
    if ((await books.seal(next.book, next.record)) === "conflict")
      return "it changed while it was being sealed; the next run goes on";
    book = next.book;
    records.push(next.record);
  }
  return records;
}

/** Hours of the grant without a record in which units may still be reported. */
async function openHours(
  books: BookStore,
  book: Book,
  subscription: Subscription,
  settings: Settings,
  through: UtcHour,
  now: Instant,
): Promise<readonly UtcHour[]> {
  const since = grantStart(subscription);
  const oldest = [...book.balance.keys()].sort((a, b) => a - b)[0];
  if (since === undefined || oldest === undefined) return [];
  const last =
    "cutAt" in subscription.grant
      ? Math.min(through, hourOf(laterBy(subscription.grant.cutAt, -1)))
      : through;
  const first = Math.max(oldest, hourOf(since), earliestOpenHour(now, settings)) as UtcHour;
  const recorded = await books.recordedHours(book.key, first, last as UtcHour);
  const hours: UtcHour[] = [];
  for (let hour = first; hour <= last; hour = hoursLater(hour, 1)) if (!recorded.has(hour)) hours.push(hour);
  return hours;
}

function sealHour(
  { settings, meteringRegion, products }: Configuration,
  subscription: Subscription,
  before: Book,
  hour: UtcHour,
): { book: Book; record: UsageRecord } | string | undefined {
  if (sealable(before, hour) === 0n) return undefined;
  const product = findProduct({ products }, subscription.productCode);
  if (product === undefined) return `its product ${subscription.productCode} is not in tollhouse.config.ts`;
  const { book, quantity, allocations } = seal(before, hour);
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
