import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import type { Instant } from "@tollhouse/core/time/instant";
import { BookAudit } from "./audit-books.ts";
import { LifecycleAudit } from "./audit-lifecycle.ts";
import { LogAudit } from "./audit-log.ts";
import { WaitingAudit } from "./audit-waiting.ts";
import type { Ledger } from "./ledger.ts";
import type { Contract } from "./market.ts";
import { billedKey, type Marketplace } from "./marketplace.ts";
import type { World } from "./world.ts";

/** An hour settles ten minutes after it has ended (tollhouse.config.ts, settleDelayMinutes). */
const settleMs = 10 * 60_000;
const someday = Date.UTC(2040, 0, 1) as Instant;

/**
 * Watches every effect on stores, queues and AWS, and checks in the end that nothing was lost, doubled or changed. What it
 * expects it knows from the workload and the market; it adds up by itself.
 */
export class Auditor {
  readonly violations: string[] = [];
  readonly lifecycle: LifecycleAudit;
  private readonly books: BookAudit;
  private readonly log: LogAudit;
  private readonly waiting: WaitingAudit;
  private readonly checks: Promise<void>[] = [];
  private world: World | undefined;
  private readonly contracts: readonly Contract[];
  private readonly now: () => number;
  private readonly isBilled: (record: UsageRecord) => boolean;

  constructor(contracts: readonly Contract[], { billed }: Marketplace, now: () => number) {
    this.isBilled = ({ entry }) => billed.get(billedKey(entry))?.quantity === entry.quantity;
    const violate = (what: string) => void this.violations.push(what);
    this.contracts = contracts;
    this.now = now;
    this.books = new BookAudit(contracts, violate);
    this.log = new LogAudit(violate);
    this.waiting = new WaitingAudit(contracts, violate);
    this.lifecycle = new LifecycleAudit(violate);
  }

  watch(world: World): void {
    this.world = world;
  }

  /**
   * Told of every effect by the port's name, with what it was given and answered.
   * @param startedAt when the worker began: what was known by then it has to know
   */
  saw(name: string, given: readonly unknown[], answer: unknown, startedAt: number): void {
    const seen = this.sights[name] as
      ((given: readonly unknown[], answer: unknown, startedAt: number) => void) | undefined;
    seen?.(given, answer, startedAt);
  }

  private readonly sights: Readonly<
    Record<string, (given: never, answer: unknown, startedAt: number) => void>
  > = {
    "folds.open": ([, plan]: Parameters<World["stores"]["folds"]["open"]>, answer, startedAt) => {
      if (answer === undefined) return;
      for (const posting of plan.postings)
        if ("book" in posting) this.books.charged(posting.book, posting.hour, startedAt);
    },
    "books.post": ([after, posting, planId]: Parameters<World["stores"]["books"]["post"]>, answer) => {
      if (answer === "posted") this.books.posted(after, posting, planId);
    },
    "books.seal": ([after, record]: Parameters<World["stores"]["books"]["seal"]>, answer, startedAt) => {
      if (answer !== "sealed") return;
      this.books.sealed(after, record, { now: this.now(), knownAt: startedAt });
      if (this.world !== undefined)
        this.checks.push(this.log.sealed(record.hour, { settleMs, now: this.now() }, this.world.stores));
    },
    "waiting.put": ([usage]: Parameters<World["stores"]["waiting"]["put"]>) => this.waiting.stored(usage),
    "waiting.settle": (
      [usage, outcome, after]: Parameters<World["stores"]["waiting"]["settle"]>,
      answer,
      startedAt,
    ) => {
      if (answer !== "settled") return;
      this.books.settled(this.waiting.settled(usage, outcome), after);
      for (const { key } of after) this.books.charged(key, usage.events.hour, startedAt);
    },
    "records.conclude": ([record, { state }]: Parameters<World["stores"]["records"]["conclude"]>) => {
      const { records } = this.world?.stores ?? {};
      if (records !== undefined)
        this.checks.push(this.books.outcome(record, state, this.isBilled(record), records));
    },
    "aws.submit": ([records]: Parameters<Marketplace["submit"]>) => this.books.submitted(records),
    "usageLog.putSegments": ([segments]: Parameters<World["stores"]["usageLog"]["putSegments"]>) =>
      this.log.storedSegments(segments),
    "usageLog.putMarks": ([marks]: Parameters<World["stores"]["usageLog"]["putMarks"]>) =>
      this.log.marked(marks, this.now()),
    "usageLog.removeMark": ([mark]: Parameters<World["stores"]["usageLog"]["removeMark"]>) => {
      if (this.world !== undefined) this.checks.push(this.log.unmarked(mark, this.world.stores));
    },
    "lifecycle.commit": ([change]: Parameters<World["stores"]["store"]["commit"]>, answer) => {
      if (answer === "stored") this.lifecycle.committed(change, this.contracts, this.now());
    },
    "lifecycle.storeEntitlements": (
      [, outbox]: Parameters<World["stores"]["store"]["storeEntitlements"]>,
      answer,
    ) => {
      if (answer === true) this.lifecycle.promise(outbox);
    },
    "bus.publish": ([events]: [World["heard"]]) => this.lifecycle.published(events),
  };

  /** An error that no fault explains. */
  failed(worker: string, error: unknown): void {
    if (isExpected(error)) return;
    this.violations.push(`${worker} failed: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** A run of the meter goes on after a failure and says what it was: nothing may hide there. */
  reported(worker: string, problem: string): void {
    if (!explained.some((reason) => problem.includes(reason)))
      this.violations.push(`${worker} reported: ${problem}`);
  }

  /** Checks that need an answer themselves; awaited between steps. */
  async caughtUp(): Promise<void> {
    await Promise.all(this.checks.splice(0));
  }

  /** Everything, once nothing moves any more. */
  async settled(
    world: World,
    ledger: Ledger,
    marketplace: Marketplace,
    configuration: Configuration,
  ): Promise<void> {
    await this.caughtUp();
    await this.log.settled(world.stores);
    await this.balance(world, ledger);
    await this.quarantined(world, ledger);
    await this.billed(world, marketplace, configuration);
    await this.lifecycle.settled(world, configuration, this.contracts, someday);
    for (const queue of Object.values(world.queues))
      if (queue.size > 0) this.violations.push(`the ${queue.name} queue keeps ${queue.size} messages`);
  }

  /** G2: everything that was sent is held once, in a balance, a record or waiting, and nothing else is. */
  private async balance({ stores }: World, ledger: Ledger): Promise<void> {
    const held = await this.books.held(stores.books);
    const states = (await stores.directory.subscriptions(10_000)).items;
    this.waiting.check(
      await stores.waiting.due(Number.MAX_SAFE_INTEGER as never, 100_000),
      ledger,
      states,
      held,
    );
    for (const name of new Set([...held.keys(), ...ledger.sums.keys()])) {
      const amount = held.get(name) ?? 0n;
      if (!ledger.fits(name, amount))
        this.violations.push(`${name} holds ${amount}, but ${ledger.sums.get(name)?.base ?? 0n} was sent`);
    }
  }

  /** G6: what nobody could use is kept whole. */
  private async quarantined({ stores }: World, { badBodies }: Ledger): Promise<void> {
    const bodies = new Set<string>();
    for (const { id } of await stores.quarantine.list(someday, 100_000)) {
      const entry = await stores.quarantine.get(id);
      if (entry?.door !== "usage") continue;
      bodies.add(entry.body);
      if (id.startsWith("usage:contradicting-")) continue;
      if (!badBodies.has(entry.body))
        this.violations.push(`a good message was quarantined (${entry.reason}): ${entry.body}`);
    }
    for (const body of badBodies)
      if (!bodies.has(body)) this.violations.push(`a bad message is not in the quarantine: ${body}`);
  }

  /** What AWS bills is what the records say, and no record thinks that somebody else was first. */
  private async billed(
    { stores }: World,
    { billed }: Marketplace,
    { products }: Configuration,
  ): Promise<void> {
    const pending = new Set<string>();
    for (const { code } of products)
      for (const { entry, attempts, outcome } of await stores.records.pending(code, 100_000)) {
        // The answer was lost, and who has left since is answered nothing else: it stays open, as it must.
        const isUnknowable =
          attempts > 0 && outcome.state === "pending" && outcome.refusal === "CustomerNotSubscribed";
        if (!isUnknowable) pending.add(billedKey(entry));
      }
    const sealed = new Map(
      [...this.books.records.values()].map((record) => [billedKey(record.entry), record]),
    );
    for (const [key, { quantity }] of billed) {
      if (sealed.get(key)?.entry.quantity !== quantity)
        this.violations.push(`AWS bills ${quantity} for ${key}, which no record says`);
      if (pending.has(key)) this.violations.push(`AWS bills ${key}, and we do not know it`);
    }
  }
}

/** What a run may say: our faults, others who were faster, and books that wait for what AWS has not told yet. */
const explained = [
  "could not be reached",
  "next run goes on",
  "next try goes on",
  "tries again",
  "no grant of it lies in",
  "no hour left in which AWS would take",
  "the buyer's AWS account is not known yet",
  // The meter of the simulation runs seldom, and its folds come late.
  "is not folded. See",
];

/** Faults of ours, and what `core` throws so that a message comes back. */
function isExpected(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isExpected);
  if (!(error instanceof Error)) return false;
  return ("retryable" in error && error.retryable === true) || error.message.includes("goes on");
}
