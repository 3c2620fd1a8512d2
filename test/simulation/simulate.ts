import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { Auditor } from "./auditor.ts";
import { hourMs, minuteMs } from "./calendar.ts";
import { drawCatalogue } from "./catalogue.ts";
import {
  type Conditions,
  drawConditions,
  effects,
  faults,
  type Kind,
  pastMs,
  restMs,
  startWeights,
} from "./conditions.ts";
import { entitlementReader } from "./entitlements.ts";
import { Ledger } from "./ledger.ts";
import { openMarket } from "./market.ts";
import { Marketplace } from "./marketplace.ts";
import { Outside } from "./outside.ts";
import { Random } from "./random.ts";
import { Scheduler, type Worker } from "./scheduler.ts";
import { shortly } from "./text.ts";
import { Workload } from "./workload.ts";
import { makeWorld, timeoutMs, type WorkerKind, workerKinds } from "./world.ts";

export interface Outcome {
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  /** How much was done: a run in which nothing happens finds nothing. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Steps 0 to `count` − 1. */
export const allSteps = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, step) => step);

/**
 * One history of the whole system. What each step does depends on the seed, its number and the state it finds, on nothing
 * else: steps can be left out, and the others stay what they were.
 */
export async function simulate(seed: number, steps: readonly number[]): Promise<Outcome> {
  const simulation = new Simulation(seed);
  for (const step of steps) {
    await simulation.step(step);
    if (simulation.auditor.violations.length > 0) break;
  }
  if (simulation.auditor.violations.length === 0) await simulation.comeToRest();
  return simulation.outcome();
}

const mostWorkers = 12;
/** Invocations of one kind that a slice of time has room for. */
const mostStarts = 30;
/** Final windows last an hour. */
const finalMs = 2 * hourMs;

class Simulation {
  readonly auditor: Auditor;
  private readonly lines: string[] = [];
  private readonly counts: Record<string, number> = {};
  private readonly seed: number;
  private readonly conditions: Conditions;
  private now: number;
  private isResting = false;
  private random: Random;
  private readonly outside: Outside;
  private readonly ledger = new Ledger();
  private readonly workload: Workload;
  private readonly marketplace: Marketplace;
  private readonly scheduler: Scheduler;
  private readonly world;
  private current = -1;

  constructor(seed: number) {
    this.seed = seed;
    const random = new Random(seed, -1);
    this.random = random;
    const conditions = drawConditions(random);
    this.conditions = conditions;
    this.now = conditions.startsAt;
    const isCalm = conditions.weather !== "rough";
    this.count(`weather: ${conditions.weather}`);
    const catalogue = drawCatalogue(random, this.now, isCalm);
    const buyers = openMarket(catalogue, random, isCalm);
    const contracts = buyers.flatMap((buyer) => buyer.contracts);
    this.workload = new Workload(buyers, this.ledger, isCalm);
    const now = () => this.now;
    const count = (what: string) => this.count(what);
    const log = (line: string) => this.log(line);
    const often = (share: number) => () => !this.isResting && this.random.chance(share);
    this.marketplace = new Marketplace(
      contracts,
      catalogue,
      now,
      {
        identicalResend: conditions.identicalResend,
        throttles: often(conditions.throttles),
        leaves: often(conditions.leaves),
      },
      count,
    );
    this.auditor = new Auditor({
      contracts,
      catalogue,
      marketplace: this.marketplace,
      weather: conditions.weather,
      now,
      count,
    });
    this.outside = new Outside({ buyers, catalogue, isCalm }, random, {
      ...{ now, log, count },
      onFact: (fact) => void this.auditor.lifecycle.told.set(fact.id, fact),
      onPause: (code, isPaused) => this.auditor.switched("paused", code, isPaused),
    });
    this.scheduler = new Scheduler(
      (effect) => {
        const { name, given, answer, worker } = effect;
        this.count(name);
        if (effects.includes(name)) log(`${worker.name} ${name} ${shortly(given)} → ${shortly(answer)}`);
        this.auditor.saw(effect);
      },
      log,
      (worker, error) => this.auditor.failed(worker.name, error),
      count,
    );
    const lagMs = () => (isCalm || this.isResting ? 0 : this.random.pick([0, 0, 5 * minuteMs]));
    this.world = makeWorld({
      scheduler: this.scheduler,
      marketplace: this.marketplace,
      reader: entitlementReader(contracts, now, lagMs),
      configuration: (): Configuration => this.outside.configuration,
      now,
      slips: () => (this.isResting ? 0 : conditions.slips),
      refuses: often(conditions.refuses),
      onError: (worker, error) => this.auditor.failed(worker.name, error),
      onProblem: (worker, problem) => this.auditor.reported(worker.name, problem),
    });
    this.auditor.watch(this.world);
    // Some were customers before; of the others nothing is known yet.
    const before = this.now;
    for (const contract of contracts) {
      this.now = before - random.below(pastMs);
      if (random.chance(0.7)) this.outside.tellOf(contract, this.world, random);
    }
    this.now = before;
  }

  async step(number: number): Promise<void> {
    this.current = number;
    this.random = new Random(this.seed, number);
    this.now += this.random.between(1, 500);
    const kind = this.random.weighted(this.conditions.weights);
    await this.acts[kind]();
    await this.auditor.caughtUp();
  }

  private readonly acts: Record<Kind, () => Promise<void> | void> = {
    usage: () => this.outside.use(this.world, this.workload, this.random),
    fact: () => this.outside.happen(this.world, this.random),
    visit: () => this.outside.visit(this.world, this.random),
    time: () => this.pass(),
    start: () => this.start(this.random.weighted(startWeights)),
    work: () => this.work(this.random.pick([1, 3, 20, 100, 400, 1_000])),
    round: () => this.round(),
    fault: async () => {
      // By name first: the rare call is as interesting as the frequent one.
      const waiting = this.scheduler.waiting;
      const name = this.random.oneOf([...new Set(waiting.map((call) => call.name))]);
      const call = this.random.oneOf(waiting.filter((one) => one.name === name));
      if (call !== undefined) await this.scheduler.perform(call, this.random.pick(faults), this.random);
    },
    crash: () => {
      const worker = this.random.oneOf(this.scheduler.workers);
      if (worker !== undefined) this.scheduler.crash(worker, this.random);
    },
    late: () => this.scheduler.performLate(this.random),
    shards: () => this.outside.double(this.world),
    trouble: () => this.outside.trouble(this.marketplace, this.random),
    operator: () => this.outside.operate(this.world, this.marketplace, this.random),
  };

  private async start(kind: WorkerKind): Promise<void> {
    if (this.scheduler.workers.length < mostWorkers) await this.world.start(kind, this.random);
  }

  private async pass(): Promise<void> {
    if (this.conditions.weather !== "rough") {
      for (let left = this.random.between(1, 12); left > 0; left -= 1)
        await this.slice(this.random.between(1, 5));
      return;
    }
    const minutes = this.random.weighted({ "5": 6, "90": 3, "400": 1 });
    await this.jump(this.random.below(Number(minutes) * minuteMs));
  }

  /** Some who are at work come to an end before a long time passes; the others are killed, as a function is. */
  private async jump(ms: number): Promise<void> {
    if (ms > minuteMs) {
      for (const worker of [...this.scheduler.workers])
        if (this.random.chance(0.7)) await this.work(200, worker);
      while (this.random.chance(0.5)) await this.scheduler.performLate(this.random);
      this.scheduler.forgetLate();
    }
    this.now += ms;
    this.log(`it is ${new Date(this.now).toISOString()}`);
    for (const worker of [...this.scheduler.workers])
      if (this.now - worker.startedAt > timeoutMs) this.scheduler.timeOut(worker);
  }

  /** A few minutes in which everybody who is due is at work. */
  private async slice(minutes: number): Promise<void> {
    await this.jump(minutes * minuteMs);
    for (const kind of workerKinds)
      for (let count = 0; count < mostStarts && (await this.workThrough(kind)); count += 1)
        await this.auditor.caughtUp();
  }

  /** One worker, or all of them by turns, get some of what they asked for. */
  private async work(calls: number, one = this.drawWorker()): Promise<void> {
    for (let done = 0; done < calls; done += 1) {
      const worker = one ?? this.random.oneOf(this.scheduler.workers);
      const call = this.random.oneOf(worker?.calls ?? []);
      if (call === undefined) return;
      this.now += this.random.below(20);
      await this.perform(call);
    }
  }

  private drawWorker(): Worker | undefined {
    return this.random.chance(0.5) ? this.random.oneOf(this.scheduler.workers) : undefined;
  }

  private async perform(call: Scheduler["waiting"][number]): Promise<void> {
    const { sore, roughness } = this.conditions;
    const isSore = sore.has(call.name) && this.random.chance(0.3);
    if (isSore && this.random.chance(0.3)) this.scheduler.crash(call.worker, this.random);
    else {
      const fails = isSore || this.random.chance(roughness);
      await this.scheduler.perform(call, fails ? this.random.pick(faults) : "done", this.random);
    }
  }

  /** What the schedule does: the time comes, and those who turn usage into bills are called, all at once. */
  private async round(): Promise<void> {
    // Often so soon that who was at work still is.
    await this.jump(this.random.below(this.random.pick([2, 4, 40]) * minuteMs));
    const due = [
      "ingest",
      "intake",
      "relay",
      "entitlement",
      "fold",
      "fold",
      "schedule",
      "meter",
      "submit",
    ] as const;
    for (const kind of this.random.shuffled(due)) await this.start(kind);
    await this.work(600);
  }

  /** No more faults, nothing new: whoever is due runs, until nobody has anything to do and every window is over. */
  async comeToRest(): Promise<void> {
    this.isResting = true;
    this.current = -2;
    this.random = new Random(this.seed, -2);
    await this.outside.calmDown(this.world, this.marketplace);
    const until = this.now + restMs;
    for (const from = this.now; this.now < until && this.auditor.violations.length === 0;) {
      for (const queue of Object.values(this.world.queues)) queue.redrive();
      await this.finish();
      await this.slice(this.now < from + finalMs ? 9 : 115);
    }
    if (this.auditor.violations.length > 0) return;
    await this.auditor.settled(this.world, this.ledger, this.outside.configuration);
  }

  private async workThrough(kind: WorkerKind): Promise<boolean> {
    const started = await this.world.start(kind, this.random);
    await this.finish();
    // Whoever had the lease has it for a second more.
    this.now += 1_000;
    return started && kind in this.world.queues;
  }

  /** Lets everybody who is at work come to an end. */
  private async finish(): Promise<void> {
    for (let [call] = this.scheduler.waiting; call !== undefined; [call] = this.scheduler.waiting) {
      if (this.isResting) await this.scheduler.perform(call, "done", this.random);
      else await this.perform(call);
      await this.auditor.caughtUp();
    }
  }

  outcome(): Outcome {
    return { violations: this.auditor.violations, trace: this.lines, counts: this.counts };
  }

  private count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  private log(line: string): void {
    const when = new Date(this.now).toISOString().slice(5, 19);
    this.lines.push(`${this.current < 0 ? "at rest" : `#${this.current}`} ${when} ${line}`);
  }
}
