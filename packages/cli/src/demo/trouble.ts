import type { Places } from "@tollhouse/local/places";
import type { Marketplace } from "./marketplace.ts";
import type { Narrator } from "./narrator.ts";

/** Functions that are killed; the registration page is not, at which a buyer's browser would find nobody. */
type Victim = "intake" | "relay" | "usage" | "fold" | "meter";

/** What goes wrong in a story on purpose, and how much longer everything takes for it. */
export interface Trouble {
  begin(): Promise<void>;
  /** Kills the workers of functions, at whatever they are. */
  kill(...names: readonly Victim[]): void;
  /** Tells what struck. */
  end(): Promise<void>;
  /** After so much time on AWS's clock its notifications have arrived. */
  readonly notifiedSeconds: number;
  /** The longest that any one step may take on the machine's clock. */
  readonly patienceSeconds: number;
  /** How fast AWS's clock runs while the final hour passes. */
  readonly finalHourRate: number;
}

export const noTrouble: Trouble = {
  begin: () => Promise.resolve(),
  kill: () => undefined,
  end: () => Promise.resolve(),
  ...{ notifiedSeconds: 120, patienceSeconds: 20, finalHourRate: 300 },
};

/** What must strike for certain, of what the mixture leaves to chance. */
const certain = [
  { on: "calls", operation: "BatchMeterUsage", fault: "throttle", next: 1 },
  { on: "calls", operation: "BatchMeterUsage", fault: "lose-answer", next: 1 },
  { on: "records", fault: "leave-unprocessed", next: 2 },
] as const;

/** Every fault of the simulator that passes by itself, and workers that are killed. */
export function chaos(
  marketplace: Marketplace,
  processes: () => Places["processes"],
  narrator: Narrator,
): Trouble {
  const killed = new Map<string, number>();
  return {
    async begin() {
      await marketplace.beginChaos(certain);
      narrator.note("AWS's stand-in repeats, delays and reorders notifications, throttles and fails calls,");
      narrator.note("loses its answers and leaves usage unprocessed; and functions are killed as they work.");
    },
    kill(...names) {
      for (const name of names) {
        const pid = processes().find((process) => process.name === name)?.pid;
        if (pid === undefined || !isKilled(pid)) continue;
        killed.set(name, (killed.get(name) ?? 0) + 1);
        narrator.note(`✗ the function ${name} is killed; another takes its place`);
      }
    },
    async end() {
      const struck = new Map<string, number>();
      for (const { on, fault, struck: times } of await marketplace.faults()) {
        const name = nameOf[`${on} ${fault}`] ?? `${on}: ${fault}`;
        struck.set(name, (struck.get(name) ?? 0) + times);
      }
      narrator.struck(Object.fromEntries(struck), Object.fromEntries(killed));
    },
    ...{ notifiedSeconds: 600, patienceSeconds: 60, finalHourRate: 120 },
  };
}

/** Whether it was there to be killed; it may be on its way up after an earlier death. */
function isKilled(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

const nameOf: Partial<Record<string, string>> = {
  "notifications repeat": "notifications sent again",
  "notifications delay": "notifications sent late",
  "notifications reorder": "notifications sent after a later one",
  "calls throttle": "calls throttled",
  "calls fail": "calls that failed at AWS",
  "calls lose-answer": "calls carried out whose answer was lost",
  "calls slow": "calls answered slowly",
  "records leave-unprocessed": "usage records left unprocessed",
  "results shuffle": "answers in another order than asked",
};
