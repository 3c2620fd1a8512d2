import type { Configuration, Product } from "../configuration/configuration.ts";
import { meteredDimensions } from "../configuration/product.ts";
import type { LifecycleDirectory } from "../lifecycle/store.ts";
import type { Subscription } from "../lifecycle/subscription.ts";
import { hourMs, type Instant, laterBy } from "../time/instant.ts";
import { hoursLater, type UtcHour } from "../time/utc-hour.ts";
import { firstHour, isHeldIn, wholeUnitsIn } from "./balance.ts";
import { seal } from "./book.ts";
import { obstacleOf } from "./seal-hours.ts";
import type { BookStore, Progress, SwitchStore } from "./store.ts";
import { earliestOpenHour, grantHours, newRecord, periodIn, restHour } from "./usage-record.ts";

export interface ZeroPorts {
  readonly directory: Pick<LifecycleDirectory, "subscriptions">;
  readonly books: Pick<BookStore, "load" | "seal" | "sealZero">;
  readonly switches: Pick<SwitchStore, "load">;
  /** The last hour whose zero records are made. */
  readonly zeroProgress: Progress;
}

/** An hour gets its records without units when so much of its window is left: until then, late usage may still need the hour. */
const zeroMarginMs = 2 * hourMs;
const subscriptionsPerPage = 200;
const maxPages = 5_000;
const hoursPerRun = 24;

/**
 * Makes records of 0 for hours in which a subscription that was in force used nothing of a dimension, where the setting asks for
 * them. Gives how many.
 */
export async function sealZeros(
  ports: ZeroPorts,
  configuration: Configuration,
  through: UtcHour,
  now: Instant,
  hasTime: () => boolean = () => true,
): Promise<number> {
  const { settings } = configuration;
  if (!settings.zeroRecords) return 0;
  const ripe = hoursLater(earliestOpenHour(laterBy(now, zeroMarginMs), settings), -1);
  const last = Math.min(through, ripe) as UtcHour;
  const done = await ports.zeroProgress.load();
  const open = earliestOpenHour(now, settings);
  const products = await liveProducts(ports, configuration);
  let made = 0;
  let hour = done === undefined || done < open ? open : hoursLater(done, 1);
  for (let count = 0; hour <= last && count < hoursPerRun && hasTime(); count += 1) {
    made += await zerosOf(ports, configuration, products, { hour, now });
    await ports.zeroProgress.advance(hour);
    hour = hoursLater(hour, 1);
  }
  return made;
}

/** Products of which records are made at present, by their codes. */
async function liveProducts(
  { switches }: ZeroPorts,
  { products }: Configuration,
): Promise<ReadonlyMap<string, Product>> {
  const live = new Map<string, Product>();
  for (const product of products) {
    const isLive =
      product.metering === "live" && obstacleOf(product, await switches.load(product.code)) === undefined;
    if (isLive) live.set(product.code, product);
  }
  return live;
}

/** The hour whose records are made, and when. */
interface ZeroHour {
  readonly hour: UtcHour;
  readonly now: Instant;
}

/** Subscriptions looked at once. */
const subscriptionsAtOnce = 20;

async function zerosOf(
  ports: ZeroPorts,
  configuration: Configuration,
  products: ReadonlyMap<string, Product>,
  of: ZeroHour,
): Promise<number> {
  let made = 0;
  let after: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const { items, next } = await ports.directory.subscriptions(subscriptionsPerPage, after);
    for (let start = 0; start < items.length; start += subscriptionsAtOnce) {
      const counts = await Promise.all(
        items.slice(start, start + subscriptionsAtOnce).map((subscription) => {
          const product = products.get(subscription.productCode);
          return product === undefined
            ? Promise.resolve(0)
            : zerosOfSubscription(ports, configuration, subscription, product, of);
        }),
      );
      made += counts.reduce((sum, count) => sum + count, 0);
    }
    if (next === undefined) return made;
    after = next;
  }
  return made;
}

async function zerosOfSubscription(
  ports: ZeroPorts,
  configuration: Configuration,
  subscription: Subscription,
  product: Product,
  of: ZeroHour,
): Promise<number> {
  const { startAt } = product;
  const { hour } = of;
  if ((startAt !== undefined && hour < startAt) || periodIn(subscription, hour) === undefined) return 0;
  let made = 0;
  for (const dimension of meteredDimensions(product))
    if (await zeroOf(ports, configuration, subscription, product, dimension, of)) made += 1;
  return made;
}

/** A book that others change at the same time is looked at again. */
const carryTries = 3;

async function zeroOf(
  ports: ZeroPorts,
  configuration: Configuration,
  subscription: Subscription,
  product: Product,
  dimension: string,
  of: ZeroHour,
  triesLeft = carryTries,
): Promise<boolean> {
  const { books } = ports;
  const { settings, meteringRegion } = configuration;
  const { hour, now } = of;
  const book = await books.load({ subscriptionId: subscription.id, dimension });
  const period = periodIn(subscription, hour);
  if (period === undefined) return false;
  // What lies before `startAt` is not ours to send, nor to carry.
  const first = Math.max(grantHours(period).first, product.startAt ?? firstHour) as UtcHour;
  // Units that wait for something else go first: an hour is locked by whatever record comes first.
  if ([firstHour, first].some((from) => wholeUnitsIn(book.balance, { from, through: hour }) > 0n))
    return false;
  // Less than a unit, and what corrections outweigh, is carried as behind any other record.
  const restIn = restHour(hour, period, settings);
  const { book: after, ...sealed } = seal(book, hour, first, restIn);
  const how = { settings, region: meteringRegion };
  const record = newRecord(subscription, period, product, how, { hour, dimension, ...sealed });
  // Of who has left AWS takes nothing after an hour, whatever is left of the window.
  if ("refused" in record || record.deadlineAt <= now) return false;
  const isCarrying = restIn !== hour && isHeldIn(book.balance, { from: first, through: hour });
  if (!isCarrying) return (await books.sealZero({ ...record, taken: [] })) === "sealed";
  if ((await books.seal(after, record)) === "sealed") return true;
  // Another record is there, or somebody else changed the book.
  return triesLeft > 1 && zeroOf(ports, configuration, subscription, product, dimension, of, triesLeft - 1);
}
