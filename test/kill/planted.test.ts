import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { type Database, startDatabase } from "../contract/store/database.ts";
import { hasJava } from "../java.ts";
import { ordeal } from "./ordeal.ts";
import { handlerFaults, type PlantedFault, storeFaults } from "./planted.ts";
import { wrongIn } from "./verdict.ts";

const root = new URL("../..", import.meta.url).pathname;

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(
        z.object({ title: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});

/** Runs one test of the contract with a fault planted, and gives how it failed. */
async function failuresWith(fault: string, breaks: string): Promise<readonly string[]> {
  const exactly = breaks.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const folder = await mkdtemp(join(tmpdir(), "planted-"));
  const report = join(folder, "report.json");
  const args = ["vitest", "run", "--config", "test/kill/planted.config.ts", "-t", exactly];
  const output = ["--reporter=json", `--outputFile=${report}`];
  const environment = { ...process.env, TOLLHOUSE_FAULT: fault };
  // It ends with 1, as a test fails.
  await promisify(execFile)("npx", [...args, ...output], { cwd: root, env: environment }).catch(
    () => undefined,
  );
  const { testResults } = reportSchema.parse(JSON.parse(await readFile(report, "utf8")));
  await rm(folder, { recursive: true });
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .flatMap(({ title, status, failureMessages }) =>
      status === "failed" ? [`${title}: ${failureMessages.join("\n")}`] : [],
    );
}

const canRun = await hasJava("the planted faults");

describe.runIf(canRun)("the contract of the stores catches that", () => {
  let database: Database | undefined;
  beforeAll(async () => {
    database = await startDatabase();
  });
  afterAll(() => database?.stop());

  test.each(Object.entries<Required<PlantedFault>>(storeFaults))("%s", async (fault, { breaks }) => {
    const [first, ...others] = await failuresWith(fault, breaks);
    expect(first).toContain(breaks);
    expect(first).toContain("AssertionError");
    expect(others).toEqual([]);
  });
});

describe.runIf(canRun)("killing workers catches that", () => {
  test.each(Object.keys(handlerFaults))("%s", { timeout: 240_000 }, async (fault) => {
    const plant = pathToFileURL(`${root}test/kill/plant.ts`).href;
    const aftermath = await ordeal({
      ...{ seed: 1, hours: 1, kills: { coming: 0, hour: 3 }, victims: ["usage"] },
      environment: { NODE_OPTIONS: `--import=${plant}`, TOLLHOUSE_FAULT: fault },
    });
    expect(wrongIn(aftermath).join("\n")).toMatch(/: sent \d+, counted \d+ /);
  });
});
