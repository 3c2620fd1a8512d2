import type { Configuration } from "../configuration/configuration.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import type { Subscription, SubscriptionId } from "../lifecycle/subscription.ts";
import { type Book, type BookKey, bookName } from "../metering/book.ts";
import { finalBarrier } from "../metering/final-hour.ts";
import { type Sealable, sealHours, type SealPorts } from "../metering/seal-hours.ts";
import type { BookStore, FoldStore, Progress, SwitchStore } from "../metering/store.ts";
import { earliestOpenHour, type UsageRecord } from "../metering/usage-record.ts";
import type { Instant } from "../time/instant.ts";
import { hourOf, hoursLater } from "../time/utc-hour.ts";
import { maxShardCount } from "../usage/shard.ts";
import type { UsageLog } from "../usage/usage-log.ts";

export interface AheadPorts {
  readonly books: Pick<BookStore, "load" | "withWholeUnits" | "recordedHours">;
  readonly subscriptions: SealPorts["subscriptions"] & Pick<LifecycleStore, "holderOf">;
  readonly switches: Pick<SwitchStore, "load">;
  readonly usageLog: Pick<UsageLog, "marks">;
  readonly folds: Pick<FoldStore, "head">;
  readonly progress: Pick<Progress, "load">;
}

/** What the next run of sealing would make of a book. */
export interface BookAhead {
  readonly key: BookKey;
  readonly subscription: Subscription | undefined;
  readonly before: Book;
  readonly after: Book;
  readonly records: readonly UsageRecord[];
  /** Why units of it would be no record yet that could be one, in sentences. */
  readonly reasons: readonly string[];
}

/** How far the books are complete, as far as the meter has noted. */
export async function sealableNow(
  { usageLog, folds, progress }: AheadPorts,
  { settings }: Configuration,
  now: Instant,
): Promise<Sealable> {
  const through = (await progress.load()) ?? hoursLater(earliestOpenHour(now, settings), -1);
  const isFinal = finalBarrier(settings, now, async () => {
    const shards = Array.from({ length: maxShardCount(settings.shards) }, (_, shard) => shard);
    const marks = await Promise.all(shards.map((shard) => usageLog.marks(shard, hourOf(now))));
    const open = marks.flat().filter(({ hour }) => hour > through);
    return Promise.all(open.map(({ hour, shard }) => folds.head({ hour, shard })));
  });
  return { through, isFinal, now };
}

/** Books looked at together; as many are held in memory. */
const booksAtOnce = 100;

/**
 * Does what sealing does, by its own rules, with every book that holds a whole unit, and keeps none of it: no port that writes is
 * reached.
 */
export async function* lookAhead(
  ports: AheadPorts,
  configuration: Configuration,
  sealable: Sealable,
): AsyncGenerator<BookAhead> {
  let last: BookKey | undefined;
  for (;;) {
    const keys = await ports.books.withWholeUnits(booksAtOnce, last);
    last = keys.at(-1);
    if (last === undefined) return;
    yield* await new Glance(ports, keys).take(configuration, sealable);
  }
}

const writesNothing = () => Promise.reject(new Error("To look ahead writes nothing."));

/** One look at some books: what would be written is noted instead. */
class Glance {
  private readonly ports: AheadPorts;
  private readonly keys: readonly BookKey[];
  private readonly before = new Map<string, Book>();
  private readonly after = new Map<string, Book>();
  private readonly records = new Map<string, UsageRecord[]>();
  /** Books whose units turn out to be another subscription's. */
  private readonly moves = new Map<string, string>();
  private readonly subscriptions = new Map<string, Subscription | undefined>();

  constructor(ports: AheadPorts, keys: readonly BookKey[]) {
    this.ports = ports;
    this.keys = keys;
  }

  async take(configuration: Configuration, sealable: Sealable): Promise<readonly BookAhead[]> {
    const { skipped } = await sealHours(this.sealPorts(), configuration, sealable);
    const reasons = Map.groupBy(skipped, ({ key }) => bookName(key));
    return Promise.all(
      this.keys.map(async (key) => {
        const name = bookName(key);
        const moved = this.moves.get(name);
        const before = this.before.get(name) ?? (await this.ports.books.load(key));
        return {
          ...{ key, before, after: this.after.get(name) ?? before },
          subscription: this.subscriptions.get(key.subscriptionId),
          records: this.records.get(name) ?? [],
          reasons: [
            ...(reasons.get(name) ?? []).map(({ reason }) => reason),
            ...(moved === undefined ? [] : [moved]),
          ],
        };
      }),
    );
  }

  private sealPorts(): SealPorts {
    const { books, subscriptions, switches } = this.ports;
    const noting = {
      ...{ post: writesNothing, sealZero: writesNothing, giveBack: writesNothing },
      withWholeUnits: (_: number, after?: BookKey) => Promise.resolve(after === undefined ? this.keys : []),
      recordedHours: (...range: Parameters<BookStore["recordedHours"]>) => books.recordedHours(...range),
      load: async (key: BookKey) => {
        const book = await books.load(key);
        this.before.set(bookName(key), book);
        return book;
      },
      change: (after: Book) => {
        this.after.set(bookName(after.key), after);
        return Promise.resolve("changed" as const);
      },
      move: (from: Book, to: Book) => {
        this.moves.set(
          bookName(from.key),
          `the next run moves them to the books of ${to.key.subscriptionId}`,
        );
        return Promise.resolve("moved" as const);
      },
      seal: (after: Book, record: UsageRecord) => {
        const name = bookName(after.key);
        this.after.set(name, after);
        this.records.set(name, [...(this.records.get(name) ?? []), record]);
        return Promise.resolve("sealed" as const);
      },
    };
    const reading = {
      holderOf: (id: SubscriptionId) => subscriptions.holderOf(id),
      loadEntitlements: (id: SubscriptionId) => subscriptions.loadEntitlements(id),
      currentSubscription: async (id: SubscriptionId) => {
        const found = await subscriptions.currentSubscription(id);
        this.subscriptions.set(id, found);
        return found;
      },
    };
    return {
      books: noting,
      subscriptions: reading,
      switches: { load: (code) => switches.load(code), rehearse: () => Promise.resolve() },
    };
  }
}
