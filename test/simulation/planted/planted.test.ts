import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { plant, type PlantedFault, plantedFaults } from "./faults.ts";

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The command's exit code and what it printed, with the fault in `core`. */
function simulateWith({
  name,
  seeds,
  from = 1,
}: PlantedFault): Promise<{ exitCode: number; output: string }> {
  const args = [
    "--import",
    path("load.ts"),
    path("../main.ts"),
    "--seed",
    `${from}`,
    "--runs",
    `${seeds}`,
    "--steps",
    "300",
    "--no-shrink",
  ];
  const options = { env: { ...process.env, PLANTED_FAULT: name }, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, options, (_, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, output: `${stdout}\n${stderr}` });
    });
  });
}

// Each in a process of its own, one after the other: a machine of two cores has other tests to run.
test.each(plantedFaults)("$name is found within $seeds seeds: $harm", async (fault) => {
  const { exitCode, output } = await simulateWith(fault);
  expect(exitCode, output.slice(-2_000)).toBe(1);
  expect(output).toContain("\nviolated: ");
});

test.each(["another text", "once and once again"])(
  "a fault whose text the source does not hold once has rotted: %s",
  (source) => {
    const fault = { name: "old", harm: "", file: "usage/ingest.ts", find: "once", replace: "", seeds: 1 };
    expect(() => plant(source, fault)).toThrow("Planted fault old has rotted");
  },
);
