import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, it } from "vitest";
import { callerArn, configurationInput, configuredCaller, controlOf, startAt } from "./simulator-world.ts";

const main = new URL("../../packages/simulator/src/main.ts", import.meta.url).pathname;
let folder: string;
let children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "simulator-"));
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children = [];
  rmSync(folder, { recursive: true });
});

function spawnSimulator(configuration: unknown, ...flags: string[]) {
  const file = join(folder, "simulator.json");
  writeFileSync(file, JSON.stringify(configuration));
  const child = spawn(process.execPath, [main, "--config", file, ...flags], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  children.push(child);
  return child;
}

async function start(...flags: string[]) {
  const child = spawnSimulator(configurationInput("http://127.0.0.1:9"), ...flags);
  if (child.stdout === null) throw new Error("no output");
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const ready = JSON.parse(line) as { ready: boolean; url: string; tlsUrl: string };
  return { child, ready, control: controlOf(ready.url) };
}

const ended = async (child: ChildProcess) => ((await once(child, "exit")) as [number | null])[0];

it("says in one line where it listens, and writes the certificate to trust", async () => {
  const caFile = join(folder, "ca.pem");
  const { ready, control } = await start("--ca-file", caFile);
  expect(ready).toMatchObject({ ready: true });
  expect(ready.tlsUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect((await control.call("GET", "/health")).body).toEqual({ ok: true });
  expect(readFileSync(caFile, "utf8")).toContain("BEGIN CERTIFICATE");
});

it("goes on where it was after an end by SIGTERM, with the same key, clock and agreements", async () => {
  const [stateFile, caFile] = [join(folder, "state.json"), join(folder, "ca.pem")];
  const flags = ["--state-file", stateFile, "--ca-file", caFile];
  const first = await start(...flags);
  await first.control.subscribe("new-metered");
  await first.control.advance(3_600);
  const before = await first.control.call("GET", "/agreements");
  const certificate = readFileSync(caFile, "utf8");
  first.child.kill("SIGTERM");
  expect(await ended(first.child)).toBe(0);
  expect(statSync(stateFile).mode & 0o077).toBe(0);
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);

  const second = await start(...flags);
  expect((await second.control.call("GET", "/agreements")).body).toEqual(before.body);
  const now = new Date(Date.parse(startAt) + 3_600_000).toISOString();
  expect((await second.control.call("GET", "/clock")).body).toEqual({ now, rate: 0 });
  expect((await second.control.call("GET", "/notifications")).body["pending"]).toHaveLength(2);
  expect(readFileSync(caFile, "utf8")).toBe(certificate);
});

it("has kept what it answered, so that a kill at any moment loses nothing of it", async () => {
  const stateFile = join(folder, "state.json");
  const { child, control } = await start("--state-file", stateFile);
  for (let times = 0; times < 3; times += 1) await control.subscribe("new-metered");
  await control.advance(3_600);
  child.kill("SIGKILL");
  await ended(child);
  for (const name of readdirSync(folder).filter((one) => one.startsWith("state.json")))
    expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
  const { control: again } = await start("--state-file", stateFile);
  expect((await again.call("GET", "/agreements")).body["agreements"]).toHaveLength(3);
  const now = new Date(Date.parse(startAt) + 3_600_000).toISOString();
  expect((await again.call("GET", "/clock")).body).toEqual({ now, rate: 0 });
});

it("reads what an earlier version left", async () => {
  const stateFile = join(folder, "state.json");
  const first = await start("--state-file", stateFile);
  const { agreementId } = await first.control.subscribe("new-contract");
  first.child.kill("SIGTERM");
  await ended(first.child);
  const kept = JSON.parse(readFileSync(stateFile, "utf8")) as {
    state: { agreements: Record<string, Record<string, unknown>> } & Record<string, unknown>;
  };
  for (const name of ["faults", "suspendedBuyers", "snsSubscriptions"]) kept.state[name] = undefined;
  for (const agreement of Object.values(kept.state.agreements))
    for (const name of ["intent", "initialAgreementId", "previousAgreementId", "autoRenew", "updatedAtMs"])
      agreement[name] = undefined;
  writeFileSync(stateFile, JSON.stringify(kept));
  const { control } = await start("--state-file", stateFile);
  expect((await control.call("GET", "/agreements")).body["agreements"]).toMatchObject([
    {
      agreementId,
      intent: "NEW",
      initialAgreementId: agreementId,
      previousAgreementId: null,
      autoRenew: false,
    },
  ]);
  expect((await control.call("POST", `/agreements/${agreementId}/amend`, { autoRenew: true })).status).toBe(
    200,
  );
});

it("ends when its parent lets go of it, and not at a keyboard interrupt", async () => {
  const { child, control } = await start();
  child.kill("SIGINT");
  expect((await control.call("GET", "/health")).status).toBe(200);
  child.disconnect();
  expect(await ended(child)).toBe(0);
});

it.each([
  ["an unknown field", { ...configurationInput("http://127.0.0.1:9"), queue: 1 }, "queue"],
  [
    "a role of another account",
    {
      ...configurationInput("http://127.0.0.1:9"),
      roles: [{ arn: "arn:aws:iam::444455556666:role/X", trusts: [], actions: [] }],
    },
    "roles[0].arn",
  ],
  [
    "Marketplace actions for a caller of another account",
    configurationInput("http://127.0.0.1:9", {
      callers: [configuredCaller(callerArn, ["aws-marketplace:ResolveCustomer"])],
    }),
    "callers[0].actions",
  ],
])("a configuration with %s ends the start with the field's name", async (_, configuration, field) => {
  const child = spawnSimulator(configuration);
  let text = "";
  child.stderr?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  expect(await ended(child)).toBe(1);
  expect(text).toContain(field);
});
