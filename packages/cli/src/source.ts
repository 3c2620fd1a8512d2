import { resolve } from "node:path";
import { remoteClock, systemClock } from "@tollhouse/aws/clock/clock";
import { dynamoBookHistory } from "@tollhouse/aws/dynamodb/book-history";
import { dynamoBookStore } from "@tollhouse/aws/dynamodb/book-store";
import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { dynamoFoldStore } from "@tollhouse/aws/dynamodb/fold-store";
import { dynamoLedger } from "@tollhouse/aws/dynamodb/ledger";
import { lifecycleEntities } from "@tollhouse/aws/dynamodb/lifecycle-entity";
import { dynamoLifecycleStore } from "@tollhouse/aws/dynamodb/lifecycle-store";
import { dynamoDirectory } from "@tollhouse/aws/dynamodb/listing";
import { dynamoProgress } from "@tollhouse/aws/dynamodb/progress";
import { dynamoQuarantine } from "@tollhouse/aws/dynamodb/quarantine";
import { dynamoRecordStore } from "@tollhouse/aws/dynamodb/record-store";
import { dynamoRunCounter } from "@tollhouse/aws/dynamodb/run-counter";
import { dynamoShardHistory } from "@tollhouse/aws/dynamodb/shard-history";
import { dynamoSwitches } from "@tollhouse/aws/dynamodb/switches";
import { dynamoUsageLog } from "@tollhouse/aws/dynamodb/usage-log";
import { dynamoWaitingStore } from "@tollhouse/aws/dynamodb/waiting-store";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { BookHistory } from "@tollhouse/core/ledger/book-history";
import type { LedgerReader } from "@tollhouse/core/ledger/ledger-item";
import type { LifecycleDirectory, LifecycleStore } from "@tollhouse/core/lifecycle/store";
import type { RunCounter } from "@tollhouse/core/metering/restore";
import type {
  BookStore,
  FoldStore,
  Progress,
  RecordStore,
  SwitchStore,
  WaitingStore,
} from "@tollhouse/core/metering/store";
import type { Quarantine } from "@tollhouse/core/quarantine/quarantine";
import type { Clock } from "@tollhouse/core/time/clock";
import type { UsageLog } from "@tollhouse/core/usage/usage-log";
import { loadConfiguration } from "@tollhouse/local/configuration";
import { findWorld } from "@tollhouse/local/world-file";
import { CommandError } from "./failure.ts";

/** What a command reads, and the clock that goes with it. */
export interface Source {
  readonly store: LifecycleStore;
  readonly directory: LifecycleDirectory;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  readonly configuration: Configuration;
}

type Shards = Configuration["settings"]["shards"];

/** The same, and what was used. */
export interface MeteringSource extends Source {
  readonly usageLog: UsageLog;
  readonly books: BookStore;
  readonly records: RecordStore;
  readonly waiting: WaitingStore;
  readonly folds: FoldStore;
  readonly switches: SwitchStore;
  /** How far the books have ever been complete. */
  readonly progress: Pick<Progress, "load">;
  /** How many runs of the meter the books know of, and another table. */
  readonly runs: Pick<RunCounter, "load">;
  readonly runWitness: Pick<RunCounter, "load">;
  readonly ledger: LedgerReader;
  readonly history: BookHistory;
  /** By which usage lies in the log, whatever the configuration here says. */
  readonly shards: () => Promise<Shards>;
}

/** Which table that is, or which two. */
export type Origin = { readonly table: string; readonly meteringTable?: string } & (
  | { readonly kind: "local-world"; readonly databaseUrl: string }
  | { readonly kind: "table"; readonly region: string }
);

export interface SourceFlags {
  readonly table?: string | undefined;
  readonly region: string;
}

export interface MeteringFlags extends SourceFlags {
  readonly meteringTable?: string | undefined;
}

const repository = resolve(import.meta.dirname, "../../..");

/**
 * The Lifecycle table that was named, else that of the local world.
 * @throws StartError when no local world runs, ConfigurationError, or CommandError when the table cannot be read
 */
export async function openSource(
  flags: SourceFlags,
): Promise<{ readonly origin: Origin; readonly source: Source }> {
  const configuration = await loadConfiguration();
  const place = flags.table === undefined ? await localWorld() : deployed(flags.table, flags.region);
  const source = lifecycleOf(place, configuration);
  await assertReadable(place.origin, source, [() => source.directory.subscriptions(1)]);
  return { origin: place.origin, source };
}

/**
 * Both tables that were named, else those of the local world.
 * @throws the same as `openSource`
 */
export async function openMetering(
  flags: MeteringFlags,
): Promise<{ readonly origin: Origin; readonly source: MeteringSource }> {
  const { table, meteringTable, region } = flags;
  if ((table === undefined) !== (meteringTable === undefined))
    throw new CommandError(
      "wrong-usage",
      "This reads both tables of a stack: name them with --table and --metering-table, or with TOLLHOUSE_LIFECYCLE_TABLE and TOLLHOUSE_METERING_TABLE.",
    );
  const configuration = await loadConfiguration();
  const place =
    table === undefined || meteringTable === undefined
      ? await localWorld()
      : { ...deployed(table, region), meteringTable };
  const source = {
    ...lifecycleOf(place, configuration),
    ...meteringOf(place.client, place.meteringTable, configuration),
    runWitness: dynamoRunCounter(place.client, place.origin.table),
  };
  const origin = { ...place.origin, meteringTable: place.meteringTable };
  await assertReadable(origin, source, [() => source.directory.subscriptions(1), () => source.shards()]);
  return { origin, source };
}

interface Place {
  readonly origin: Origin;
  readonly clock: Clock;
  readonly client: ReturnType<typeof makeDocumentClient>;
}

function lifecycleOf({ origin, clock, client }: Place, configuration: Configuration): Source {
  const entities = lifecycleEntities(client, origin.table);
  return {
    store: dynamoLifecycleStore(entities),
    directory: dynamoDirectory(entities, client, origin.table),
    quarantine: dynamoQuarantine(client, origin.table),
    clock,
    configuration,
  };
}

function meteringOf(
  client: Place["client"],
  table: string,
  { settings }: Configuration,
): Omit<MeteringSource, keyof Source | "runWitness"> {
  const folds = dynamoFoldStore(client, table);
  return {
    usageLog: dynamoUsageLog(client, table),
    shards: async () => (await dynamoShardHistory(client, table).load()) ?? settings.shards,
    books: dynamoBookStore(client, table),
    records: dynamoRecordStore(client, table),
    waiting: dynamoWaitingStore(client, table),
    folds,
    switches: dynamoSwitches(client, table),
    progress: dynamoProgress(client, table),
    runs: dynamoRunCounter(client, table),
    ledger: dynamoLedger(client, table, folds),
    history: dynamoBookHistory(client, table),
  };
}

/** The emulator takes any credentials; these are no secret. */
const anyCredentials = { accessKeyId: "LOCAL", secretAccessKey: "local" };

async function localWorld() {
  const { databaseUrl, tableNames, simulatorUrl } = await findWorld(
    process.env["TOLLHOUSE_WORLD"] ?? repository,
  );
  return {
    origin: { kind: "local-world", table: tableNames.Lifecycle, databaseUrl } satisfies Origin,
    meteringTable: tableNames.Metering,
    clock: remoteClock(`${simulatorUrl}/_simulator/clock`),
    client: makeDocumentClient({
      endpoint: databaseUrl,
      region: "us-east-1",
      credentials: anyCredentials,
    }),
  };
}

const deployed = (table: string, region: string) => ({
  origin: { kind: "table", table, region } satisfies Origin,
  clock: systemClock,
  client: makeDocumentClient({ region }),
});

/** One line of each table is read first: whatever is wrong with names, credentials or the way there shows here. */
async function assertReadable(
  origin: Origin,
  { clock }: Source,
  reads: readonly (() => Promise<unknown>)[],
): Promise<void> {
  try {
    await Promise.all([clock.now(), ...reads.map((read) => read())]);
  } catch (error) {
    throw unreachable(origin, error);
  }
}

/** What to tell people when a read fails that nothing is wrong with but the way there, or what it is allowed. */
export function unreachable(origin: Origin, error: unknown): CommandError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new CommandError(
    "unreachable",
    `${sentence(origin)} cannot be read: ${name}: ${message}\n${remedy(origin)}`,
  );
}

/** Which tables it is, for people. */
export function sentence({ table, meteringTable, ...origin }: Origin): string {
  const tables = meteringTable === undefined ? `table ${table}` : `tables ${table} and ${meteringTable}`;
  return origin.kind === "local-world"
    ? `The local world's ${tables} at ${origin.databaseUrl}`
    : `The ${tables} in ${origin.region}`;
}

const remedy = (origin: Origin): string =>
  origin.kind === "local-world"
    ? "Is the local world just starting or ending? Look at the screen of `npm start`."
    : "Check the names, the Region (--region) and your AWS credentials, e.g. with `aws sts get-caller-identity`.";
