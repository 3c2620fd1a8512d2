import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Overlay } from "./compile.ts";
import type { Inputs } from "./fake-aws.ts";
import { root } from "./platform.ts";
import type { Resource } from "./record.ts";
import type { Build } from "./rpc.ts";

export interface Order {
  readonly stage: string;
  /** The account whose credentials deploy. */
  readonly account: string;
  readonly overlay: Overlay;
}

/** What a deploy would make, or why it would not. */
export interface Synthesis {
  readonly app: { name: string; stage: string; removal: string; protect: boolean };
  readonly resources: Resource[];
  readonly builds: Build[];
  readonly stackOutputs: Inputs;
  readonly errors: string[];
}

/** Production's account in the repository's `tollhouse.config.ts`. */
export const productionAccount = "444455556666";

/** The stack's secrets, as SST's CLI hands them to the program. */
export const secretValues = { SST_SECRET_BuyerTokenKeys: "a-secret-that-nobody-knows" };

/** Runs the whole SST program in a process of its own, in 2 to 4 seconds. */
export function synth(stage: string, order: Partial<Order> = {}): Promise<Synthesis> {
  const complete: Order = { account: productionAccount, overlay: {}, ...order, stage };
  const child = fork(path.join(import.meta.dirname, "main.ts"), [JSON.stringify(complete)], {
    // Pulumi takes down a stack trace with every promise, which would be a quarter of the time.
    execArgv: ["--stack-trace-limit=0"],
    // Each compiles a program of its own: kept, those of one run of the tests would be 300 MB.
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1", ...secretValues },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let complaints = "";
  child.stderr?.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("message", (synthesis) => {
      resolve(synthesis as Synthesis);
    });
    child.once("exit", (code) => {
      reject(new Error(`the SST program ended with code ${String(code)} and no answer:\n${complaints}`));
    });
  });
}

/** The same file with one place changed. @throws when that place is not there exactly once, so that no mutation goes stale. */
export function edited(file: string, from: string, to: string): Overlay {
  const contents = readFileSync(path.join(root, file), "utf8");
  const occurrences = contents.split(from).length - 1;
  if (occurrences !== 1)
    throw new Error(`"${from}" occurs ${String(occurrences)} times in ${file}, not once`);
  return { [file]: contents.replace(from, () => to) };
}
