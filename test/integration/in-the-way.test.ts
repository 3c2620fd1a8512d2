import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasJava } from "../java.ts";
import { anyPorts, run, start } from "./command.ts";

const canRun = await hasJava("what keeps npm start from starting");

/** On a machine that is busy with other things. */
const threeStarts = { timeout: 180_000 };

describe("npm start, when something is in its way", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "in-the-way-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const refused = async (...[args, environment, cwd]: [readonly string[], NodeJS.ProcessEnv?, string?]) => {
    const command = run("start", args, environment, cwd);
    expect(await command.ended(), command.lines.join("\n")).toBe(2);
    const text = command.lines.join("\n");
    expect(text, "a sentence, not a stack").not.toMatch(/^\s+at /m);
    return text;
  };
  /** A `java` of the test's own, found before any other. */
  const withJava = async (script: string) => {
    await writeFile(join(folder, "java"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
  };

  it.runIf(canRun)("names the port that is taken, and the folder that is in use", threeStarts, async () => {
    const { command, ready } = await start("--keep", folder);
    const taken = new URL(ready.registrationUrl).port;
    expect(await refused(["--port", taken])).toContain(`Port ${taken} (registration) is taken`);
    expect(await refused(["--keep", folder])).toContain(
      `${folder} is in use: the npm start of process ${ready.pid} keeps its world there`,
    );
    await command.interrupt();
    const { command: next } = await start("--keep", folder);
    await next.interrupt();
  });

  it("says which Java is needed when this machine's is too old", async () => {
    const environment = await withJava("echo 'openjdk version \"1.8.0_402\"' >&2");
    expect(await refused(anyPorts, environment)).toContain(
      "Java is version 8. DynamoDB Local needs Java 11 or newer",
    );
  });

  it("says why DynamoDB Local did not start", async () => {
    const environment = await withJava(
      `[ "$1" = -version ] && echo 'openjdk version "17"' >&2 || { echo 'No space left on device' >&2; exit 1; }`,
    );
    const text = await refused(anyPorts, environment);
    expect(text).toContain("database ended while it was starting");
    expect(text).toContain("No space left on device");
  });

  it("names the folder in which nothing can be kept, as seen from where the person stands", async () => {
    await writeFile(join(folder, "a-file"), "");
    expect(await refused(["--keep", "a-file"], {}, folder)).toContain(
      `Nothing can be kept in ${folder}/a-file: `,
    );
  });

  it("says which flag or port it does not know", async () => {
    expect(await refused(["--port", "80"])).toContain("give a number from 1024 to 65525");
  });
});
