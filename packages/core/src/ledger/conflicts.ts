import type { Configuration } from "../configuration/configuration.ts";
import { findProduct, meteredDimensions } from "../configuration/product.ts";
import type { LifecycleDirectory } from "../lifecycle/store.ts";
import type { BookKey } from "../metering/book.ts";
import type { Instant } from "../time/instant.ts";
import { hourOf, hoursLater } from "../time/utc-hour.ts";
import { keepUsageDays } from "../usage/retention.ts";
import type { BookHistory } from "./book-history.ts";
import { nameRecord } from "./record-name.ts";

/** A record of which AWS has another quantity: up to `units` are not billed, and nobody here knows how many. */
interface Conflict {
  readonly name: string;
  readonly productCode: string;
  readonly units: bigint;
  readonly at: Instant;
}

export interface Conflicts {
  /** The latest, as many as were asked for. */
  readonly conflicts: readonly Conflict[];
  readonly count: number;
  readonly units: bigint;
}

/** Subscriptions to a page, and books looked through at once. */
const subscriptionsPerPage = 100;
const booksAtOnce = 10;

/** Finds conflicts while their usage is kept, which is when they can be explained. Reads every record of that time. */
export async function findConflicts(
  {
    directory,
    history,
  }: {
    readonly directory: Pick<LifecycleDirectory, "subscriptions">;
    readonly history: Pick<BookHistory, "records">;
  },
  configuration: Configuration,
  {
    now,
    product,
    limit,
    onProgress = () => undefined,
  }: {
    readonly now: Instant;
    readonly product?: string | undefined;
    readonly limit: number;
    readonly onProgress?: (subscriptions: number) => void;
  },
): Promise<Conflicts> {
  const range = { from: hoursLater(hourOf(now), -keepUsageDays * 24), through: hourOf(now) };
  let [latest, count, units, seen]: [Conflict[], number, bigint, number] = [[], 0, 0n, 0];
  const look = async (key: BookKey): Promise<void> => {
    for await (const { hour, entry, outcome, productCode } of history.records(key, range)) {
      if (outcome.state !== "conflict" || entry.quantity === 0n) continue;
      [count, units] = [count + 1, units + entry.quantity];
      latest.push({ name: nameRecord({ key, hour }), productCode, units: entry.quantity, at: outcome.at });
    }
  };
  let after: string | undefined;
  do {
    const page = await directory.subscriptions(subscriptionsPerPage, after);
    const keys = page.items
      .filter(({ productCode }) => product === undefined || productCode === product)
      .flatMap(({ id, productCode }) => {
        const known = findProduct(configuration, productCode);
        const dimensions = known === undefined ? [] : meteredDimensions(known);
        return dimensions.map((dimension) => ({ subscriptionId: id, dimension }));
      });
    for (let start = 0; start < keys.length; start += booksAtOnce)
      await Promise.all(keys.slice(start, start + booksAtOnce).map(look));
    latest = latest.toSorted((a, b) => b.at - a.at).slice(0, limit);
    onProgress((seen += page.items.length));
    after = page.next;
  } while (after !== undefined);
  return { conflicts: latest, count, units };
}
