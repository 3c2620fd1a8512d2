import { newBuyerKeys } from "@tollhouse/local/buyer-keys";
import { linkedSecrets } from "@tollhouse/local/secret";
import { environmentOf, functions, type FunctionName } from "@tollhouse/functions/manifest";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { bundle } from "./bundle.ts";

const limitBytes = 1_000_000;
const folder = mkdtempSync(path.join(tmpdir(), "tollhouse-bundle-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Loads the module as Lambda would: in a process of its own, with the environment that the stack gives and no other. */
async function load(name: FunctionName, file: string): Promise<string> {
  const place = {
    stage: "test",
    metricNamespace: "Test",
    tableName: String,
    queueUrl: String,
    busName: () => "Bus",
    registrationUrl: () => "https://registration.example.com/register",
  };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", `console.log(typeof (await import(${JSON.stringify(file)})).handler)`],
    {
      env: {
        ...environmentOf<string>(name, place),
        ...linkedSecrets(name, { BuyerTokenKeys: newBuyerKeys() }),
        AWS_REGION: "us-east-1",
        AWS_LAMBDA_FUNCTION_NAME: `tollhouse-test-${name}`,
      },
    },
  );
  return stdout.trim();
}

describe.each(Object.keys(functions) as FunctionName[])("the bundle of %s", async (name) => {
  const file = await bundle({ name, folder });

  it(`is smaller than ${String(limitBytes)} bytes, for a short cold start`, () => {
    expect(statSync(file).size).toBeLessThan(limitBytes);
  });

  it("loads with the environment of the stack and exports the handler that Lambda calls", async () => {
    expect(await load(name, file)).toBe("function");
  });
});
