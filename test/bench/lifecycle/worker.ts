import { inspect } from "node:util";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { makeDocumentClient } from "@tollhouse/aws/dynamodb/client";
import { liveWithParent } from "@tollhouse/local/process/life";
import { type Answer, type Command, commandSchema, settingsSchema } from "./exchange.ts";
import { inBatches, makeIntake } from "./intake.ts";
import { countRequests } from "./watch.ts";

/** One worker, a process of its own as a function is: nothing but its own work slows it down. Its standard output is the log. */
const settings = settingsSchema.parse(JSON.parse(process.argv[2] ?? "{}"));
const client = makeDocumentClient();
const counting = makeDocumentClient();
countRequests(counting);
const intake = makeIntake(client, settings);
const countedIntake = makeIntake(counting, settings);

/** As long as a fact with its keys. */
const filling = "x".repeat(500);
let written = 0;

async function putOne(): Promise<number> {
  written += 1;
  const beganAtMs = performance.now();
  await client.send(
    new PutCommand({ TableName: settings.table, Item: { pk: `PLAIN#${written}`, sk: "ITEM", filling } }),
  );
  return performance.now() - beganAtMs;
}

async function carryOut(command: Command): Promise<Answer> {
  const beganAtMs = performance.now();
  const before = process.cpuUsage();
  const spent = () => {
    const { user, system } = process.cpuUsage(before);
    return { elapsedMs: performance.now() - beganAtMs, cpuMs: (user + system) / 1_000 };
  };
  switch (command.do) {
    case "take": {
      const samples = await (command.counted ? countedIntake : intake).take(command.count);
      return { samples, ...spent() };
    }
    case "register": {
      const samples = await (command.counted ? countedIntake : intake).register(command.buyers);
      return { samples, ...spent() };
    }
    case "write": {
      const latenciesMs = await inBatches(Array.from({ length: command.count }), putOne);
      return { latenciesMs, ...spent() };
    }
    default:
      return command satisfies never;
  }
}

process.on("message", (message) => {
  void carryOut(commandSchema.parse(message))
    .catch((error: unknown): Answer => ({ failed: inspect(error) }))
    .then((answer) => process.send?.(answer));
});
liveWithParent(() => Promise.resolve());
