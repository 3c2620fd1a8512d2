import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { productionAccount } from "../synth/synth.ts";
import { linkType, record, type Recording } from "../synth/record.ts";

/**
 * Stands in for the Pulumi engine that SST's CLI starts. It makes nothing: the program that the CLI compiled runs under Pulumi's
 * mocks, and each of its resources is told to the CLI as one that would be created.
 */
const [command = "", ...rest] = process.argv.slice(2);
const valuesOf = (flag: string) => rest.flatMap((value, index) => (rest[index - 1] === flag ? [value] : []));

/** `organization/app/stage`, as Pulumi names a stack. */
function stackNamed(name = "") {
  const [, app = "", stage = ""] = name.split("/");
  const folder = path.join(process.cwd(), ".pulumi/stacks", app);
  return { name, app, stage, folder, file: path.join(folder, `${stage}.json`) };
}

/** An empty state, which the CLI puts into its bucket. */
function initialise(): void {
  const { name, folder, file } = stackNamed(rest.at(-1));
  mkdirSync(folder, { recursive: true });
  const latest = { manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" }, resources: [] };
  writeFileSync(file, JSON.stringify({ version: 3, checkpoint: { stack: name, latest } }));
}

async function preview(): Promise<void> {
  // Before the program runs, which goes to a folder of its own.
  const { app, stage, file } = stackNamed(valuesOf("--stack")[0]);
  const main = /^main: (.*)$/m.exec(readFileSync("Pulumi.yaml", "utf8"))?.[1] ?? "";
  const errors: string[] = [];
  const complain = (error: unknown) => errors.push(error instanceof Error ? error.message : String(error));
  process.on("uncaughtException", complain);
  process.on("unhandledRejection", complain);
  let recording: Recording = { resources: [], stackOutputs: {}, links: [] };
  const program = () =>
    import(pathToFileURL(main).href).then(({ default: run }: { default: unknown }) => run);
  await record({ name: app, stage, account: productionAccount }, program).then(
    (done) => (recording = done),
    complain,
  );
  process.once("beforeExit", () => {
    noteLinks(file, recording);
    report(valuesOf("--event-log")[0] ?? "", errors, recording, `urn:pulumi:${stage}::${app}`);
    process.exitCode = errors.length > 0 ? 1 : 0;
  });
}

/** Puts what could be linked into the state, from which the CLI draws `sst-env.d.ts`. */
function noteLinks(file: string, { links }: Recording): void {
  const state = JSON.parse(readFileSync(file, "utf8")) as { checkpoint: { latest: { resources: object[] } } };
  state.checkpoint.latest.resources = links.map(({ urn, outputs }) => ({
    ...{ urn, type: linkType, custom: false, inputs: {}, outputs },
  }));
  writeFileSync(file, JSON.stringify(state));
}

/** Writes Pulumi's event log, from which the CLI draws what it shows. */
function report(file: string, errors: readonly string[], { resources }: Recording, urn: string): void {
  const events = [
    ...errors.map((message) => ({ diagnosticEvent: { message, color: "never", severity: "error" } })),
    ...resources.map(({ type, name, inputs }) => {
      const state = { type, urn: `${urn}::${type}::${name}`, parent: "", inputs, outputs: inputs };
      const metadata = { op: "create", urn: state.urn, type, old: null, new: state, provider: "" };
      return { resOutputsEvent: { metadata } };
    }),
    { summaryEvent: { durationSeconds: 1, resourceChanges: { create: resources.length }, PolicyPacks: {} } },
  ];
  for (const [sequence, event] of events.entries())
    appendFileSync(file, `${JSON.stringify({ sequence, timestamp: 0, ...event })}\n`);
}

switch (command) {
  case "version":
    console.log("v3.215.0");
    break;
  case "stack":
    initialise();
    break;
  case "preview":
    await preview();
    break;
  default:
    throw new Error(`sst diff asked Pulumi for "${process.argv.slice(2).join(" ")}", which nobody expected`);
}
