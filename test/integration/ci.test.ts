import { spawnSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/** `.ci/run` in a folder of its own, where the programs that it calls do what a test says. */
describe(".ci/run", () => {
  let clone = "";
  beforeEach(async () => {
    clone = await mkdtemp(join(tmpdir(), "clone-"));
    await mkdir(join(clone, ".ci"));
    await mkdir(join(clone, "bin"));
    await mkdir(join(clone, ".tollhouse"));
    await copyFile(new URL("../../.ci/run", import.meta.url), join(clone, ".ci/run"));
    await program("java", `echo 'openjdk version "17.0.1"' >&2`);
    await program("id", "echo 0");
    await program("apt-get", "exit 0");
  });
  afterEach(() => rm(clone, { recursive: true }));

  const program = (name: string, script: string) =>
    writeFile(join(clone, "bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const ciRun = () => {
    const { stdout, status } = spawnSync(join(clone, ".ci/run"), {
      encoding: "utf8",
      env: { PATH: `${join(clone, "bin")}:${process.env["PATH"] ?? ""}` },
    });
    return { last: stdout.trimEnd().split("\n").at(-1), passed: status === 0 };
  };
  const reporting = (passed: number, failed: number, exitCode: number) =>
    `[ "$1" != test ] || { echo '{"numPassedTests":${passed},"numFailedTests":${failed}}' > "$TOLLHOUSE_TEST_REPORT"; exit ${exitCode}; }`;

  test.each([
    ["everything passes, and counts the checks as one", reporting(12, 0, 0), "13 passed, 0 failed", true],
    ["tests fail", reporting(10, 2, 1), "11 passed, 2 failed", false],
    ["the tests break off without a count", '[ "$1" != test ] || exit 1', "1 passed, 1 failed", false],
    ["the checks fail", `${reporting(12, 0, 0)}\n[ "$1" != run ] || exit 1`, "12 passed, 1 failed", false],
    ["npm ci fails", "exit 1", "0 passed, 1 failed", false],
  ])("ends with a count when %s", async (_when, npm, last, passed) => {
    await program("npm", npm);
    expect(ciRun()).toEqual({ last, passed });
  });

  test("ends with a count when a package cannot be installed", async () => {
    await program("npm", reporting(12, 0, 0));
    await program("java", "exit 1");
    await program("apt-get", "exit 100");
    expect(ciRun()).toEqual({ last: "0 passed, 1 failed", passed: false });
  });
});
