import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exampleConfiguration } from "@tollhouse/core/memory/example";
import type { QueueName, TableName } from "@tollhouse/functions/manifest";
import { type Child, startChild } from "@tollhouse/local/child";
import { requireJava } from "@tollhouse/local/java";
import { createQueues, createTables, tableName } from "@tollhouse/local/resource";
import getPort from "get-port";

/** Queues and tables as the local world has them, in memory, each in a process of its own. */
export interface Engine {
  readonly queuesUrl: string;
  readonly databaseUrl: string;
  readonly queueUrls: Readonly<Record<QueueName, string>>;
  readonly tableName: (table: TableName) => string;
  stop(): Promise<void>;
}

/** The example's, so that what a seller writes into tollhouse.config.ts changes no figure. */
export const configuration = exampleConfiguration;

/** @throws StartError saying what is missing on this machine; by then whatever was started has ended */
export async function startEngine(): Promise<Engine> {
  await requireJava();
  const scratch = await mkdtemp(join(tmpdir(), "tollhouse-bench-"));
  const removeScratch = () => rmSync(scratch, { recursive: true, force: true });
  // For whoever presses Ctrl-C: the children end by themselves then.
  process.once("exit", removeScratch);
  const children: Child[] = [];
  const stop = async () => {
    for (const child of children.toReversed()) await child.stop();
    removeScratch();
  };
  const start = async (module: string, port: number) => {
    const child = await startChild({
      name: module,
      module: fileURLToPath(import.meta.resolve(`@tollhouse/local/process/${module}`)),
      arguments: [String(port)],
      environment: { PATH: process.env["PATH"] ?? "", TMPDIR: scratch },
      stopped: new AbortController().signal,
      onLine: () => undefined,
      onExit: (how) => process.stderr.write(`${module} ended unasked (${how}).\n`),
    });
    children.push(child);
    return `http://127.0.0.1:${port}`;
  };
  try {
    const queuesUrl = await start("queue-server", await getPort({ host: "127.0.0.1" }));
    const databaseUrl = await start("database", await getPort());
    await createTables(configuration, databaseUrl);
    const queueUrls = await createQueues(configuration, queuesUrl);
    return {
      queuesUrl,
      databaseUrl,
      queueUrls,
      tableName: (table) => tableName(configuration, table),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
