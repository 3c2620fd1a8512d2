import { functions } from "@tollhouse/functions/manifest";
import { expect, test } from "vitest";
import * as z from "zod";
import { run } from "../integration/command.ts";
import { hasJava } from "../java.ts";
import * as access from "./access/figures.ts";
import * as bundle from "./bundle/figures.ts";
import * as lifecycle from "./lifecycle/figures.ts";
import { machineSchema } from "./machine.ts";
import * as submit from "./submit/figures.ts";
import * as usage from "./usage/figures.ts";

/** Whatever was measured: a test asserts that there are figures, never how large they are. */
const printed = z.object({
  lifecycle: z.object({ machine: machineSchema, figures: lifecycle.figuresSchema }).optional(),
  usage: z.object({ machine: machineSchema, figures: usage.figuresSchema }).optional(),
  submit: z.object({ machine: machineSchema, figures: submit.figuresSchema }).optional(),
  access: z.object({ machine: machineSchema, figures: access.figuresSchema }).optional(),
  bundle: z.object({ machine: machineSchema, figures: bundle.figuresSchema }).optional(),
});

/** Each part has a process of its own, and other suites run beside it. */
const timeout = 240_000;
const javaIsHere = await hasJava("the benchmark command");

async function measured(suite: string): Promise<z.output<typeof printed>> {
  const command = run("bench", [suite, "--quick", "--json"]);
  expect(await command.ended(), command.lines.join("\n")).toBe(0);
  return printed.parse(JSON.parse(command.lines.find((line) => line.startsWith("{")) ?? ""));
}

test.skipIf(!javaIsHere)(
  "the smallest run gives figures of every part of the lifecycle",
  { timeout },
  async () => {
    const { figures } = (await measured("lifecycle")).lifecycle ?? {};
    expect(figures?.rounds).toBe(1);
    expect(figures?.averageCost.requests).toBeGreaterThan(1);
    expect(figures?.averageCost.tableUnits).toBeGreaterThan(1);
  },
);

test.skipIf(!javaIsHere)("the smallest run counts all of its usage, in every part", { timeout }, async () => {
  const { figures } = (await measured("usage")).usage ?? {};
  expect(figures?.compute.fold.repeats).toBeGreaterThan(0);
  expect(figures?.units.every(({ ingest, fold, meter }) => [ingest, fold, meter].every(hasUnits))).toBe(true);
  expect(figures?.units.every(({ ingest, fold }) => ingest.differing + fold.differing === 0)).toBe(true);
  const parts = figures?.costs.rates.filter(
    ({ eventsPerHour, foldedEvents }) => foldedEvents < eventsPerHour,
  );
  expect(parts).not.toHaveLength(0);
  expect(figures?.loads.every(({ records }) => records > 0)).toBe(true);
});

test.skipIf(!javaIsHere)(
  "the smallest run asks about every buyer, at the door and where answers are kept",
  { timeout },
  async () => {
    const { figures } = (await measured("access")).access ?? {};
    expect(figures).toMatchObject({ requestsByLicense: 2, requestsByCustomer: 3 });
    expect(figures?.cachedPerSecond.least).toBeGreaterThan(0);
  },
);

test.skipIf(!javaIsHere)(
  "the smallest run submits all of its records, in every part",
  { timeout },
  async () => {
    const { figures } = (await measured("submit")).submit ?? {};
    expect(figures?.atQuota).toMatchObject({ records: 500, calls: 20, throttled: 0, recordsPerCall: 25 });
    expect(figures?.unpaced).toMatchObject({ records: 500, calls: 20 });
  },
);

test.skipIf(!javaIsHere)("the smallest run weighs and loads every function", { timeout }, async () => {
  const { figures } = (await measured("bundle")).bundle ?? {};
  expect(figures?.functions.map(({ name }) => name)).toEqual(Object.keys(functions));
  for (const { bytes, zippedBytes, loadMs } of figures?.functions ?? []) {
    expect(bytes).toBeGreaterThan(zippedBytes);
    expect(loadMs.median).toBeGreaterThan(0);
  }
});

const hasUnits = ({ tableUnits }: usage.Counts): boolean => tableUnits > 0;

test("a suite that does not exist is named, with exit code 2", async () => {
  const command = run("bench", ["billing"]);
  expect(await command.ended()).toBe(2);
  expect(command.lines.join("\n")).toContain("There is no suite billing");
});

test("help names every suite and exit code", async () => {
  const command = run("bench", ["--help"]);
  expect(await command.ended()).toBe(0);
  expect(command.lines.join("\n")).toMatch(/lifecycle[\s\S]*usage[\s\S]*submit[\s\S]*Exit codes/);
});
