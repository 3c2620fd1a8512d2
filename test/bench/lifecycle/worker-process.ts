import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ResolvedBuyer } from "@tollhouse/core/lifecycle/register";
import type { Engine } from "../engine.ts";
import { type Answer, answerSchema, type Command, type Settings } from "./exchange.ts";

type Taken = Extract<Answer, { samples: unknown }>;
type Written = Extract<Answer, { latenciesMs: unknown }>;

/** The worker, seen from outside. Each call waits for its end; they are made one after the other. */
export interface Worker {
  take(count: number, counted?: boolean): Promise<Taken>;
  register(buyers: readonly ResolvedBuyer[], counted?: boolean): Promise<Taken>;
  write(count: number): Promise<Written>;
  stop(): Promise<void>;
}

const answerTimeoutMs = 60_000;

export function startWorker({ queuesUrl, databaseUrl, queueUrls, tableName }: Engine): Worker {
  const settings: Settings = {
    queueUrl: queueUrls.Intake,
    relayQueueUrl: queueUrls.Relay,
    table: tableName("Lifecycle"),
  };
  const child = fork(fileURLToPath(new URL("worker.ts", import.meta.url)), [JSON.stringify(settings)], {
    // Its output is a log line a message; what fails is told.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: {
      PATH: process.env["PATH"],
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "LOCAL",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ENDPOINT_URL_SQS: queuesUrl,
      AWS_ENDPOINT_URL_DYNAMODB: databaseUrl,
      POWERTOOLS_SERVICE_NAME: "intake",
    },
  });
  const exited = once(child, "exit");
  const ask = async (command: Command): Promise<Exclude<Answer, { failed: string }>> => {
    const settled = new AbortController();
    const signal = AbortSignal.any([settled.signal, AbortSignal.timeout(answerTimeoutMs)]);
    try {
      const answered = once(child, "message", { signal });
      child.send(command);
      const gone = exited.then(() => {
        throw new Error("The worker ended unasked.");
      });
      const answer = answerSchema.parse((await Promise.race([answered, gone]))[0]);
      if ("failed" in answer) throw new Error(answer.failed);
      return answer;
    } finally {
      settled.abort();
    }
  };
  const sampled = async (command: Command) => {
    const answer = await ask(command);
    if (!("samples" in answer)) throw new Error("The worker answered another question.");
    return answer;
  };
  return {
    take: (count, counted = false) => sampled({ do: "take", count, counted }),
    register: (buyers, counted = false) => sampled({ do: "register", buyers: [...buyers], counted }),
    async write(count) {
      const answer = await ask({ do: "write", count });
      if (!("latenciesMs" in answer)) throw new Error("The worker answered another question.");
      return answer;
    },
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
