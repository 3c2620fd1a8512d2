import type { Configuration, Product } from "../configuration/configuration.ts";
import { reasonOf } from "../error/reason.ts";
import { findProduct, meteredDimensions } from "../configuration/product.ts";
import type { LifecycleStore } from "../lifecycle/store.ts";
import {
  finalDeadline,
  grantPeriods,
  type Subscription,
  type SubscriptionId,
} from "../lifecycle/subscription.ts";
import { type MicroUnits, subtract, zeroUnits } from "../quantity/micro-units.ts";
import type { Instant } from "../time/instant.ts";
import { formatHour, hourOf, hoursLater, type UtcHour } from "../time/utc-hour.ts";
import { allowanceOf } from "./allowance.ts";
import { type Book, type BookKey, moveBalance, type UnbillableReason } from "./book.ts";
import { planSealing, type SealPlan } from "./plan-seal.ts";
import type { BookStore, ProductSwitch, SwitchStore } from "./store.ts";
import { earliestOpenHour, type UsageRecord } from "./usage-record.ts";

export interface SealPorts {
  readonly books: BookStore;
  readonly subscriptions: Pick<LifecycleStore, "currentSubscription" | "holderOf" | "loadEntitlements">;
  readonly switches: Pick<SwitchStore, "load" | "rehearse">;
}

/** How far the books are complete. */
export interface Sealable {
  /** The last hour that has settled and is folded in every shard. */
  readonly through: UtcHour;
  /** Whether the last hour of a grant that ended at an instant is to be sealed now. */
  readonly isFinal: (cutAt: Instant) => Promise<boolean>;
  readonly now: Instant;
}

/** Books looked up at once, and how often: together what a run may visit. */
const booksPerPage = 1_000;
const maxPages = 1_000;

/** Of different books no change meets another. A book costs a handful of requests, one after the other: far below what a client holds open. */
const booksAtOnce = 20;

export interface Sealed {
  readonly sealed: readonly UsageRecord[];
  /** What a dry run would have sealed. */
  readonly rehearsed: readonly UsageRecord[];
  /** Books that keep units which should have become a record. */
  readonly skipped: readonly { readonly key: BookKey; readonly reason: string }[];
  /** Units that nobody will be billed for, by book and why. */
  readonly writtenOff: readonly WrittenOff[];
  /** Whether a grant was met that has ended, and of which AWS still takes usage. */
  readonly isAnyEnding: boolean;
  /** Time ran out before all books were visited. */
  readonly isCutShort: boolean;
}

/** Units that moved to the account of a reason; fewer than none where the buyer is owed some. */
interface WrittenOff {
  readonly key: BookKey;
  readonly reason: UnbillableReason;
  readonly units: MicroUnits;
}

/**
 * Turns balances into usage records, of every book that holds a whole unit and of the subscriptions named besides. Gives the records
 * made and, with the reason, the books that keep units which should have become one.
 */
export async function sealHours(
  ports: SealPorts,
  configuration: Configuration,
  sealable: Sealable,
  besides: readonly SubscriptionId[] = [],
  hasTime: () => boolean = () => true,
): Promise<Sealed> {
  const run = new SealRun(ports, configuration, sealable);
  // Before anything is rehearsed: a run that is cut short must not leave a rehearsal that nobody knows of.
  await run.noteRehearsals();
  await run.sealSubscriptions(besides);
  for await (const keys of booksToSeal(ports.books)) {
    if (!hasTime()) {
      run.isCutShort = true;
      break;
    }
    await run.sealBooks(keys);
  }
  return run;
}

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

class SealRun implements Sealed {
  readonly sealed: UsageRecord[] = [];
  readonly rehearsed: UsageRecord[] = [];
  readonly skipped: { key: BookKey; reason: string }[] = [];
  readonly writtenOff: WrittenOff[] = [];
  isAnyEnding = false;
  isCutShort = false;
  private readonly ports: SealPorts;
  private readonly configuration: Configuration;
  private readonly sealable: Sealable;
  private readonly switches = new Map<string, Promise<ProductSwitch>>();

  constructor(ports: SealPorts, configuration: Configuration, sealable: Sealable) {
    this.ports = ports;
    this.configuration = configuration;
    this.sealable = sealable;
  }

  async sealSubscriptions(ids: readonly SubscriptionId[]): Promise<void> {
    for (const subscriptionId of ids) {
      const dimensions = await this.meteredOf(subscriptionId).catch((error: unknown) => {
        this.skipped.push({ key: { subscriptionId, dimension: "" }, reason: reasonOf(error) });
        return [];
      });
      await this.sealBooks(dimensions.map((dimension) => ({ subscriptionId, dimension })));
    }
  }

  private async meteredOf(id: SubscriptionId): Promise<readonly string[]> {
    const subscription = await this.ports.subscriptions.currentSubscription(id);
    const product = subscription && findProduct(this.configuration, subscription.productCode);
    return product === undefined ? [] : meteredDimensions(product);
  }

  /** Each by itself: one that cannot be sealed holds up no other. */
  async sealBooks(keys: readonly BookKey[]): Promise<void> {
    await Promise.all(
      keys.map(async (key) => {
        const reasons = await this.sealBook(key).catch((error: unknown) => [reasonOf(error)]);
        for (const reason of reasons) this.skipped.push({ key, reason });
      }),
    );
  }

  /** Gives why units of it are no record yet that should be. */
  private async sealBook(key: BookKey): Promise<readonly string[]> {
    const { subscriptions, books } = this.ports;
    const { configuration, sealable } = this;
    const subscription = await subscriptions.currentSubscription(key.subscriptionId);
    if (subscription === undefined) return ["its subscription is not stored: restore the Lifecycle table"];
    const product = findProduct(configuration, subscription.productCode);
    if (product === undefined)
      return [`its product ${subscription.productCode} is not in tollhouse.config.ts: put it back`];
    const obstacle = obstacleOf(product, await this.switchOf(product));
    if (obstacle !== undefined) return [obstacle];
    const finalCuts = await this.finalCuts(subscription);
    const open = earliestOpenHour(sealable.now, configuration.settings);
    // Which hours have a record also says what came late.
    const { lateUsage, acceptUsageDays } = configuration.settings;
    const earliest = lateUsage === "write-off" ? hoursLater(open, -acceptUsageDays * hoursPerDay) : open;
    const latest = Math.max(sealable.through, hourOf(sealable.now)) as UtcHour;
    // Before the book: units that somebody else seals in between are then missing from it, or make a conflict. They never look lost.
    const recorded = await books.recordedHours(key, earliest, latest);
    const [book, snapshot] = await Promise.all([
      books.load(key),
      needsEntitlements(product, key) ? subscriptions.loadEntitlements(key.subscriptionId) : undefined,
    ]);
    if (book.version === 0) return [];
    if (grantPeriods(subscription).length === 0) {
      const holder = await subscriptions.holderOf(key.subscriptionId);
      if (holder !== undefined && holder.id !== key.subscriptionId) return this.moveTo(holder, book);
    }
    const plan = planSealing(book, {
      ...{ settings: configuration.settings, region: configuration.meteringRegion, product, subscription },
      ...{ recorded, finalCuts, through: sealable.through, now: sealable.now },
      allowance: allowanceOf(product, key.dimension, subscription, snapshot),
    });
    return this.carryOut(product, book, plan);
  }

  /** The license has turned out to be another subscription's, and so is what was counted for it. */
  private async moveTo({ id }: Subscription, book: Book): Promise<readonly string[]> {
    const { books } = this.ports;
    const [from, to] = moveBalance(book, await books.load({ ...book.key, subscriptionId: id }));
    if (from !== book && (await books.move(from, to)) === "conflict")
      return ["a book changed while units were moved to it; the next run goes on"];
    return [];
  }

  private async carryOut(
    product: Product,
    read: Book,
    { steps, waits }: SealPlan,
  ): Promise<readonly string[]> {
    const { books } = this.ports;
    const isRehearsal = product.metering === "dry-run";
    let before = read;
    for (const { book, record } of steps) {
      if (isRehearsal) {
        if (record !== undefined) this.rehearsed.push(record);
        continue;
      }
      const outcome = record === undefined ? await books.change(book) : await books.seal(book, record);
      if (outcome === "conflict") return ["it changed while it was being sealed; the next run goes on"];
      if (record !== undefined) this.sealed.push(record);
      this.noteWrittenOff(before, book);
      before = book;
    }
    return waits;
  }

  private noteWrittenOff({ key, unbillable: before }: Book, { unbillable }: Book): void {
    for (const [reason, units] of unbillable) {
      const more = subtract(units, before.get(reason) ?? zeroUnits);
      if (more !== zeroUnits) this.writtenOff.push({ key, reason, units: more });
    }
  }

  /** Ends of the subscription's grants that are sealed for good now. */
  private async finalCuts(subscription: Subscription): Promise<ReadonlySet<Instant>> {
    const cuts = grantPeriods(subscription).flatMap(({ cutAt }) => cutAt ?? []);
    const final = new Set<Instant>();
    for (const cutAt of cuts) {
      if (await this.sealable.isFinal(cutAt)) final.add(cutAt);
      // Also when its last hour is sealed: what comes to be counted now goes into an hour before it.
      if (this.sealable.now < finalDeadline(cutAt)) this.isAnyEnding = true;
    }
    return final;
  }

  private switchOf({ code }: Product): Promise<ProductSwitch> {
    const known = this.switches.get(code) ?? this.ports.switches.load(code);
    this.switches.set(code, known);
    return known;
  }

  /** What was counted in a dry run must never be sent, however the configuration changes. */
  async noteRehearsals(): Promise<void> {
    const { through } = this.sealable;
    for (const product of this.configuration.products.filter(({ metering }) => metering === "dry-run")) {
      const { rehearsedThrough } = await this.switchOf(product);
      if (rehearsedThrough === undefined || rehearsedThrough < through)
        await this.ports.switches.rehearse(product.code, through);
    }
  }
}

const hoursPerDay = 24;
const needsEntitlements = ({ dimensions }: Product, { dimension }: BookKey): boolean =>
  dimensions.some(({ key, includedIn }) => key === dimension && includedIn !== undefined);

/** Why nothing of a product is sealed, if so. */
export function obstacleOf(
  { metering, startAt, title }: Product,
  { paused, held, rehearsedThrough }: ProductSwitch,
): string | undefined {
  if (metering === "dry-run") return undefined;
  if (paused !== undefined)
    return `${title} is paused (${paused.reason}): tollhouse metering resume lets it go on`;
  if (held !== undefined) return `AWS takes nothing of ${title} at present: ${held.reason}`;
  if (rehearsedThrough !== undefined && (startAt === undefined || startAt <= rehearsedThrough))
    return `${title} was rehearsed through ${formatHour(rehearsedThrough)}, and that usage must not be sent: set its startAt to a later hour`;
  return undefined;
}
