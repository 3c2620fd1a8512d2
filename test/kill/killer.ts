import { setTimeout as pause } from "node:timers/promises";
import { type FunctionName, functions, type QueueName } from "@tollhouse/functions/manifest";
import type { World } from "@tollhouse/local/world";
import type { Random } from "../simulation/random.ts";
import { type Outside, until } from "../integration/outside.ts";

const names = Object.keys(functions) as FunctionName[];

/**
 * Deaths of one function before its queue is seen empty again: a message may be taken by each of them, and by the long poll that
 * the last left behind, before it counts as a dead letter (`maxReceives`, 5).
 */
const deathsPerRound = 3;

/** How often a queue is looked at for messages that its worker has taken; some milliseconds each. */
const looksForWork = 150;
/** A batch takes some tens of milliseconds: a kill is to fall at its begin, its middle or its end. */
const intoWorkMs = 100;
/** The world gives up a function that dies five times in a row as soon as it stands; we are no fault of its own. */
const youngDeathsInRow = 3;
const youngMs = 4_000;
/** Dead at once; were there more, those that stand would be killed again as soon as they do. */
const maxDead = 2;

const queuesOf = (name: FunctionName): readonly QueueName[] =>
  functions[name].sources.flatMap((source) => (source.kind === "queue" ? [source.queue] : []));
const hasSchedule = (name: FunctionName): boolean =>
  functions[name].sources.some(({ kind }) => kind === "schedule");
/** Those that write the ledger are hit more often, above all while they hold messages. */
const weightOf = (name: FunctionName): number =>
  !functions[name].environment.some((variable) => variable === "METERING_TABLE")
    ? 1
    : queuesOf(name).length > 0
      ? 5
      : 2;

export interface Kill {
  readonly name: FunctionName;
  /** Whether messages had been taken from its queue and not yet deleted. */
  readonly withMessages: boolean;
}

/** Kills the workers of a world's functions, one after the other, at moments that the seed and the workers' own progress decide. */
export class Killer {
  readonly kills: Kill[] = [];
  private readonly dead = new Set<number>();
  private readonly deaths = new Map<FunctionName, number>();
  private readonly seenAt = new Map<number, number>();
  private readonly youngDeaths = new Map<FunctionName, number>();
  private readonly victims: readonly FunctionName[];
  private readonly world: World;
  private readonly door: Outside;
  private readonly random: Random;

  constructor(world: World, door: Outside, random: Random, victims: readonly FunctionName[] = names) {
    this.world = world;
    this.door = door;
    this.random = random;
    this.victims = victims;
  }

  /** Call it when all queues are empty. */
  nextRound(): void {
    this.deaths.clear();
  }

  /** Kills one, at its moment, while something else goes on. Those on a schedule get their tick, unless the clock is to stand. */
  async strike(
    meanwhile: () => Promise<void> = () => Promise.resolve(),
    { clockStands = false }: { readonly clockStands?: boolean } = {},
  ): Promise<void> {
    const name = await this.chooseVictim();
    const mayWait = !(clockStands && hasSchedule(name));
    const moment = this.random.chance(0.6) && mayWait ? this.whileBusy(name) : this.whenever(name);
    const [withMessages] = await Promise.all([moment, meanwhile()]);
    const pid = this.pidOf(name);
    if (pid === undefined) throw new Error(`${name} was not there to be killed.`);
    process.kill(pid, "SIGKILL");
    this.dead.add(pid);
    this.youngDeaths.set(name, this.isYoung(pid) ? (this.youngDeaths.get(name) ?? 0) + 1 : 0);
    this.deaths.set(name, (this.deaths.get(name) ?? 0) + 1);
    this.kills.push({ name, withMessages });
  }

  /** All functions run. */
  async allUp(): Promise<void> {
    await until(
      () => `all functions to run again, of which ${this.standing().join(", ")} do`,
      () => Promise.resolve(this.standing().length === names.length),
    );
  }

  /** A moment like any other. */
  private async whenever(name: FunctionName): Promise<boolean> {
    await pause(this.random.below(250));
    return this.hasMessages(name);
  }

  /** A moment at which it probably works: soon after it took messages, or soon after a tick of its schedule. */
  private async whileBusy(name: FunctionName): Promise<boolean> {
    if (hasSchedule(name)) {
      await this.door.setClock({ advanceSeconds: 300 });
      await pause(this.random.below(400));
      return this.hasMessages(name);
    }
    for (let look = 0; look < looksForWork; look += 1) if (await this.hasMessages(name)) break;
    await pause(this.random.below(intoWorkMs));
    return this.hasMessages(name);
  }

  private async hasMessages(name: FunctionName): Promise<boolean> {
    const taken = await Promise.all(queuesOf(name).map((queue) => this.door.isTaken(queue)));
    return taken.includes(true);
  }

  private async chooseVictim(): Promise<FunctionName> {
    let choice: readonly FunctionName[] = [];
    await until(
      () => "a function that may be killed",
      () => {
        const standing = this.standing();
        choice = standing.filter((name) => this.victims.includes(name) && this.mayDie(name));
        return Promise.resolve(choice.length > 0 && standing.length > names.length - maxDead);
      },
    );
    return this.random.weighted(
      Object.fromEntries(choice.map((name) => [name, weightOf(name)])),
    ) as FunctionName;
  }

  private mayDie(name: FunctionName): boolean {
    const pid = this.pidOf(name);
    if (pid === undefined || (this.deaths.get(name) ?? 0) >= deathsPerRound) return false;
    if (!this.seenAt.has(pid)) this.seenAt.set(pid, performance.now());
    return (this.youngDeaths.get(name) ?? 0) < youngDeathsInRow || !this.isYoung(pid);
  }

  private isYoung(pid: number): boolean {
    return performance.now() - (this.seenAt.get(pid) ?? 0) < youngMs;
  }

  private readonly standing = (): readonly FunctionName[] =>
    names.filter((name) => this.pidOf(name) !== undefined);

  private pidOf(name: FunctionName): number | undefined {
    const pid = this.world.places.processes.find((process) => process.name === name)?.pid;
    return pid === undefined || this.dead.has(pid) ? undefined : pid;
  }
}
