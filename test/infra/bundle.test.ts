import { environmentOf, functions, type FunctionName } from "@tollhouse/functions/manifest";
import { build } from "esbuild";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { requireInModules } from "./synth/compile.ts";
import { root } from "./synth/platform.ts";

const limitBytes = 1_000_000;
const folder = mkdtempSync(path.join(tmpdir(), "tollhouse-bundle-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Bundles with the options of SST 4.17.1 for a minified `nodejs24.x` function; the AWS SDK becomes a part of it. */
async function bundle(name: FunctionName): Promise<string> {
  const outfile = path.join(folder, name, "bundle.mjs");
  await build({
    entryPoints: [path.join(root, functions[name].handler.replace(/\.handler$/, ".ts"))],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2024",
    mainFields: ["module", "main"],
    keepNames: true,
    minify: true,
    external: ["sharp", "pg-native"],
    banner: { js: requireInModules },
    logLevel: "silent",
  });
  return outfile;
}

/** Loads the module as Lambda would: in a process of its own, with the environment that the stack gives and no other. */
async function load(name: FunctionName, file: string): Promise<string> {
  const place = { stage: "test", tableName: String, queueUrl: String, busName: () => "Bus" };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", `console.log(typeof (await import(${JSON.stringify(file)})).handler)`],
    {
      env: {
        ...environmentOf<string>(name, place),
        AWS_REGION: "us-east-1",
        AWS_LAMBDA_FUNCTION_NAME: `tollhouse-test-${name}`,
      },
    },
  );
  return stdout.trim();
}

describe.each(Object.keys(functions) as FunctionName[])("the bundle of %s", async (name) => {
  const file = await bundle(name);

  it(`is smaller than ${String(limitBytes)} bytes, for a short cold start`, () => {
    expect(statSync(file).size).toBeLessThan(limitBytes);
  });

  it("loads with the environment of the stack and exports the handler that Lambda calls", async () => {
    expect(await load(name, file)).toBe("function");
  });
});
