import { execFile } from "node:child_process";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { promisify } from "node:util";
import * as z from "zod";

/** What the figures depend on; nothing that says whose machine it is. */
export const machineSchema = z.object({
  cpu: z.string(),
  cores: z.number(),
  memoryGib: z.number(),
  node: z.string(),
  java: z.string(),
  /** Processes that wanted a core during the minute before; well under the number of cores on a quiet machine. */
  loadBefore: z.number(),
});
export type Machine = z.output<typeof machineSchema>;

export async function describeMachine(): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    java: await javaVersion(),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** Java prints its version on its error stream. */
async function javaVersion(): Promise<string> {
  try {
    const { stderr } = await promisify(execFile)("java", ["-version"], { timeout: 20_000 });
    return /version "([^"]+)"/.exec(stderr)?.[1] ?? "unknown";
  } catch {
    return "none";
  }
}
