import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { Fact } from "@tollhouse/core/lifecycle/fact";
import { type Draw, marketFact } from "@tollhouse/core/memory/history";
import type { Instant } from "@tollhouse/core/time/instant";
import { hourMs, hourOf, hourText } from "./calendar.ts";
import { type Catalogue, configured, productCodes } from "./catalogue.ts";
import { type Buyer, type Contract, resolvedBuyer } from "./market.ts";
import type { Marketplace } from "./marketplace.ts";
import type { Random } from "./random.ts";
import { happen } from "./story.ts";
import type { Workload } from "./workload.ts";
import type { World } from "./world.ts";

interface Told {
  readonly now: () => number;
  readonly log: (line: string) => void;
  readonly count: (what: string) => void;
  readonly onFact: (fact: Fact) => void;
  readonly onPause: (productCode: string, isPaused: boolean) => void;
}

/** What happens to the system from outside: buyers, AWS Marketplace, the seller's services and operators. */
export class Outside {
  configuration: Configuration;
  private readonly buyers: readonly Buyer[];
  private readonly catalogue: Catalogue;
  private readonly isCalm: boolean;
  private readonly told: Told;
  private shards: Configuration["settings"]["shards"];
  private strangers = 0;

  constructor(
    market: { buyers: readonly Buyer[]; catalogue: Catalogue; isCalm: boolean },
    random: Random,
    told: Told,
  ) {
    this.buyers = market.buyers;
    this.catalogue = market.catalogue;
    this.isCalm = market.isCalm;
    this.told = told;
    this.shards = [{ fromHour: 0 as never, count: random.pick([1, 2, 4]) }];
    this.configuration = configured(this.catalogue, this.shards);
  }

  private get contracts(): readonly Contract[] {
    return this.buyers.flatMap(({ contracts }) => contracts);
  }

  /** Usage reaches the queue at once, late, or twice. */
  use({ queues }: World, workload: Workload, random: Random): void {
    const now = this.told.now();
    const body = workload.message(now, random);
    this.told.log(`sent ${body}`);
    const delay = !this.isCalm && random.chance(0.1) ? random.below(3 * hourMs) : 0;
    queues.ingest.send(body, now + delay);
    if (random.chance(0.1)) queues.ingest.send(body, now + random.below(hourMs));
  }

  /** Something happens to a contract, or strangers' facts come. */
  happen(world: World, random: Random): void {
    const contract = random.oneOf(this.contracts);
    if (contract !== undefined && random.chance(0.6)) {
      this.tellOf(contract, world, random);
      return;
    }
    // Strangers' facts come in numbers and hang together: who files one has to see the others.
    const draw = (): number => random.below(1_000);
    for (let left = random.between(1, 6); left > 0; left -= 1)
      this.tell(
        world,
        marketFact([draw(), draw(), draw(), draw()] satisfies Draw, (this.strangers += 1)),
        random,
      );
  }

  tellOf(contract: Contract, world: World, random: Random): void {
    const { catalogue, isCalm } = this;
    for (const fact of happen(contract, this.told.now(), random, { catalogue, isCalm }))
      this.tell(world, fact, random);
  }

  private tell({ queues }: World, fact: Fact, random: Random): void {
    this.told.log(`happens ${JSON.stringify(fact)}`);
    this.told.count(`market: ${fact.kind}`);
    this.told.onFact(fact);
    const times = random.pick([1, 1, 2]);
    const delay = () => (!this.isCalm && random.chance(0.3) ? random.below(2 * hourMs) : 0);
    for (let time = 0; time < times; time += 1)
      queues.intake.send(JSON.stringify(fact), this.told.now() + delay());
  }

  async visit(world: World, random: Random): Promise<void> {
    const contract = random.oneOf(this.contracts);
    if (contract === undefined) return;
    // A buyer comes back with the same token or a new one.
    const token = `${contract.account} ${random.below(3)}`;
    await world.visit(token, resolvedBuyer(contract, random));
  }

  /** An hour's shards never change: the larger count begins at an hour that no event can be of yet. */
  async double(world: World): Promise<void> {
    const last = this.shards.at(-1);
    const fromHour = hourOf(this.told.now()) + 3;
    if (last === undefined || last.count >= 16 || last.fromHour >= fromHour) return;
    this.shards = [...this.shards, { fromHour: fromHour as never, count: last.count * 2 }];
    this.configuration = configured(this.catalogue, this.shards);
    // A function that runs right after the deployment notes it; the schedule sees to that every minute.
    await world.noteShards();
    this.told.log(`shards: ${last.count * 2} from hour ${fromHour} on`);
  }

  /** AWS suspends or reinstates a buyer, or takes nothing of a product for a while. */
  trouble(marketplace: Marketplace, random: Random): void {
    const contract = random.oneOf(this.contracts);
    if (contract !== undefined && random.chance(0.5)) {
      contract.isSuspended = !contract.isSuspended;
      const what = contract.isSuspended ? "suspended" : "reinstated";
      this.said(`a buyer is ${what}`, contract.account);
      return;
    }
    const code = random.pick(productCodes);
    const isBarred = !marketplace.barred.delete(code);
    if (isBarred) marketplace.barred.add(code);
    this.said(isBarred ? "a role is lost" : "a role is there again", code);
  }

  /** Somebody stops a product or lets it go on, ends its dry run, or mends what AWS refuses. */
  async operate({ stores }: World, marketplace: Marketplace, random: Random): Promise<void> {
    const code = random.pick(productCodes);
    switch (random.weighted({ pause: 3, resume: 4, live: 2, mend: 1 })) {
      case "pause":
        this.told.onPause(code, true);
        this.said("a product is paused", code);
        await stores.switches.pause(code, "somebody looks at it", this.told.now() as Instant);
        return;
      case "resume":
        this.told.onPause(code, false);
        await stores.switches.resume(code);
        return;
      case "live":
        this.goLive(code);
        return;
      case "mend":
        marketplace.isMended = true;
    }
  }

  /** Everybody is reinstated and every product let go on. */
  async calmDown({ stores }: World, marketplace: Marketplace): Promise<void> {
    for (const contract of this.contracts) contract.isSuspended = false;
    marketplace.barred.clear();
    for (const code of productCodes) {
      this.told.onPause(code, false);
      await stores.switches.resume(code);
    }
  }

  private goLive(code: string): void {
    if (!this.catalogue.dryRun.has(code)) return;
    const startAt = hourOf(this.told.now()) + 1;
    this.catalogue.dryRun = new Set([...this.catalogue.dryRun].filter((other) => other !== code));
    this.catalogue.startAt = { ...this.catalogue.startAt, [code]: startAt };
    this.configuration = configured(this.catalogue, this.shards);
    this.said("a product goes live", `${code} from ${hourText(startAt)} on`);
  }

  private said(what: string, whose: string): void {
    this.told.count(`trouble: ${what}`);
    this.told.log(`${what}: ${whose}`);
  }
}
