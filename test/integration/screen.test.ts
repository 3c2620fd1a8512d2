import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify, stripVTControlCharacters } from "node:util";
import { findWorld } from "@tollhouse/local/world-file";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { hasJava } from "../java.ts";
import { anyPorts, type Command, run } from "./command.ts";

const root = new URL("../..", import.meta.url).pathname;
const shell = async (script: string) => (await promisify(execFile)("sh", ["-c", script])).stdout;

describe.runIf(await hasJava("the screen of npm start"))("the screen of npm start", () => {
  let command: Command;
  let steps: readonly string[];

  beforeAll(async () => {
    command = run("start", [...anyPorts, "--steps"]);
    await command.line((line) => line.includes("_simulator/bill"));
    const lines = command.lines.map((line) => stripVTControlCharacters(line));
    const first = lines.findIndex((line) => line.startsWith("The same with curl"));
    steps = lines.slice(first).filter((line) => line.startsWith("    "));
  });
  afterAll(() => command.interrupt());

  it("has steps to copy that end in a bill", async () => {
    const theBill = steps.at(-1) ?? "";
    const used = steps.findIndex((step) => step.includes("subject="));
    const terminal = spawn("sh", { stdio: ["pipe", "ignore", "ignore"] });
    terminal.stdin.write(`${steps.slice(0, used).join("\n")}\n`);
    // A person goes on when the world has taken in what AWS said.
    await command.line((line) => line.includes("subscribe-succeeded"));
    terminal.stdin.end(`${steps.slice(used).join("\n")}\n`);
    await once(terminal, "close");
    await vi.waitFor(
      async () => {
        expect(JSON.parse(await shell(theBill))).toMatchObject({
          totals: [{ dimension: "emails_sent", quantity: 12 }],
        });
      },
      { timeout: 25_000, interval: 100 },
    );
  });

  it("is of the world that commands find while it runs, or says that another was first", async () => {
    const place = command.lines.find((line) => line.includes("Registration page")) ?? "";
    const findsUs = async () => place.endsWith((await findWorld(root)).registrationUrl);
    const saysAnother = command.lines.some((line) => line.includes("commands keep talking to its world"));
    expect(await findsUs()).toBe(!saysAnother);
    await command.interrupt();
    expect(await findsUs().catch(() => false)).toBe(false);
  });
});
