import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { root } from "../synth/platform.ts";
import { productionAccount, secretValues } from "../synth/synth.ts";
import { startFakeAws } from "./fake-aws.ts";

/** What SST's CLI said, and with which code it ended. */
export interface Diff {
  readonly code: number | null;
  readonly output: string;
  /** What it asked of AWS. */
  readonly asked: readonly string[];
}

/**
 * Runs the real `sst diff` in a folder, against an AWS and a Pulumi that only pretend. It opens a port of its own, so two may not
 * run at once in one folder.
 */
export async function sstDiff(stage: string, folder = root): Promise<Diff> {
  const home = mkdtempSync(path.join(tmpdir(), "tollhouse-sst-"));
  const aws = await startFakeAws(productionAccount);
  try {
    const { code, output } = await run(["diff", "--stage", stage], folder, {
      ...withoutAws(process.env),
      HOME: home,
      TMPDIR: home,
      SST_PULUMI_PATH: makePulumi(home),
      SST_SKIP_DEPENDENCY_CHECK: "1",
      SST_NO_BUN: "1",
      SST_TELEMETRY_DISABLED: "1",
      NO_COLOR: "1",
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: "EXAMPLE",
      AWS_SECRET_ACCESS_KEY: "example",
      AWS_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
      ...secretValues,
    });
    return { code, output, asked: aws.asked };
  } finally {
    aws.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Whoever runs the tests may have credentials of their own; none of them reach the CLI. */
const withoutAws = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("AWS_")));

function makePulumi(home: string): string {
  const folder = path.join(home, ".config/sst/bin");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "pulumi");
  const program = path.join(import.meta.dirname, "fake-pulumi.ts");
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}

function run(
  args: string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(path.join(root, "node_modules/.bin/sst"), args, { cwd, env, timeout: 100_000 });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ code, output });
    });
  });
}
