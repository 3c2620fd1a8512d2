import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claim, readClaim } from "./claim.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "claim-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** What a claim of this process says, put down as if another had written it. */
async function leave(file: string, change: Record<string, unknown>): Promise<void> {
  const mine = await claim(file);
  const content = JSON.parse(await readFile(file, "utf8")) as object;
  if (mine.kind === "held") await mine.release();
  await writeFile(file, JSON.stringify({ ...content, ...change }));
}

test("one process holds a file, until it lets go", async () => {
  const file = join(folder, "one");
  const first = await claim(file, { what: "a world" });
  expect(await claim(file)).toEqual({ kind: "taken", pid: process.pid });
  expect(await readClaim(file)).toMatchObject({ pid: process.pid, what: "a world" });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  if (first.kind === "held") await first.release();
  expect(await readClaim(file)).toBeUndefined();
  expect(await claim(file)).toMatchObject({ kind: "held" });
});

test("its holder may say something else in it, until it lets go", async () => {
  const file = join(folder, "rewritten");
  const first = await claim(file, { what: "a world" });
  if (first.kind !== "held") throw new Error("nobody else can hold it");
  await Promise.all([first.rewrite({ what: "another" }), first.rewrite({ what: "a third" })]);
  expect(await readClaim(file)).toMatchObject({ pid: process.pid, what: "a third" });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await Promise.all([first.release(), first.rewrite({ what: "too late" })]);
  expect((await readdir(folder)).filter((name) => name.startsWith("rewritten"))).toEqual([]);
});

test("what a dead process left is nobody's", async () => {
  const file = join(folder, "dead");
  const gone = spawn("true");
  await once(gone, "exit");
  await leave(file, { pid: gone.pid });
  expect(await readClaim(file)).toBeUndefined();
  expect(await claim(file)).toMatchObject({ kind: "held" });
});

test("a process that was given a dead one's pid holds nothing", async () => {
  const file = join(folder, "again");
  await leave(file, { startTicks: "1" });
  expect(await claim(file)).toMatchObject({ kind: "held" });
});

test("a file that says nothing readable is taken over", async () => {
  const file = join(folder, "torn");
  await writeFile(file, '{"pid": 1');
  expect(await claim(file)).toMatchObject({ kind: "held" });
});

test("a file that cannot be written is no claim", async () => {
  await expect(claim(join(folder, "no-such-folder", "file"))).rejects.toThrow("ENOENT");
});
