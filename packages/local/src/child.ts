import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { StartError } from "./failure.ts";

/** A process of the local world. Each ends by itself when the one that started it is gone. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly name: string;
  /** A TypeScript module, run by the Node that runs us. */
  readonly module: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Ends the start; a child that has started is ended with `stop`. */
  readonly stopped: AbortSignal;
  readonly onLine: (line: string) => void;
  /** Called when the child ends without having been asked to. */
  readonly onExit: (description: string) => void;
}

const readyTimeoutMs = 30_000;
const stopTimeoutMs = 5_000;
const lastWordsCount = 8;

/**
 * Starts a child and waits until it reports `{"ready": true}`, by message or as a line of output.
 * @throws StartError with the child's last words when it ends or stays silent for 30 seconds, or when `stopped` aborts; by
 * then it has ended, and so has all that it started
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, module, environment, stopped, onExit } = options;
  stopped.throwIfAborted();
  const child = spawn(process.execPath, [module, ...options.arguments], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A group of its own: the keyboard's interrupt reaches only us, we decide in which order things end, and whatever a
    // child starts ends with it, also when it is killed.
    detached: true,
  });
  child.once("exit", () => endGroup(child));
  let stopping = false;
  try {
    await isReady(child, options);
  } catch (error) {
    await end(child);
    throw error;
  }
  child.once("exit", (code, signal) => {
    if (!stopping) onExit(described(code, signal));
  });
  return {
    name,
    pid: child.pid ?? 0,
    stop() {
      stopping = true;
      return end(child);
    },
  };
}

function isReady(child: ChildProcess, { name, stopped, onLine }: ChildOptions): Promise<void> {
  const lastWords: string[] = [];
  const waiting = new AbortController();
  return new Promise<void>((resolve, reject) => {
    const fail = (what: string) =>
      reject(
        new StartError(
          "process-failed",
          [`${name} ${what}.`, ...lastWords.slice(-lastWordsCount)].join("\n  "),
        ),
      );
    const settle = (message: unknown) => {
      if (!saysReady(message)) return false;
      resolve();
      return true;
    };
    const timer = setTimeout(
      () => fail(`was not ready within ${readyTimeoutMs / 1_000} seconds`),
      readyTimeoutMs,
    );
    waiting.signal.addEventListener("abort", () => clearTimeout(timer));
    stopped.addEventListener("abort", () => fail("was told to end while it was starting"), {
      signal: waiting.signal,
    });
    child.on("message", settle);
    // Not "exit": the last words are still on their way then.
    child.once("close", (code, signal) => fail(`ended while it was starting (${described(code, signal)})`));
    child.once("error", (error) => fail(error.message));
    eachLine(child, (line) => {
      lastWords.push(line);
      if (lastWords.length > lastWordsCount) lastWords.shift();
      if (!settle(parse(line))) onLine(line);
    });
  }).finally(() => waiting.abort());
}

const described = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal ?? `exit code ${code ?? "unknown"}`;

/** Asks the child to end, and kills it when it does not. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
  await ended;
  clearTimeout(timer);
}

/** What an ended child had started and left behind is still in its group. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left in it, as it should be.
  }
}

const saysReady = (message: unknown): boolean =>
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
    stream?.once("end", () => {
      if (rest.trim() !== "") take(rest);
    });
  }
}
