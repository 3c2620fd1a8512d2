import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseQuantity } from "@tollhouse/core/quantity/micro-units";
import type { Places } from "@tollhouse/local/places";
import { announceWorld } from "@tollhouse/local/world-file";
import * as z from "zod";

const main = join(import.meta.dirname, "../../packages/cli/bin/tollhouse.mjs");

const amount = z.string().transform((text) => {
  const units = parseQuantity(text);
  if (typeof units === "object") throw new Error(units.refused);
  return units;
});
const answerSchema = z.object({
  ...{ accepted: amount, unfolded: amount, inFlight: amount, waiting: amount, balance: amount },
  /** By outcome, and `all`; by reason, and `all`. */
  ...{ records: z.record(z.string(), amount), unbillable: z.record(z.string(), amount) },
  differences: z.array(z.string()),
});

/** What the command says of the books, and how it ended. */
export type LedgerCheck = z.output<typeof answerSchema> & { readonly exitCode: number };

/** Runs `tollhouse ledger check` as an operator would, beside a world that nobody else has announced. */
export async function ledgerCheck(places: Places): Promise<LedgerCheck> {
  const folder = await mkdtemp(join(tmpdir(), "tollhouse-check-"));
  const announced = await announceWorld(folder, places);
  try {
    const { exitCode, stdout } = await run(["ledger", "check", "--json"], { TOLLHOUSE_WORLD: folder });
    return { ...answerSchema.parse(JSON.parse(stdout)), exitCode };
  } finally {
    if (announced.kind === "held") await announced.release();
    await rm(folder, { recursive: true, force: true });
  }
}

const failureSchema = z.object({ code: z.number(), stdout: z.string() });

async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ exitCode: number; stdout: string }> {
  const env = { ...process.env, ...environment };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { env });
    return { exitCode: 0, stdout };
  } catch (error) {
    const { code, stdout } = failureSchema.parse(error);
    return { exitCode: code, stdout };
  }
}
