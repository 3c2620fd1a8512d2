import { expect, test } from "vitest";
import * as z from "zod";
import { run } from "../integration/command.ts";
import { hasJava } from "../java.ts";
import { figuresSchema } from "./lifecycle/figures.ts";
import { machineSchema } from "./machine.ts";

/** Whatever was measured: a test asserts that there are figures, never how large they are. */
const printed = z.object({ lifecycle: z.object({ machine: machineSchema, figures: figuresSchema }) });

test.skipIf(!(await hasJava("the benchmark command")))(
  "the smallest run gives figures of every part",
  async () => {
    const command = run("bench", ["lifecycle", "--quick", "--json"]);
    expect(await command.ended()).toBe(0);
    const { lifecycle } = printed.parse(JSON.parse(command.lines.find((line) => line.startsWith("{")) ?? ""));
    expect(lifecycle.figures.rounds).toBe(1);
    expect(lifecycle.figures.averageCost.requests).toBeGreaterThan(1);
    expect(lifecycle.figures.averageCost.tableUnits).toBeGreaterThan(1);
  },
);

test("a suite that does not exist is named, with exit code 2", async () => {
  const command = run("bench", ["billing"]);
  expect(await command.ended()).toBe(2);
  expect(command.lines.join("\n")).toContain("There is no suite billing");
});

test("help names every suite and exit code", async () => {
  const command = run("bench", ["--help"]);
  expect(await command.ended()).toBe(0);
  expect(command.lines.join("\n")).toMatch(/lifecycle[\s\S]*Exit codes/);
});
