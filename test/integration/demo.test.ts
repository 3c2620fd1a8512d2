import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { hasJava } from "../java.ts";
import { makeTemporary, run } from "./command.ts";

const resultSchema = z.object({
  result: z.string(),
  lines: z.array(
    z.object({
      used: z.string(),
      billed: z.string(),
      amounts: z.array(z.string()),
      records: z.array(z.object({ hour: z.string(), quantity: z.string() })),
    }),
  ),
});

const struckSchema = z.object({
  struck: z.record(z.string(), z.number()),
  killed: z.record(z.string(), z.number()),
});

describe.runIf(await hasJava("npm run demo"))("npm run demo", () => {
  let temporary: Awaited<ReturnType<typeof makeTemporary>>;
  beforeEach(async () => {
    temporary = await makeTemporary();
  });
  afterEach(async () => {
    expect(temporary.processes()).toEqual([]);
    expect(await temporary.leftovers()).toEqual([]);
    await temporary.remove();
  });

  it("ends with billed equal to used, and takes each number apart", { timeout: 120_000 }, async () => {
    const command = run("demo", ["--json"], temporary.environment);
    expect(await command.ended(), command.lines.join("\n")).toBe(0);
    const { result, lines } = resultSchema.parse(JSON.parse(command.lines.at(-1) ?? ""));
    expect(result).toBe("billed-equals-used");
    expect(lines.map(({ billed }) => billed)).toEqual(lines.map(({ used }) => used));
    expect(lines).toHaveLength(3);
    const sum = (parts: readonly string[]) => String(parts.reduce((total, part) => total + Number(part), 0));
    for (const { used, billed, amounts, records } of lines) {
      expect(sum(amounts)).toBe(used);
      expect(sum(records.map(({ quantity }) => quantity))).toBe(billed);
    }
  });

  it("ends the same with --chaos, and says what struck", { timeout: 120_000 }, async () => {
    const command = run("demo", ["--chaos", "--json"], temporary.environment);
    expect(await command.ended(), command.lines.join("\n")).toBe(0);
    const { result, lines } = resultSchema.parse(JSON.parse(command.lines.at(-1) ?? ""));
    expect(result).toBe("billed-equals-used");
    expect(lines.map(({ billed }) => billed)).toEqual(lines.map(({ used }) => used));
    const told = command.lines.find((line) => line.includes('"struck":')) ?? "";
    const { struck, killed } = struckSchema.parse(JSON.parse(told));
    for (const name of [
      "calls throttled",
      "calls carried out whose answer was lost",
      "usage records left unprocessed",
    ])
      expect(struck[name], name).toBeGreaterThan(0);
    expect(Object.keys(killed).toSorted()).toEqual(["fold", "intake", "meter", "relay", "usage"]);
  });

  it("fails when a process that holds data dies, be it after the bill", { timeout: 120_000 }, async () => {
    const command = run("demo", ["--json"], temporary.environment);
    await command.line((line) => line.includes("the buyer cancels"));
    const queues = temporary.processes().find(({ commandLine }) => commandLine.includes("queue-server.ts"));
    process.kill(queues?.pid ?? 0, "SIGKILL");
    expect(await command.ended()).toBe(1);
    expect(command.lines.at(-1)).toContain("queues ended unasked (SIGKILL)");
  });

  it("ends with 130 when it is interrupted", async () => {
    const command = run("demo", [], temporary.environment);
    await command.line((line) => line.includes("Making tables"));
    // Not npm and its shell, which make a code of their own of it.
    const demo = temporary.processes().find(({ commandLine }) => commandLine.startsWith("node "));
    process.kill(demo?.pid ?? 0, "SIGINT");
    expect(await command.ended()).toBe(130);
  });
});
