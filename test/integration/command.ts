import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as z from "zod";

const root = new URL("../..", import.meta.url).pathname;

/** A command of package.json, run as a person would, in a process group of its own as a terminal gives it. */
export interface Command {
  readonly process: ChildProcess;
  /** Everything it wrote, line by line. */
  readonly lines: readonly string[];
  /** Waits for a line; rejects with everything that was written when the command ends first. */
  line(matches: (line: string) => boolean): Promise<string>;
  /** What Ctrl-C does: every process of the group gets the signal. Resolves when all of it has ended. */
  interrupt(): Promise<void>;
  ended(): Promise<number | null>;
}

export function run(
  script: string,
  args: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
  cwd = root,
): Command {
  const child = spawn("npm", ["run", "--silent", "--prefix", root, script, "--", ...args], {
    cwd,
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      for (const listener of listeners) listener(line);
    });
  }
  const ended = once(child, "close").then(([code]) => code as number | null);
  return {
    process: child,
    lines,
    ended: () => ended,
    line: (matches) =>
      new Promise((resolve, reject) => {
        const found = lines.find(matches);
        if (found !== undefined) resolve(found);
        listeners.add((line) => {
          if (matches(line)) resolve(line);
        });
        void ended.then((code) =>
          reject(new Error(`npm run ${script} ended with ${String(code)}:\n${lines.join("\n")}`)),
        );
      }),
    async interrupt() {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        process.kill(-child.pid, "SIGINT");
      }
      await ended;
    },
  };
}

const readySchema = z.object({
  ready: z.literal(true),
  pid: z.number(),
  registrationUrl: z.string(),
  webhookUrl: z.string(),
  lambdaUrl: z.string(),
  doctorName: z.string(),
  usageUrl: z.string(),
  accessUrl: z.string(),
  inboxUrl: z.string(),
  simulatorUrl: z.string(),
  queuesUrl: z.string(),
  databaseUrl: z.string(),
  busName: z.string(),
  queueUrls: z.record(z.string(), z.string()),
  tableNames: z.object({ Lifecycle: z.string(), Metering: z.string() }),
  processes: z.array(z.object({ name: z.string(), pid: z.number() })),
});
export type Ready = z.output<typeof readySchema>;

/** Suites run at once; the familiar row of ports is for people. */
export const anyPorts = ["--port", "0"];

/** `npm start -- --json` on any free ports with more flags, and its ready line. */
export async function start(...flags: string[]): Promise<{ command: Command; ready: Ready }> {
  const command = run("start", ["--json", ...anyPorts, ...flags]);
  return { command, ready: await whenReady(command) };
}

/** The ready line of `npm start -- --json`. */
export async function whenReady(command: Command): Promise<Ready> {
  return readySchema.parse(JSON.parse(await command.line((text) => text.includes('"ready":true'))));
}

/**
 * A temporary folder for one command and all that it starts: by it a test finds their processes, and what they left behind.
 */
export async function makeTemporary() {
  const folder = await mkdtemp(join(tmpdir(), "temporary-"));
  return {
    environment: { TMPDIR: folder },
    /** Processes that were given this folder and still run. */
    processes: () => processesGiven(folder),
    /** npm keeps compiled code of its own there. */
    leftovers: async () => (await readdir(folder)).filter((name) => name !== "node-compile-cache"),
    remove: () => rm(folder, { recursive: true }),
  };
}

const processesGiven = (folder: string): { pid: number; commandLine: string }[] =>
  readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(folder)) return [];
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        return [{ pid: Number(pid), commandLine }];
      } catch {
        return [];
      }
    });

/** Command lines of running processes that contain a text: ports are in them, so a test finds its own. */
export function commandLinesWith(text: string): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        return line.includes(text) ? [line] : [];
      } catch {
        return [];
      }
    });
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
