import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createTables, tableName } from "@tollhouse/local/resource";
import { startEngine } from "../engine.ts";
import type { Measuring } from "../suite.ts";
import { benchConfiguration } from "./configuration.ts";
import type { Figures } from "./figures.ts";
import { openMarketplace } from "./marketplace.ts";
import { recordsOf } from "./record.ts";
import { type Answer, messageSchema, type Task } from "./task.ts";

/** 200 licenses have 100,000 records of 25 dimensions and 20 hours. */
const size = { licenses: 200 };
const quickSize: typeof size = { licenses: 1 };

/** Submits as many records as the size says, once at AWS's quota and once as fast as we can. @throws StartError */
export async function measureSubmit({ quick, onProgress }: Measuring): Promise<Figures> {
  const { licenses: count } = quick ? quickSize : size;
  onProgress("Starting DynamoDB Local");
  const engine = await startEngine();
  try {
    onProgress(`Subscribing ${count} buyers`);
    const marketplace = await openMarketplace(engine, count);
    try {
      const { licenses, url, keys } = marketplace;
      const run = async (paced: boolean): Promise<Answer> => {
        const place = { ...benchConfiguration, name: paced ? "bench-paced" : "bench-free" };
        await createTables(place, engine.databaseUrl);
        const environment = {
          AWS_ACCESS_KEY_ID: keys.accessKeyId,
          AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
          AWS_ENDPOINT_URL: url,
          AWS_ENDPOINT_URL_DYNAMODB: engine.databaseUrl,
        };
        const task: Task = { table: tableName(place, "Metering"), paced, licenses: [...licenses] };
        onProgress(`${recordsOf(licenses)} records ${paced ? "at AWS's quota" : "to an AWS without one"}`);
        return carryOut(task, environment, onProgress);
      };
      const atQuota = await run(true);
      const arrivals = await marketplace.arrivals();
      const billed = await marketplace.billed();
      assertEqual("billed units", billed, atQuota.records);
      const free = await run(false);
      assertEqual("accepted records", free.accepted, free.records);
      return {
        atQuota: {
          records: atQuota.records,
          calls: atQuota.calls,
          seconds: atQuota.seconds,
          recordsPerCall: atQuota.records / atQuota.calls,
          callsPerSecond: arrivals.callsPerSecond,
          mostInASecond: arrivals.mostInASecond,
          throttled: arrivals.throttled,
        },
        unpaced: { records: free.records, calls: free.calls, seconds: free.seconds },
      };
    } finally {
      await marketplace.close();
    }
  } finally {
    await engine.stop();
  }
}

function assertEqual(what: string, found: number, expected: number): void {
  if (found !== expected)
    throw new Error(`Of ${what} there are ${found}, not ${expected}: nothing is measured.`);
}

/** Does the task in a process of its own, as a function has one. */
async function carryOut(
  task: Task,
  environment: Readonly<Record<string, string>>,
  onProgress: (what: string) => void,
): Promise<Answer> {
  const child = fork(fileURLToPath(new URL("worker.ts", import.meta.url)), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: {
      PATH: process.env["PATH"],
      AWS_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
      POWERTOOLS_SERVICE_NAME: "bench",
      ...environment,
    },
  });
  const exited = once(child, "exit");
  try {
    const answer = new Promise<Answer>((resolve, reject) => {
      child.on("message", (told) => {
        const message = messageSchema.parse(told);
        if ("progress" in message) onProgress(message.progress);
        else if ("failed" in message) reject(new Error(`Submitting failed: ${message.failed}`));
        else resolve(message.answer);
      });
      void exited.then(() => reject(new Error("The process that submits ended unasked.")));
    });
    child.send(task);
    return await answer;
  } finally {
    child.kill();
    await exited;
  }
}
