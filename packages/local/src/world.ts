import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { resourceName } from "@tollhouse/aws/seller/duty";
import { metricNamespace } from "@tollhouse/aws/metric/metric";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { environmentOf, type FunctionName, functions, type TableName } from "@tollhouse/functions/manifest";
import { newBuyerKeys } from "./buyer-keys.ts";
import { type Child, startChild } from "./child.ts";
import { compiledFolder } from "./compiled-folder.ts";
import { requireJava } from "./java.ts";
import { keepRunning } from "./keep-running.ts";
import type { Ports } from "./port.ts";
import { type LocalQueue, type Places, sellerEventsQueue } from "./places.ts";
import { linkedSecrets } from "./secret.ts";
import { sellerPages } from "./seller-page.ts";
import {
  createQueues,
  createTables,
  installationOf,
  longestVisibilitySeconds,
  stageName,
  tableName,
} from "./resource.ts";
import { functionKeys, simulatorConfiguration } from "./seller.ts";

export interface WorldOptions {
  readonly configuration: Configuration;
  readonly ports: Ports;
  /** A claimed folder, for tables, queues and the simulator; left out, they are gone at the end. */
  readonly keepIn?: string | undefined;
  /** After how long, at most, a message comes back whose worker died; left out, after a quarter of a minute. */
  readonly visibilitySeconds?: number | undefined;
  /** What the functions find in their environment besides; options of Node, above all. */
  readonly functionEnvironment?: Readonly<Record<string, string>> | undefined;
  /** Whether the example of a seller's app runs beside it, to which buyers are handed over. */
  readonly withExample?: boolean | undefined;
  /** Which of AWS's readings the simulator keeps to where its pages disagree; those left out are the simulator's own choice. */
  readonly conflicts?: Readonly<Record<string, string>> | undefined;
  /** Ends the start; a world that stands is ended with `stop`. */
  readonly stopped: AbortSignal;
  /** Told what is being done, for people. */
  readonly onProgress: (what: string) => void;
  /** Told every line that a process writes. */
  readonly onLine: (process: string, line: string) => void;
  /** Told where everything is once a function's worker that died runs again. */
  readonly onRestart?: ((places: Places) => void) | undefined;
  /** Told when something ended that must not; the world is of no use any more. */
  readonly onCollapse: (what: string) => void;
}

/** The running local world, and how to end it. */
export interface World {
  /** As it is now: a function's worker that died runs again under another process id. */
  readonly places: Places;
  readonly stop: () => Promise<void>;
}

/** So long at most a meter that died holds up the next; on AWS it is a minute, of which an hour has more. */
const leaseSeconds = 10;

/** The emulators take any credentials; these are no secret. */
const servicesKeys = { AWS_ACCESS_KEY_ID: "LOCAL", AWS_SECRET_ACCESS_KEY: "local" };

const exampleModule = resolve(import.meta.dirname, "../../../examples/seller-app/src/main.ts");

const local = (file: string) => resolve(import.meta.dirname, "process", file);

/**
 * Starts queues, database, simulator and one worker a function, each in a process of its own, all on loopback but for
 * DynamoDB Local, which has no choice. A worker that dies is started again; when anything else does, the world is over.
 * @throws StartError saying what is missing on this machine, or whatever `stopped` was aborted with; by then all that was
 * started has ended and left nothing behind
 */
export async function startWorld(options: WorldOptions): Promise<World> {
  await requireJava();
  const scratch = await mkdtemp(join(tmpdir(), "tollhouse-"));
  const children: Child[] = [];
  const stop = async () => {
    for (const child of children.toReversed()) await child.stop();
    await rm(scratch, { recursive: true, force: true });
  };
  try {
    return await raise(options, scratch, children, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function raise(
  options: WorldOptions,
  scratch: string,
  children: Child[],
  stop: () => Promise<void>,
): Promise<World> {
  const { configuration, ports, keepIn, visibilitySeconds, functionEnvironment, conflicts, stopped } =
    options;
  const { withExample } = options;
  const { onProgress, onLine, onRestart, onCollapse } = options;
  const tell = (what: string) => {
    stopped.throwIfAborted();
    onProgress(what);
  };
  const command = (
    name: string,
    module: string,
    args: readonly string[],
    environment: Record<string, string> = {},
  ) => ({
    name,
    module,
    arguments: args,
    environment: {
      PATH: process.env["PATH"] ?? "",
      TMPDIR: scratch,
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? compiledFolder,
      ...environment,
    },
    stopped,
    onLine: (line: string) => onLine(name, line),
  });
  const start = async (...what: Parameters<typeof command>) => {
    const onExit = (how: string) => onCollapse(`${what[0]} ended unasked (${how})`);
    children.push(await startChild({ ...command(...what), onExit }));
  };
  const kept = (name: string) => (keepIn === undefined ? undefined : join(keepIn, name));
  const queuesUrl = `http://127.0.0.1:${ports.queues}`;
  const databaseUrl = `http://127.0.0.1:${ports.database}`;
  const simulatorUrl = `http://127.0.0.1:${ports.simulator}`;
  const registrationUrl = `http://127.0.0.1:${ports.registration}/register`;
  const outsideUrl = `http://127.0.0.1:${ports.inbox}`;
  const exampleUrl = `http://127.0.0.1:${ports.example}`;

  tell("Starting queues (fauxqs), DynamoDB Local and an inbox");
  await allStarted([
    start("outside", local("outside.ts"), [String(ports.inbox)]),
    start("queues", local("queue-server.ts"), [String(ports.queues), ...given(kept("queues"))]),
    start("database", local("database.ts"), [String(ports.database), ...given(kept("database"))]),
  ]);
  tell("Making tables and queues");
  const [queueUrls] = await Promise.all([
    createQueues(configuration, queuesUrl, visibilitySeconds),
    createTables(configuration, databaseUrl),
  ]);

  tell("Starting the AWS Marketplace simulator");
  const keys = functionKeys(configuration);
  const settingsFile = join(scratch, "simulator.json");
  const settings = simulatorConfiguration(configuration, keys, {
    registrationUrl,
    queuesUrl,
    intakeQueueUrl: queueUrls.Intake,
    busName: stageName(configuration),
    sellerEventsQueueUrl: queueUrls[sellerEventsQueue],
    usageQueueUrl: queueUrls.Usage,
  });
  await writeFile(settingsFile, JSON.stringify({ ...settings, conflicts }), { mode: 0o600 });
  const stateFile = kept("simulator.json");
  await start("simulator", fileURLToPath(import.meta.resolve("@tollhouse/simulator/main")), [
    ...[
      "--config",
      settingsFile,
      "--port",
      String(ports.simulator),
      "--tls-port",
      String(ports.simulatorTls),
    ],
    ...["--ca-file", join(scratch, "simulator-ca.pem")],
    ...(stateFile === undefined ? [] : ["--state-file", stateFile]),
  ]);

  tell(`Starting ${Object.keys(functions).length} functions`);
  const environment = {
    AWS_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ENDPOINT_URL: simulatorUrl,
    AWS_ENDPOINT_URL_SQS: queuesUrl,
    AWS_ENDPOINT_URL_DYNAMODB: databaseUrl,
    NODE_EXTRA_CA_CERTS: join(scratch, "simulator-ca.pem"),
    TOLLHOUSE_LEASE_SECONDS: String(leaseSeconds),
    TOLLHOUSE_VISIBILITY_SECONDS: String(visibilitySeconds ?? longestVisibilitySeconds),
    AWS_ENDPOINT_URL_SESV2: outsideUrl,
    ...sellerPages(configuration, outsideUrl, withExample === true ? exampleUrl : undefined),
    TOLLHOUSE_CLOCK_URL: `${simulatorUrl}/_simulator/clock`,
    TOLLHOUSE_SNS_CERTIFICATE_ORIGIN: `https://127.0.0.1:${ports.simulatorTls}`,
  };
  // On AWS one API serves all routes; here each function has a port of its own.
  const httpPorts: Partial<Record<FunctionName, number>> = {
    registration: ports.registration,
    webhook: ports.webhook,
    collector: ports.usage,
    access: ports.access,
    doctor: ports.lambda,
  };
  const place = {
    stage: "local",
    metricNamespace: metricNamespace({ name: configuration.name, stage: "local" }),
    tableName: (table: TableName) => tableName(configuration, table),
    queueUrl: (queue: LocalQueue) => queueUrls[queue],
    busName: () => stageName(configuration),
    registrationUrl: () => registrationUrl,
  };
  const fullName = (name: FunctionName) => resourceName(installationOf(configuration), name);
  const places = (): Places => ({
    storefrontUrl: `${simulatorUrl}/storefront`,
    registrationUrl,
    webhookUrl: `http://127.0.0.1:${ports.webhook}/sns`,
    usageUrl: `http://127.0.0.1:${ports.usage}/usage`,
    accessUrl: `http://127.0.0.1:${ports.access}/access`,
    inboxUrl: outsideUrl,
    ...(withExample === true && { exampleUrl }),
    lambdaUrl: `http://127.0.0.1:${ports.lambda}`,
    doctorName: fullName("doctor"),
    simulatorUrl,
    queuesUrl,
    databaseUrl,
    queueUrls,
    tableNames: {
      Lifecycle: tableName(configuration, "Lifecycle"),
      Metering: tableName(configuration, "Metering"),
    },
    busName: stageName(configuration),
    processes: children.map(({ name, pid }) => ({ name, pid })),
  });
  const keep = async (...what: Parameters<typeof command>) => {
    const restarts = { onRestart: () => onRestart?.(places()), onGivenUp: onCollapse };
    children.push(await keepRunning({ ...command(...what), ...restarts }));
  };
  const secrets = { BuyerTokenKeys: newBuyerKeys() };
  const workerSettings = (name: FunctionName) =>
    JSON.stringify({ port: httpPorts[name] ?? 0, fullName: fullName(name), queueUrls });
  await allStarted(
    (Object.keys(functions) as FunctionName[]).map((name) =>
      keep(name, local("worker.ts"), [name, workerSettings(name)], {
        ...environment,
        AWS_ACCESS_KEY_ID: keys[name].accessKeyId,
        AWS_SECRET_ACCESS_KEY: keys[name].secretAccessKey,
        ...environmentOf(name, place),
        ...linkedSecrets(name, secrets),
        ...functionEnvironment,
      }),
    ),
  );
  if (withExample === true) {
    tell("Starting the example of a seller's app");
    const { registrationUrl: page, usageUrl, accessUrl } = places();
    await start("example", exampleModule, [], {
      AWS_REGION: "us-east-1",
      AWS_ENDPOINT_URL_SQS: queuesUrl,
      ...servicesKeys,
      PORT: String(ports.example),
      PUBLIC_URL: exampleUrl,
      TOLLHOUSE_ISSUER: new URL(page).origin,
      TOLLHOUSE_USAGE_URL: usageUrl,
      TOLLHOUSE_ACCESS_URL: accessUrl,
      TOLLHOUSE_EVENTS_QUEUE_URL: queueUrls[sellerEventsQueue],
      TOLLHOUSE_CLOCK_URL: `${simulatorUrl}/_simulator/clock`,
    });
  }
  return {
    get places() {
      return places();
    },
    stop,
  };
}

/** Waits for every one, also when one has failed: only what has started can be ended. @throws the first failure */
async function allStarted(starting: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(starting))
    if (result.status === "rejected") throw result.reason;
}

const given = (value: string | undefined): string[] => (value === undefined ? [] : [value]);
