import { Command, CommanderError, InvalidArgumentError } from "commander";
import { readSteps } from "./shrink.ts";
import { allSteps } from "./simulate.ts";

export interface Request {
  readonly seeds: readonly number[];
  readonly steps: readonly number[];
  readonly json: boolean;
  readonly shrinks: boolean;
  /** The whole trace, even of a run that finds nothing. */
  readonly trace: boolean;
}

const mostSteps = 100_000;

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Give a whole number.");
  return Number(text);
}

function steps(text: string): readonly number[] {
  const read = readSteps(text);
  if (read === undefined) throw new InvalidArgumentError("Give steps and spans of them, e.g. 3,17-20.");
  return read;
}

/** @param freshSeed where to begin when nobody says */
export function readArguments(
  args: readonly string[],
  freshSeed: number,
): { request: Request } | { exitCode: 0 | 2 } {
  const command = new Command("npm run sim --")
    .description(
      "Runs the whole system in memory under faults, and checks that nothing is lost, doubled or changed.",
    )
    .option("--seed <number>", "first seed; a fresh one when left out", count, freshSeed)
    .option("--runs <number>", "how many seeds, one after the other", count)
    .option("--steps <number>", "steps of each run", count, 400)
    .option("--keep <steps>", "only these steps of the run, e.g. 3,17-20, as a shrunk run prints them", steps)
    .option("--no-shrink", "print the failing run as it is")
    .option("--trace", "print the trace of every run")
    .option("--json", "print one JSON object for each run")
    .addHelpText(
      "after",
      `
The same seed and steps give the same trace, on every machine. Without --seed, 60 runs from a seed of the clock.

Exit codes:
  0  nothing was violated
  1  a guarantee was violated; the seed, the trace and the command that repeats it are printed
  2  wrong arguments`,
    )
    .exitOverride()
    .showHelpAfterError("(npm run sim -- --help shows how)");
  try {
    command.parse([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2 };
    throw error;
  }
  const given = command.opts<{
    seed: number;
    runs?: number;
    steps: number;
    keep?: readonly number[];
    shrink: boolean;
    trace?: true;
    json?: true;
  }>();
  if (given.steps > mostSteps || command.args.length > 0) {
    process.stderr.write(`Give at most ${mostSteps} steps, and nothing but options.\n`);
    return { exitCode: 2 };
  }
  const isSeeded = command.getOptionValueSource("seed") === "cli";
  const runs = given.runs ?? (isSeeded ? 1 : 60);
  return {
    request: {
      seeds: Array.from({ length: runs }, (_, run) => given.seed + run),
      steps: given.keep ?? allSteps(given.steps),
      json: given.json ?? false,
      shrinks: given.shrink,
      trace: given.trace ?? false,
    },
  };
}
