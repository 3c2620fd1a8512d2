import { join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { ConfigurationError } from "@tollhouse/core/configuration/configuration";
import { StartError } from "./failure.ts";
import { choosePorts, familiarPorts } from "./port.ts";
import { describeLine, screen } from "./screen.ts";
import { startWorld, type World } from "./world.ts";

interface Flags {
  readonly keep?: string | true;
  readonly json: boolean;
  readonly port?: number;
}

const root = resolve(import.meta.dirname, "../../..");

const firstPort = (text: string): number => {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1_024 || port > 65_531)
    throw new InvalidArgumentError("give a number from 1024 to 65531");
  return port;
};

const flags = new Command("npm start --")
  .description(
    "Run Tollhouse on this machine: queues, database, AWS Marketplace simulator and all functions.",
  )
  .option("--keep [folder]", "keep tables, queues and simulator across runs (default folder: .tollhouse)")
  .option("--port <first>", "use five ports in a row from this one", firstPort)
  .option("--json", "say everything as JSON lines", false)
  .addHelpText(
    "after",
    "\nCtrl-C ends everything. Exit codes: 0 ended by you, 1 something failed, 2 this machine lacks something.",
  )
  .parse()
  .opts<Flags>();

const say = (text: string, fields: Record<string, unknown> = {}) =>
  process.stdout.write(flags.json ? `${JSON.stringify({ message: text, ...fields })}\n` : `${text}\n`);

/** `undefined`: nothing is kept. */
const keepIn =
  flags.keep === undefined ? undefined : resolve(flags.keep === true ? join(root, ".tollhouse") : flags.keep);

let world: World | undefined;
let ending = false;

async function end(exitCode: number): Promise<void> {
  if (ending) return;
  ending = true;
  say("Ending …");
  await world?.stop();
  say("Ended.");
  process.exit(exitCode);
}

process.once("SIGINT", () => void end(0));
process.once("SIGTERM", () => void end(0));

try {
  const { default: configuration } = await import("../../../tollhouse.config.ts");
  world = await startWorld({
    configuration,
    ports: await (flags.port === undefined ? familiarPorts() : choosePorts(flags.port)),
    keepIn,
    onProgress: (what) => say(`· ${what}`),
    onLine: (name, line) => {
      if (flags.json) process.stdout.write(`${line}\n`);
      else for (const text of describeLine(name, line)) process.stdout.write(`${text}\n`);
    },
    onCollapse: (what) => {
      process.stderr.write(`${what}; ending everything.\n`);
      void end(1);
    },
  });
  if (flags.json) say("ready", { ready: true, ...world.places });
  else process.stdout.write(screen(configuration, world.places, keepIn));
} catch (error) {
  const expected = error instanceof StartError || error instanceof ConfigurationError;
  process.stderr.write(`${expected ? error.message : (error as Error).stack}\n`);
  process.exit(expected ? 2 : 1);
}
