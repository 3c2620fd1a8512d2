import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { Fact } from "@tollhouse/core/lifecycle/fact";
import { exampleConfiguration } from "@tollhouse/core/memory/example";
import { type Draw, marketFact } from "@tollhouse/core/memory/history";
import { Auditor } from "./auditor.ts";
import { Ledger } from "./ledger.ts";
import { happen, openMarket, resolvedBuyer } from "./market.ts";
import { Marketplace } from "./marketplace.ts";
import { Random } from "./random.ts";
import { type Fate, Scheduler } from "./scheduler.ts";
import { Workload } from "./workload.ts";
import { makeWorld, type WorkerKind, workerKinds } from "./world.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

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

type Kind =
  "usage" | "fact" | "visit" | "time" | "start" | "work" | "round" | "fault" | "crash" | "late" | "shards";

/** How often what happens; drawn for each seed, so that some runs are calm and some are not. */
function drawWeights(random: Random): Record<Kind, number> {
  const faulty = random.pick([0, 1, 1, 3]);
  return {
    usage: random.between(4, 16),
    fact: random.between(1, 4),
    visit: random.between(1, 3),
    time: random.between(2, 9),
    start: random.between(8, 24),
    work: random.between(20, 80),
    round: random.between(2, 10),
    fault: faulty * random.between(2, 10),
    crash: faulty * random.between(0, 4),
    late: faulty * random.between(1, 4),
    shards: random.pick([0, 1]),
  };
}

const mostWorkers = 12;

const startWeights: Record<WorkerKind, number> = {
  ingest: 4,
  intake: 4,
  relay: 2,
  entitlement: 1,
  attribute: 2,
  meter: 5,
  fold: 6,
  submit: 2,
};

/** Final windows last an hour, and usage that waits is looked at again within six, whatever became of the request. */
const restMinutes = [1, 20, 20, 20, 20, 90, 370, 20, 20];

/** Calls after which the world is another. */
const effects = [
  "aws.submit",
  "books.post",
  "books.seal",
  "bus.publish",
  "folds.close",
  "folds.open",
  "lifecycle.commit",
  "outbox.done",
  "quarantine.put",
  "records.conclude",
  "records.countAttempt",
  "records.postpone",
  "usageLog.putMarks",
  "usageLog.putSegments",
  "usageLog.removeMark",
  "waiting.put",
  "waiting.settle",
];

const faults: readonly [Fate, ...Fate[]] = [
  "fails-before",
  "fails-after",
  "fails-after",
  "fails-late",
  "fails-midway",
  "lags",
];
const starts = ["2026-08-20T12:00:00Z", "2026-08-31T18:30:00Z", "2026-12-31T22:59:30Z"] as const;

class Simulation {
  readonly auditor: Auditor;
  private readonly lines: string[] = [];
  private readonly counts: Record<string, number> = {};
  private readonly seed: number;
  private readonly weights: Record<Kind, number>;
  private now: number;
  private isCalm = false;
  private random: Random;
  private readonly buyers;
  private readonly ledger = new Ledger();
  private readonly workload: Workload;
  private readonly marketplace: Marketplace;
  private readonly scheduler: Scheduler;
  private readonly world;
  /** How likely any call has another fate than it should. */
  private readonly roughness: number;
  /** Where this seed looks most closely: calls that often go wrong. */
  private readonly sore: ReadonlySet<string>;
  private shards: Configuration["settings"]["shards"];
  private configuration: Configuration;
  private strangers = 0;
  private current = -1;

  constructor(seed: number) {
    this.seed = seed;
    const random = new Random(seed, -1);
    this.random = random;
    this.now = Date.parse(random.pick(starts)) + random.below(hourMs);
    this.weights = drawWeights(random);
    const sores = this.weights.fault === 0 ? 0 : random.between(0, 9);
    this.sore = new Set(random.shuffled(effects).slice(0, sores));
    // The one call that costs money when its answer is lost.
    if (sores > 0) this.sore = new Set([...this.sore, "aws.submit"]);
    this.roughness = this.weights.fault === 0 ? 0 : random.pick([0, 0.01, 0.05]);
    this.buyers = openMarket(random);
    const contracts = this.buyers.flatMap((buyer) => buyer.contracts);
    this.shards = [{ fromHour: 0 as never, count: random.pick([1, 2, 4]) }];
    this.configuration = this.configured();
    this.workload = new Workload(this.buyers, this.ledger);
    const now = () => this.now;
    const throttles = random.pick([0, 0.1, 0.5]);
    this.marketplace = new Marketplace(
      contracts,
      now,
      random.pick(["success", "duplicate", "duplicate"]),
      () => !this.isCalm && this.random.chance(throttles),
    );
    this.auditor = new Auditor(contracts, this.marketplace, now);
    this.scheduler = new Scheduler(
      (name, given, answer, { name: worker, startedAt }) => {
        this.count(name);
        if (effects.includes(name)) this.log(`${worker} ${name} ${shortly(given)} → ${shortly(answer)}`);
        this.auditor.saw(name, given, answer, startedAt);
      },
      (line) => this.log(line),
      (worker, error) => this.auditor.failed(worker.name, error),
    );
    const slips = random.pick([0, 0.1]);
    const refuses = random.pick([0, 0.2]);
    this.world = makeWorld({
      scheduler: this.scheduler,
      marketplace: this.marketplace,
      configuration: () => this.configuration,
      now,
      slips: () => (this.isCalm ? 0 : slips),
      isCalm: () => this.isCalm,
      refuses: () => !this.isCalm && this.random.chance(refuses),
      onError: (worker, error) => this.auditor.failed(worker.name, error),
      onProblem: (worker, problem) => this.auditor.reported(worker.name, problem),
    });
    this.auditor.watch(this.world);
    // Some were customers before; of the others nothing is known yet.
    const before = this.now;
    for (const contract of contracts) {
      this.now = before - random.below(30 * hourMs);
      if (random.chance(0.7)) this.tell(happen(contract, this.now, random));
    }
    this.now = before;
  }

  async step(number: number): Promise<void> {
    this.current = number;
    this.random = new Random(this.seed, number);
    this.now += this.random.between(1, 500);
    const kind = this.random.weighted(this.weights);
    await this.acts[kind]();
    await this.auditor.caughtUp();
  }

  private readonly acts: Record<Kind, () => Promise<void> | void> = {
    usage: () => this.use(),
    fact: () => this.happen(),
    visit: () => this.visit(),
    time: () => this.pass(),
    start: async () => {
      const kind = this.random.weighted(startWeights);
      if (this.scheduler.workers.length < mostWorkers) await this.world.start(kind, this.random);
    },
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
    shards: () => this.double(),
  };

  /** Usage reaches the queue at once, late, or twice. */
  private use(): void {
    const body = this.workload.message(this.now, this.random);
    this.log(`sent ${body}`);
    const delay = this.random.chance(0.1) ? this.random.below(3 * hourMs) : 0;
    this.world.queues.ingest.send(body, this.now + delay);
    if (this.random.chance(0.1)) this.world.queues.ingest.send(body, this.now + this.random.below(hourMs));
  }

  private happen(): void {
    const contract = this.random.oneOf(this.buyers.flatMap(({ contracts }) => contracts));
    if (contract !== undefined && this.random.chance(0.6)) {
      this.tell(happen(contract, this.now, this.random));
      return;
    }
    // Strangers' facts come in numbers and hang together: who files one has to see the others.
    const draw = (): number => this.random.below(1_000);
    for (let left = this.random.between(1, 6); left > 0; left -= 1)
      this.tell(marketFact([draw(), draw(), draw(), draw()] satisfies Draw, (this.strangers += 1)));
  }

  private tell(fact: Fact | undefined): void {
    if (fact === undefined) return;
    this.log(`happens ${JSON.stringify(fact)}`);
    this.auditor.lifecycle.told.set(fact.id, fact);
    const times = this.random.pick([1, 1, 2]);
    for (let time = 0; time < times; time += 1)
      this.world.queues.intake.send(
        JSON.stringify(fact),
        this.now + (this.random.chance(0.3) ? this.random.below(2 * hourMs) : 0),
      );
  }

  private async visit(): Promise<void> {
    const contract = this.random.oneOf(this.buyers.flatMap(({ contracts }) => contracts));
    if (contract === undefined) return;
    // A buyer comes back with the same token or a new one.
    const token = `${contract.account} ${this.random.below(3)}`;
    await this.world.visit(token, resolvedBuyer(contract, this.random));
  }

  private pass(): void {
    const minutes = this.random.weighted({ "5": 6, "90": 3, "400": 1 });
    this.now += this.random.below(Number(minutes) * minuteMs);
    this.log(`it is ${new Date(this.now).toISOString()}`);
  }

  /** One worker, or all of them by turns, get some of what they asked for. */
  private async work(calls: number): Promise<void> {
    const one = this.random.chance(0.5) ? this.random.oneOf(this.scheduler.workers) : undefined;
    for (let done = 0; done < calls; done += 1) {
      const worker = one ?? this.random.oneOf(this.scheduler.workers);
      const call = this.random.oneOf(worker?.calls ?? []);
      if (call === undefined) return;
      this.now += this.random.below(20);
      const isSore = this.sore.has(call.name) && this.random.chance(0.3);
      if (isSore && this.random.chance(0.3)) this.scheduler.crash(call.worker, this.random);
      else {
        const fails = isSore || this.random.chance(this.roughness);
        await this.scheduler.perform(call, fails ? this.random.pick(faults) : "done", this.random);
      }
    }
  }

  /** What the schedule does: the time comes, and those who turn usage into bills are called, all at once. */
  private async round(): Promise<void> {
    this.now += this.random.below(40 * minuteMs);
    for (const kind of this.random.shuffled(["ingest", "intake", "fold", "fold", "meter", "submit"] as const))
      if (this.scheduler.workers.length < mostWorkers) await this.world.start(kind, this.random);
    await this.work(600);
  }

  /** An hour's shards never change: the larger count begins at an hour that no event can be of yet. */
  private async double(): Promise<void> {
    const last = this.shards.at(-1);
    const fromHour = Math.floor(this.now / hourMs) + 3;
    if (last === undefined || last.count >= 16 || last.fromHour >= fromHour) return;
    this.shards = [...this.shards, { fromHour: fromHour as never, count: last.count * 2 }];
    this.configuration = this.configured();
    // A function that runs right after the deployment notes it; the schedule sees to that every minute.
    await this.world.noteShards();
    this.log(`shards: ${last.count * 2} from hour ${fromHour} on`);
  }

  private configured(): Configuration {
    const { settings } = exampleConfiguration;
    return { ...exampleConfiguration, settings: { ...settings, shards: this.shards } };
  }

  /** No more faults, nothing new: whoever is due runs, until nobody has anything to do and every window is over. */
  async comeToRest(): Promise<void> {
    this.isCalm = true;
    this.current = -2;
    this.random = new Random(this.seed, -2);
    for (const minutes of restMinutes) {
      for (const queue of Object.values(this.world.queues)) queue.redrive();
      await this.finish();
      for (const kind of workerKinds) while (await this.workThrough(kind));
      this.now += minutes * minuteMs;
      if (this.auditor.violations.length > 0) return;
    }
    await this.auditor.settled(this.world, this.ledger, this.marketplace, this.configuration);
  }

  private async workThrough(kind: (typeof workerKinds)[number]): Promise<boolean> {
    const started = await this.world.start(kind, this.random);
    await this.finish();
    return started && kind in this.world.queues;
  }

  /** Lets everybody who is at work come to an end. */
  private async finish(): Promise<void> {
    for (let [call] = this.scheduler.waiting; call !== undefined; [call] = this.scheduler.waiting) {
      await this.scheduler.perform(call, "done", this.random);
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

const longest = 200;

/** What was given or answered, as far as one line of a trace holds it. */
function shortly(value: unknown): string {
  const text = JSON.stringify(value, (key, part: unknown) => {
    if (key === "bytes") return "…";
    if (typeof part === "bigint") return part.toString();
    if (part instanceof Map) return Object.fromEntries(part as Map<string, unknown>);
    return part instanceof Set ? [...(part as Set<unknown>)] : part;
  }) as string | undefined;
  return text === undefined || text.length <= longest ? (text ?? "") : `${text.slice(0, longest)}…`;
}
