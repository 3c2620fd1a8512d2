import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type * as z from "zod";
import { answers, messageSchema, type Task } from "./task.ts";

type Answer<Name extends Task["do"]> = z.output<(typeof answers)[Name]>;

/** Carries out tasks one after the other, each in a new process on this database. */
export function taskRunner(databaseUrl: string, onProgress: (what: string) => void) {
  return async <Name extends Task["do"]>(task: Extract<Task, { do: Name }>): Promise<Answer<Name>> => {
    const child = fork(fileURLToPath(new URL("worker.ts", import.meta.url)), {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: {
        PATH: process.env["PATH"],
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "LOCAL",
        AWS_SECRET_ACCESS_KEY: "local",
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_ENDPOINT_URL_DYNAMODB: databaseUrl,
      },
    });
    const exited = once(child, "exit");
    try {
      const answer = new Promise<unknown>((resolve, reject) => {
        child.on("message", (told) => {
          const message = messageSchema.parse(told);
          if ("progress" in message) onProgress(message.progress);
          else if ("failed" in message) reject(new Error(`The task ${task.do} failed: ${message.failed}`));
          else resolve(message.answer);
        });
        void exited.then(() => reject(new Error(`The process of the task ${task.do} ended unasked.`)));
      });
      child.send(task);
      return answers[task.do].parse(await answer) as Answer<Name>;
    } finally {
      child.kill("SIGTERM");
      await exited;
    }
  };
}
