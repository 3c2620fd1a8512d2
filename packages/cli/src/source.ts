import { resolve } from "node:path";
import { remoteClock, systemClock } from "@tollhouse/aws/clock/clock";
import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { lifecycleEntities } from "@tollhouse/aws/dynamodb/lifecycle-entity";
import { dynamoLifecycleStore } from "@tollhouse/aws/dynamodb/lifecycle-store";
import { dynamoDirectory } from "@tollhouse/aws/dynamodb/listing";
import { dynamoQuarantine } from "@tollhouse/aws/dynamodb/quarantine";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { LifecycleDirectory, LifecycleStore } from "@tollhouse/core/lifecycle/store";
import type { Quarantine } from "@tollhouse/core/quarantine/quarantine";
import type { Clock } from "@tollhouse/core/time/clock";
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

/** Which table that is. */
export type Origin =
  | { readonly kind: "local-world"; readonly table: string; readonly databaseUrl: string }
  | { readonly kind: "table"; readonly table: string; readonly region: string };

export interface SourceFlags {
  readonly table?: string | undefined;
  readonly region: string;
}

const repository = resolve(import.meta.dirname, "../../..");

/**
 * The table that was named, else that of the local world.
 * @throws StartError when no local world runs, ConfigurationError, or CommandError when the table cannot be read
 */
export async function openSource(flags: SourceFlags): Promise<{ origin: Origin; source: Source }> {
  const configuration = await loadConfiguration();
  const { origin, clock, client } = await (flags.table === undefined
    ? localWorld()
    : deployed(flags.table, flags.region));
  const entities = lifecycleEntities(client, origin.table);
  const source: Source = {
    store: dynamoLifecycleStore(entities),
    directory: dynamoDirectory(entities, client, origin.table),
    quarantine: dynamoQuarantine(client, origin.table),
    clock,
    configuration,
  };
  await assertReadable(origin, source);
  return { origin, source };
}

/** The emulator takes any credentials; these are no secret. */
const anyCredentials = { accessKeyId: "LOCAL", secretAccessKey: "local" };

async function localWorld() {
  const { databaseUrl, tableNames, simulatorUrl } = await findWorld(
    process.env["TOLLHOUSE_WORLD"] ?? repository,
  );
  return {
    origin: { kind: "local-world", table: tableNames.Lifecycle, databaseUrl } satisfies Origin,
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

/** One line is read first: whatever is wrong with names, credentials or the way there shows here. */
async function assertReadable(origin: Origin, { directory, clock }: Source): Promise<void> {
  try {
    await Promise.all([clock.now(), directory.subscriptions(1)]);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    throw new CommandError(
      "unreachable",
      `${sentence(origin)} cannot be read: ${name}: ${message}\n${remedy(origin)}`,
    );
  }
}

/** Which table it is, for people. */
export const sentence = (origin: Origin): string =>
  origin.kind === "local-world"
    ? `The local world's table ${origin.table} at ${origin.databaseUrl}`
    : `The table ${origin.table} in ${origin.region}`;

const remedy = (origin: Origin): string =>
  origin.kind === "local-world"
    ? "Is the local world just starting or ending? Look at the screen of `npm start`."
    : "Check the name, the Region (--region) and your AWS credentials, e.g. with `aws sts get-caller-identity`.";
