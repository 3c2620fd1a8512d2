import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as z from "zod";
import { StartError } from "./failure.ts";

/** A process of the local world. Each ends by itself when the one that started it is gone. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** What the child said when it was ready. */
  readonly ready: unknown;
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly name: string;
  /** A TypeScript module, run by the Node that runs us. */
  readonly module: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  /** Called when the child ends without having been asked to. */
  readonly onExit: (description: string) => void;
}

const readyTimeoutMs = 30_000;
const stopTimeoutMs = 5_000;

/**
 * Starts a child and waits until it reports `{"ready": true}`, by message or as a line of output.
 * @throws StartError with the child's last words when it ends or stays silent for 30 seconds
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn(process.execPath, [options.module, ...options.arguments], {
    env: options.environment,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A group of its own: the keyboard's interrupt reaches only us, and we decide in which order things end.
    detached: true,
  });
  const lastWords: string[] = [];
  const ready = await new Promise<unknown>((resolve, reject) => {
    const fail = (what: string) => {
      clearTimeout(timer);
      reject(
        new StartError("process-failed", [`${options.name} ${what}.`, ...lastWords.slice(-5)].join("\n  ")),
      );
    };
    const timer = setTimeout(
      () => fail(`was not ready within ${readyTimeoutMs / 1_000} seconds`),
      readyTimeoutMs,
    );
    const settle = (message: unknown) => {
      if (!isReady(message)) return false;
      clearTimeout(timer);
      resolve(message);
      return true;
    };
    child.on("message", settle);
    child.once("exit", (code, signal) =>
      fail(`ended while it was starting (${signal ?? `exit code ${code ?? "unknown"}`})`),
    );
    child.once("error", (error) => fail(error.message));
    eachLine(child, (line) => {
      lastWords.push(line);
      if (lastWords.length > 50) lastWords.shift();
      if (!settle(parse(line))) options.onLine(line);
    });
  }).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  return supervised(child, options, ready);
}

function supervised(child: ChildProcess, { name, onExit }: ChildOptions, ready: unknown): Child {
  let stopping = false;
  child.once("exit", (code, signal) => {
    if (!stopping) onExit(signal ?? `exit code ${code ?? "unknown"}`);
  });
  return {
    name,
    pid: child.pid ?? 0,
    ready,
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) {
        endLeftovers(ready);
        return;
      }
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
      await ended;
      clearTimeout(timer);
      endLeftovers(ready);
    },
  };
}

const readySchema = z.object({ alsoEnd: z.array(z.number()).default([]) });

/** A child that was killed could not end what it had started; it told us in its ready message. */
function endLeftovers(ready: unknown): void {
  for (const pid of readySchema.parse(ready).alsoEnd) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended already, as it should.
    }
  }
}

const isReady = (message: unknown): boolean =>
  typeof message === "object" && message !== null && "ready" in message;

function parse(line: string): unknown {
  try {
    return line.startsWith("{") ? JSON.parse(line) : undefined;
  } catch {
    return undefined;
  }
}

function eachLine({ stdout, stderr }: ChildProcess, take: (line: string) => void): void {
  for (const stream of [stdout, stderr]) {
    let rest = "";
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") take(line);
    });
  }
}
