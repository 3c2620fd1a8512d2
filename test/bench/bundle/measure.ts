import { newBuyerKeys } from "@tollhouse/local/buyer-keys";
import { linkedSecrets } from "@tollhouse/local/secret";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { deflateRawSync } from "node:zlib";
import { environmentOf, type FunctionName, functions } from "@tollhouse/functions/manifest";
import { bundle } from "../../infra/bundle.ts";
import { spreadOf } from "../statistics.ts";
import type { Measuring } from "../suite.ts";
import type { Figures } from "./figures.ts";

const names = Object.keys(functions) as FunctionName[];
const wholeRounds = 9;

/** Bundles every function as it is deployed, and loads each in new processes, one at a time. */
export async function measureBundles({ quick, onProgress }: Measuring): Promise<Figures> {
  const rounds = quick ? 1 : wholeRounds;
  const folder = await mkdtemp(join(tmpdir(), "tollhouse-bench-"));
  const measured: Figures["functions"] = [];
  try {
    for (const name of names) {
      onProgress(`the bundle of ${name}`);
      const file = await bundle({ name, folder });
      const code = await readFile(file);
      const loads: number[] = [];
      for (let round = 0; round < rounds; round += 1) loads.push(await loadMs(name, file));
      measured.push({
        ...{ name, bytes: code.byteLength, zippedBytes: deflateRawSync(code).byteLength },
        loadMs: spreadOf(loads),
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { rounds, functions: measured };
}

const timeoutMs = 30_000;

/** How long the module takes to load, told by a process with the stack's environment and no other. */
async function loadMs(name: FunctionName, file: string): Promise<number> {
  const place = {
    stage: "bench",
    metricNamespace: "Bench",
    tableName: String,
    queueUrl: String,
    busName: () => "Bus",
    registrationUrl: () => "https://registration.example.com/register",
  };
  const program = `const from = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - from);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    timeout: timeoutMs,
    env: {
      ...environmentOf<string>(name, place),
      ...linkedSecrets(name, { BuyerTokenKeys: newBuyerKeys() }),
      AWS_REGION: "us-east-1",
      AWS_LAMBDA_FUNCTION_NAME: `tollhouse-bench-${name}`,
    },
  });
  return Number(stdout.trim().split("\n").at(-1));
}
