import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hasJava } from "../java.ts";
import { anyPorts, makeTemporary, run, whenReady } from "./command.ts";

const eventually = { timeout: 25_000, interval: 20 };

describe.runIf(await hasJava("how npm start ends"))("npm start leaves nothing behind", () => {
  let temporary: Awaited<ReturnType<typeof makeTemporary>>;
  beforeEach(async () => {
    temporary = await makeTemporary();
  });
  afterEach(() => temporary.remove());

  const expectNothingLeft = async () => {
    expect(temporary.processes()).toEqual([]);
    expect(await temporary.leftovers()).toEqual([]);
  };
  const theGuard = () => temporary.processes().find(({ commandLine }) => commandLine.includes("database.ts"));

  it.each(["Starting queues", "Making tables", "Starting the AWS Marketplace simulator", "functions"])(
    "after Ctrl-C, pressed twice, at: %s",
    async (moment) => {
      const command = run("start", anyPorts, temporary.environment);
      await command.line((line) => line.includes(moment));
      const interrupted = command.interrupt();
      await command.interrupt();
      await interrupted;
      expect(command.lines.at(-1)).toBe("Ended.");
      await expectNothingLeft();
    },
  );

  it("when it is told to end, with exit code 0", async () => {
    const command = run("start", ["--json", ...anyPorts], temporary.environment);
    process.kill((await whenReady(command)).pid, "SIGTERM");
    expect(await command.ended()).toBe(0);
    await expectNothingLeft();
  });

  it("when nobody reads its output any more, without a word", async () => {
    const { stderr } = spawnSync(
      "sh",
      ["-c", `npm run --silent start -- ${anyPorts.join(" ")} | head -n 2`],
      {
        env: { ...process.env, ...temporary.environment },
        encoding: "utf8",
      },
    );
    expect(stderr).toBe("");
    await expectNothingLeft();
  });

  it("of a function's worker that was killed and started again", async () => {
    const command = run("start", ["--json", ...anyPorts], temporary.environment);
    const ready = await whenReady(command);
    const page = ready.processes.find(({ name }) => name === "registration");
    process.kill(page?.pid ?? 0, "SIGKILL");
    await command.line((line) => line.includes("Runs again") && line.includes('"service":"registration"'));
    expect((await fetch(ready.registrationUrl)).status).toBe(200);
    process.kill(ready.pid, "SIGTERM");
    expect(await command.ended()).toBe(0);
    await expectNothingLeft();
  });

  it("when a process that holds data is killed, also of what that one had started", async () => {
    const command = run("start", ["--json", ...anyPorts], temporary.environment);
    await whenReady(command);
    process.kill(theGuard()?.pid ?? 0, "SIGKILL");
    expect(await command.ended()).toBe(1);
    expect(command.lines.join("\n")).toContain("database ended unasked");
    await expectNothingLeft();
  });

  it("when the guard of the database is killed before the database is ready", async () => {
    const command = run("start", anyPorts, temporary.environment);
    await vi.waitFor(() => {
      expect(temporary.processes().map(({ commandLine }) => commandLine)).toContainEqual(
        expect.stringMatching(/^java .*-port/),
      );
    }, eventually);
    process.kill(theGuard()?.pid ?? 0, "SIGKILL");
    expect(await command.ended()).not.toBe(0);
    await expectNothingLeft();
  });

  it("of processes when it is itself killed", async () => {
    const command = run("start", ["--json", ...anyPorts], temporary.environment);
    await whenReady(command);
    if (command.process.pid !== undefined) process.kill(-command.process.pid, "SIGKILL");
    await vi.waitFor(() => {
      expect(temporary.processes()).toEqual([]);
    }, eventually);
  });
});
