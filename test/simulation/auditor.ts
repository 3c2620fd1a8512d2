import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { BookKey } from "@tollhouse/core/metering/book";
import type { Instant } from "@tollhouse/core/time/instant";
import { AccountAudit } from "./audit-accounts.ts";
import { BookAudit } from "./audit-books.ts";
import { CallAudit } from "./audit-calls.ts";
import { LifecycleAudit } from "./audit-lifecycle.ts";
import { LogAudit } from "./audit-log.ts";
import { RecordAudit } from "./audit-records.ts";
import { held, type Held } from "./audit-rest.ts";
import { WaitingAudit } from "./audit-waiting.ts";
import type { Catalogue } from "./catalogue.ts";
import { someday, type Weather } from "./conditions.ts";
import { comeByOf, isEarly } from "./audit-final.ts";
import type { Ledger } from "./ledger.ts";
import type { Contract } from "./market.ts";
import { billedKey, type Marketplace } from "./marketplace.ts";
import type { Effect, Worker } from "./scheduler.ts";
import type { World } from "./world.ts";

export interface AuditedWorld {
  readonly contracts: readonly Contract[];
  readonly catalogue: Catalogue;
  readonly marketplace: Marketplace;
  /** Unless it is rough, everything must be billed. */
  readonly weather: Weather;
  readonly now: () => number;
  readonly count: (what: string) => void;
}

type Sight = (given: never, answer: unknown, worker: Worker, effect: Effect) => void;
type Given<
  Store extends keyof World["stores"],
  Name extends keyof World["stores"][Store],
> = World["stores"][Store][Name] extends (...given: infer All) => unknown ? All : never;

/**
 * Watches every effect on stores, queues and AWS, and checks in the end that nothing was lost, doubled or changed. What it
 * expects it knows from the workload and the market; it adds up by itself.
 */
export class Auditor {
  readonly violations: string[] = [];
  readonly lifecycle: LifecycleAudit;
  private readonly books: BookAudit;
  private readonly records: RecordAudit;
  private readonly calls: CallAudit;
  private readonly log: LogAudit;
  private readonly waiting: WaitingAudit;
  private readonly checks: Promise<void>[] = [];
  private readonly knows: AuditedWorld;
  private world: World | undefined;

  constructor(knows: AuditedWorld) {
    const violate = (what: string) => void this.violations.push(what);
    this.knows = knows;
    this.records = new RecordAudit(knows, violate, knows.count);
    const isRecorded = (key: BookKey, hour: number) => this.records.has(key, hour);
    this.books = new BookAudit(knows, isRecorded, violate, knows.count);
    this.calls = new CallAudit(knows.catalogue, knows.now, violate);
    this.log = new LogAudit(violate);
    this.waiting = new WaitingAudit(knows.contracts, violate);
    this.lifecycle = new LifecycleAudit(violate);
  }

  watch(world: World): void {
    this.world = world;
  }

  /** Told of every effect. */
  saw(effect: Effect): void {
    const seen = this.sights[effect.name] as
      ((given: readonly unknown[], answer: unknown, worker: Worker, effect: Effect) => void) | undefined;
    seen?.(effect.given, effect.answer, effect.worker, effect);
  }

  switched(how: "paused" | "held", productCode: string, isOn: boolean): void {
    this.calls.switched(how, productCode, isOn);
  }

  private readonly sights: Readonly<Record<string, Sight>> = {
    "folds.open": ([, plan]: Given<"folds", "open">, answer, { startedAt }) => {
      if (answer === undefined) return;
      for (const posting of plan.postings)
        if ("book" in posting) this.books.charged(posting.book, posting.hour, startedAt);
    },
    "books.post": ([after, posting, planId]: Given<"books", "post">, answer) => {
      if (answer === "posted") this.books.posted(after, posting, planId);
    },
    "books.seal": ([after, record]: Given<"books", "seal">, answer, worker) => {
      if (answer !== "sealed") return;
      this.books.sealed(after, record);
      this.records.sealed(record, this.momentOf(worker));
      this.calls.sealed(record, worker);
      this.inTime(record.hour, record.subscriptionId);
    },
    "books.sealZero": ([record]: Given<"books", "sealZero">, answer, worker) => {
      if (answer !== "sealed") return;
      this.records.sealed(record, this.momentOf(worker));
      this.calls.sealed(record, worker);
      this.books.sealedZero(record, this.momentOf(worker));
    },
    "books.change": ([after]: Given<"books", "change">, answer, worker) => {
      if (answer === "changed") this.books.changed(after, this.momentOf(worker));
    },
    "books.move": ([from, to]: Given<"books", "move">, answer) => {
      if (answer === "moved") this.books.moved(from, to);
    },
    "books.giveBack": ([after, record]: Given<"books", "giveBack">, answer) => {
      if (answer !== "returned") return;
      this.books.returned(after, record);
      this.concluded(record);
    },
    "waiting.put": ([usage]: Given<"waiting", "put">) => this.waiting.stored(usage),
    "waiting.settle": ([usage, outcome, after]: Given<"waiting", "settle">, answer, { startedAt }) => {
      if (answer !== "settled") return;
      this.books.settled(this.waiting.settled(usage, outcome), after);
      for (const { key } of after) this.books.charged(key, usage.events.hour, startedAt);
    },
    "records.conclude": ([record]: Given<"records", "conclude">) => this.concluded(record),
    "aws.submit": ([records]: Parameters<Marketplace["submit"]>, _, __, effect) => {
      if (this.world === undefined) return;
      this.records.submitted(records, this.knows.now(), this.world.stores);
      this.calls.submitted(records, effect);
    },
    "lease.take": (_, answer, __, effect) => this.calls.leased(effect, answer === true),
    "lease.keep": (_, answer, __, effect) => this.calls.leased(effect, answer === true),
    "lease.release": (_, __, ___, effect) => this.calls.leased(effect, false),
    "switches.hold": ([code]: Given<"switches", "hold">) => this.switched("held", code, true),
    "switches.release": ([code]: Given<"switches", "release">) => this.switched("held", code, false),
    "usageLog.putSegments": ([segments]: Given<"usageLog", "putSegments">) =>
      this.log.storedSegments(segments),
    "usageLog.putMarks": ([marks]: Given<"usageLog", "putMarks">) => this.log.marked(marks, this.knows.now()),
    "usageLog.removeMark": ([mark]: Given<"usageLog", "removeMark">) => {
      if (this.world !== undefined) this.checks.push(this.log.unmarked(mark, this.world.stores));
    },
    "lifecycle.commit": ([change]: Given<"store", "commit">, answer) => {
      if (answer === "stored") this.lifecycle.committed(change, this.knows.contracts, this.knows.now());
    },
    "lifecycle.storeEntitlements": ([, outbox]: Given<"store", "storeEntitlements">, answer) => {
      if (answer === true) this.lifecycle.promise(outbox);
    },
    "bus.publish": ([events]: [World["heard"]]) => this.lifecycle.published(events),
  };

  private momentOf({ startedAt }: Worker): { now: number; knownAt: number } {
    return { now: this.knows.now(), knownAt: startedAt };
  }

  private concluded(record: Parameters<RecordAudit["concluded"]>[0]): void {
    if (this.world !== undefined) this.records.concluded(record, this.knows.now(), this.world.stores);
  }

  /** What had come when an hour was sealed had to be in the books. */
  private inTime(hour: number, account: string): void {
    const contract = this.knows.contracts.find((one) => one.account === account);
    const now = this.knows.now();
    if (isEarly(contract, hour, this.knows.catalogue, now))
      this.violations.push(`hour ${hour} of ${account} was sealed before its usage had had its time`);
    const comeBy = comeByOf(contract, hour, this.knows.catalogue, now);
    if (this.world !== undefined && comeBy !== undefined)
      this.checks.push(this.log.sealed(hour, comeBy, now, this.world.stores));
  }

  /** An error that no fault explains. */
  failed(worker: string, error: unknown): void {
    if (isExpected(error)) return;
    this.violations.push(`${worker} failed: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** A run of the meter goes on after a failure and says what it was: nothing may hide there. */
  reported(worker: string, problem: string): void {
    const reason = explained.find((known) => problem.includes(known));
    if (reason === undefined) this.violations.push(`${worker} reported: ${problem}`);
    else this.knows.count(`waits: ${reason}`);
  }

  /** Checks that need an answer themselves; awaited between steps. */
  async caughtUp(): Promise<void> {
    await Promise.all(this.checks.splice(0));
  }

  /** Everything, once nothing moves any more. */
  async settled(world: World, ledger: Ledger, configuration: Configuration): Promise<void> {
    await this.caughtUp();
    await this.log.settled(world.stores);
    await this.balance(world, ledger);
    await this.quarantined(world, ledger);
    this.billed(world);
    await this.lifecycle.settled(world, configuration, this.knows.contracts, someday as Instant);
    for (const queue of Object.values(world.queues))
      if (queue.size > 0) this.violations.push(`the ${queue.name} queue keeps ${queue.size} messages`);
  }

  /** G2: everything that was sent is held once, in an account, a record or waiting, and nothing else is. */
  private async balance({ stores }: World, ledger: Ledger): Promise<void> {
    const { contracts } = this.knows;
    const books = await this.unchanged(stores);
    const all: Held = held(books, this.records, contracts);
    const states = (await stores.directory.subscriptions(10_000)).items;
    const waiting = await stores.waiting.due(Number.MAX_SAFE_INTEGER as never, 100_000);
    this.waiting.check(waiting, ledger, states, all);
    for (const name of new Set([...all.sums.keys(), ...ledger.sums.keys()])) {
      const amount = all.sums.get(name) ?? 0n;
      if (!all.isMixed(name) && !ledger.fits(name, amount))
        this.violations.push(`${name} holds ${amount}, but ${ledger.sums.get(name)?.base ?? 0n} was sent`);
    }
    const known = { ...this.knows, ledger, records: this.records };
    new AccountAudit(known, (what) => void this.violations.push(what)).check(books);
  }

  private async unchanged({ books }: World["stores"]) {
    const seen = [...this.books.books.values()];
    const stored = await Promise.all(seen.map(({ key }) => books.load(key)));
    for (const [index, book] of stored.entries())
      if (book.version !== seen[index]?.version)
        this.violations.push(`${book.key.subscriptionId} changed unseen`);
    return stored;
  }

  /** G6: what nobody could use is kept whole. */
  private async quarantined({ stores }: World, { badBodies }: Ledger): Promise<void> {
    const bodies = new Set<string>();
    for (const { id } of await stores.quarantine.list(someday as Instant, 100_000)) {
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

  /** What AWS bills is what the records say, and of every record it is known in the end what became of it. */
  private billed({ stores }: World): void {
    const records = [...stores.contents.records.values()];
    const byKey = new Map(records.map((record) => [billedKey(record.entry), record]));
    for (const [key, { quantity }] of this.knows.marketplace.billed) {
      const record = byKey.get(key);
      if (record?.entry.quantity !== quantity)
        this.violations.push(`AWS bills ${quantity} for ${key}, which no record says`);
      else if (record.outcome.state === "pending")
        this.violations.push(`AWS bills ${key}, and we do not know it`);
    }
    for (const { entry, deadlineAt, outcome } of records)
      if (outcome.state === "pending" && deadlineAt < this.knows.now())
        this.violations.push(`the record of ${billedKey(entry)} has no outcome, and its window is over`);
  }
}

/** What a run may say: our faults, others who were faster, and books that wait for what AWS has not told yet. */
const explained = [
  "could not be reached",
  "next run goes on",
  "next try goes on",
  "tries again",
  "no grant of it lies in",
  "used in no grant, as far as is known",
  "no hour left in which AWS would take",
  "the buyer's AWS account is not known yet",
  "what its contract includes",
  "by which it is metered since",
  "is paused",
  "AWS takes nothing of",
  "was rehearsed through",
  // The meter of the simulation runs seldom, and its folds come late.
  "is not folded. See",
];

/** Faults of ours, and what `core` throws so that a message comes back. */
function isExpected(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isExpected);
  if (!(error instanceof Error)) return false;
  return ("retryable" in error && error.retryable === true) || error.message.includes("goes on");
}
