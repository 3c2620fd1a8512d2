import { once } from "node:events";
import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { ConfigurationError } from "@tollhouse/core/configuration/configuration";
import { loadConfiguration } from "./configuration.ts";
import { StartError } from "./failure.ts";
import { claimFolder, keptFolder } from "./keep.ts";
import { describeLine } from "./log-line.ts";
import { choosePorts, familiarPorts, portCount } from "./port.ts";
import { screen } from "./screen.ts";
import { toldToEnd } from "./told-to-end.ts";
import { startWorld, type World } from "./world.ts";
import { type Announcement, announceWorld } from "./world-file.ts";

interface Flags {
  readonly keep?: string | true;
  readonly json: boolean;
  readonly withExample: boolean;
  readonly steps: boolean;
  readonly port?: number;
}

const root = resolve(import.meta.dirname, "../../..");

const lastFirstPort = 65_536 - portCount;
const firstPort = (text: string): number => {
  const port = Number(text);
  if (!Number.isInteger(port) || (port !== 0 && port < 1_024) || port > lastFirstPort)
    throw new InvalidArgumentError(`give a number from 1024 to ${lastFirstPort}, or 0 for any that are free`);
  return port;
};

const told = toldToEnd();
const flags = new Command("npm start --")
  .description(
    "Run Tollhouse on this machine: queues, database, AWS Marketplace simulator and all functions.",
  )
  .option("--keep [folder]", "keep tables, queues and simulator across runs (default folder: .tollhouse)")
  .option("--port <first>", `use ${portCount} ports in a row from this one; 0: any that are free`, firstPort)
  .option("--with-example", "run the example of a seller's app too; buyers are handed over to it", false)
  .option("--steps", "show the way from subscription to bill as commands to copy", false)
  .option("--json", "say everything as JSON lines, the log's in full", false)
  .addHelpText(
    "after",
    `
Ctrl-C ends everything. Commands find the world that runs through .tollhouse/world.json; with several, the first.

Exit codes:
  0    ended by you: Ctrl-C, SIGTERM, a closed terminal or pipe
  1    something failed; everything was ended
  2    this machine, the configuration, or a folder or port that you chose is in the way; the message says which
  130  what npm makes of 0 after Ctrl-C`,
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Flags>();

const say = (text: string, fields: Record<string, unknown> = {}) =>
  process.stdout.write(flags.json ? `${JSON.stringify({ message: text, ...fields })}\n` : `${text}\n`);

const collapsed = new AbortController();
/** The world is to end, or its start is. */
const over = AbortSignal.any([told, collapsed.signal]);
over.addEventListener("abort", () => say("Ending …"));

let announced: Announcement | undefined;

async function run(): Promise<void> {
  const configuration = await loadConfiguration();
  const keepIn = flags.keep === undefined ? undefined : keptFolder(flags.keep, root);
  const kept = keepIn === undefined ? undefined : await claimFolder(keepIn);
  try {
    const world = await startWorld({
      configuration,
      ports: await (flags.port === undefined ? familiarPorts() : choosePorts(flags.port || undefined)),
      keepIn,
      withExample: flags.withExample,
      stopped: over,
      onProgress: (what) => say(`· ${what}`),
      onLine: (name, line) => {
        if (flags.json) process.stdout.write(`${line}\n`);
        else for (const text of describeLine(name, line, process.stdout.columns)) say(text);
      },
      onRestart: (places) => {
        if (announced?.kind === "held")
          announced
            .update(places)
            .catch((error: unknown) => say(`The world file is stale: ${String(error)}`));
      },
      onCollapse: (what) => {
        process.stderr.write(`${what}; ending everything.\n`);
        collapsed.abort();
      },
    });
    if (flags.json)
      await standUntilOver(world, () => say("ready", { ready: true, pid: process.pid, ...world.places }));
    else
      await standUntilOver(world, () =>
        process.stdout.write(screen(configuration, world.places, { keptIn: keepIn, withSteps: flags.steps })),
      );
  } finally {
    await kept?.release();
  }
}

async function standUntilOver(world: World, sayReady: () => void): Promise<void> {
  try {
    announced = await announceWorld(root, world.places);
    sayReady();
    if (announced.kind === "taken")
      say(
        `Another npm start (process ${announced.pid}) was here first: commands keep talking to its world, not to this one.`,
      );
    if (!over.aborted) await once(over, "abort");
    if (announced.kind === "held") await announced.release();
  } finally {
    await world.stop();
  }
}

const isExpected = (error: unknown) => error instanceof StartError || error instanceof ConfigurationError;

/** What keeps the world from starting or standing; an end that was asked for is no failure, whatever it broke off. */
const exitCode = await run().then(
  () => (collapsed.signal.aborted ? 1 : 0),
  (error: unknown) => {
    if (over.aborted) return collapsed.signal.aborted ? 1 : 0;
    process.stderr.write(`${isExpected(error) ? (error as Error).message : (error as Error).stack}\n`);
    return isExpected(error) ? 2 : 1;
  },
);
if (over.aborted) say("Ended.");
process.exit(exitCode);
