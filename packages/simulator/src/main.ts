import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import {
  ConfigurationError,
  parseConfiguration,
  type SimulatorConfiguration,
} from "./server/configuration.ts";
import { startSimulator } from "./server/start.ts";

interface Flags {
  readonly config: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly stateFile?: string;
  readonly caFile?: string;
  readonly startAt?: string;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError("give a number from 0 to 65535");
  return port;
}

function startInstant(text: string): string {
  if (Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError("give an instant, e.g. 2026-08-20T14:00:00Z");
  return new Date(text).toISOString();
}

const flags = new Command("simulator")
  .description("AWS Marketplace in a box: the seller account's APIs and notifications, on 127.0.0.1 only")
  .requiredOption("--config <file>", "JSON file: seller, callers, roles, products, queues")
  .option("--port <number>", "port of the AWS APIs and of the control API; 0 takes a free one", portNumber, 0)
  .option("--tls-port <number>", "port that serves the SNS signing certificate", portNumber, 0)
  .option("--state-file <file>", "keep agreements, usage and the clock here across runs")
  .option("--ca-file <file>", "write the certificate here, for NODE_EXTRA_CA_CERTS")
  .option("--start-at <instant>", "where the simulated clock starts (default: machine time)", startInstant)
  .parse()
  .opts<Flags>();

function configurationOf({ config, startAt }: Flags): SimulatorConfiguration {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(config, "utf8"));
  } catch (error) {
    throw new ConfigurationError(
      `cannot read ${config}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const parsed = parseConfiguration(json);
  return startAt === undefined ? parsed : { ...parsed, clock: { ...parsed.clock, startAt } };
}

try {
  const { port, tlsPort, stateFile, caFile } = flags;
  const simulator = await startSimulator({
    configuration: configurationOf(flags),
    port,
    tlsPort,
    stateFile,
    caFile,
  });
  const stop = () => {
    void simulator.close().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  // A keyboard interrupt reaches the whole group of processes; the parent decides in which order they end.
  process.on("SIGINT", () => undefined);
  if (process.channel !== undefined) process.once("disconnect", stop);
  process.stdout.write(`${JSON.stringify({ ready: true, url: simulator.url, tlsUrl: simulator.tlsUrl })}\n`);
} catch (error) {
  process.stderr.write(`simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
