import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { keepRunning } from "./keep-running.ts";

const eventually = { timeout: 20_000, interval: 10 };

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kept-running-"));
});
afterAll(() => rm(folder, { recursive: true }));

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A program that is kept running, and what was told of it. */
async function kept(program: string) {
  const module = join(folder, `${String(program.length)}.mjs`);
  await writeFile(module, program);
  const lines: string[] = [];
  const givenUp: string[] = [];
  let restarts = 0;
  const child = await keepRunning({
    ...{ name: "usage", module, arguments: [], environment: {}, stopped: new AbortController().signal },
    onLine: (line) => lines.push(line),
    onRestart: () => (restarts += 1),
    onGivenUp: (what) => givenUp.push(what),
  });
  return { child, lines, givenUp, restarts: () => restarts };
}

const stands = "process.send({ ready: true }); setInterval(() => {}, 1_000);";
const diesAtOnce = "process.send({ ready: true }, () => process.exit(7));";
const comesUpOnce = (file: string) =>
  `import { existsSync, writeFileSync } from "node:fs";
   if (existsSync(${JSON.stringify(file)})) throw new Error("the second start fails");
   writeFileSync(${JSON.stringify(file)}, ""); ${stands}`;

test("what is killed is started again, says so in the log, and has another process id", async () => {
  const { child, lines, restarts } = await kept(stands);
  const first = child.pid;
  process.kill(first, "SIGKILL");
  await vi.waitFor(() => expect(restarts()).toBe(1), eventually);
  expect(child.pid).not.toBe(first);
  expect(isAlive(child.pid)).toBe(true);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: "WARN", service: "usage", message: "Ended unasked; it is started again", reason: "SIGKILL" },
    { level: "INFO", service: "usage", message: "Runs again", pid: child.pid },
  ]);
  await child.stop();
  expect(isAlive(child.pid)).toBe(false);
});

test("what keeps dying as soon as it is started is given up, by name", async () => {
  const { givenUp, restarts } = await kept(diesAtOnce);
  await vi.waitFor(() => expect(givenUp).toHaveLength(1), eventually);
  expect(givenUp).toEqual(["usage ended unasked 5 times in a row when it was hardly started (exit code 7)"]);
  expect(restarts()).toBe(4);
});

test("what does not come up any more is given up with its last words", async () => {
  const { child, givenUp } = await kept(comesUpOnce(join(folder, "came-up")));
  process.kill(child.pid, "SIGKILL");
  await vi.waitFor(() => expect(givenUp).toHaveLength(1), eventually);
  expect(givenUp[0]).toContain("the second start fails");
});

test("what is told to end while it is started again stays ended", async () => {
  const { child, lines, givenUp, restarts } = await kept(stands);
  process.kill(child.pid, "SIGKILL");
  await vi.waitFor(() => expect(lines).toHaveLength(1), eventually);
  await child.stop();
  expect(isAlive(child.pid)).toBe(false);
  expect(restarts()).toBe(0);
  expect(givenUp).toEqual([]);
});
