import { styleText } from "node:util";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import * as z from "zod";
import type { Places } from "./world.ts";

/** What runs where, and what to try next. */
export function screen(configuration: Configuration, world: Places, keptIn: string | undefined): string {
  const place = (what: string, where: string) => `  ${what.padEnd(24)}${where}`;
  const [product] = configuration.products;
  return [
    "",
    styleText("bold", "Tollhouse runs. Ctrl-C ends everything."),
    "",
    place("Registration page", world.registrationUrl),
    place("Marketplace simulator", `${world.simulatorUrl}/_simulator/health`),
    place("Queues (SQS, SNS)", world.queuesUrl),
    place("DynamoDB Local", `${world.databaseUrl}  (listens on all interfaces)`),
    place("Kept across runs", keptIn ?? "nothing (npm start -- --keep)"),
    "",
    styleText("bold", "Try"),
    "  A buyer subscribes; copy the registrationToken of the answer:",
    `    curl -s ${world.simulatorUrl}/_simulator/agreements -H 'content-type: application/json' \\`,
    `      -d '{"productCode":"${product?.code ?? ""}","buyerAccountId":"777788889999"}'`,
    "  The buyer's browser comes to register:",
    `    curl -s ${world.registrationUrl} --data-urlencode 'x-amzn-marketplace-token=TOKEN'`,
    "  Time passes sixty times faster (an hour a minute), and the bill so far:",
    `    curl -s ${world.simulatorUrl}/_simulator/clock -H 'content-type: application/json' -d '{"rate":60}'`,
    `    curl -s ${world.simulatorUrl}/_simulator/bill`,
    "  The whole story, played by itself, in another terminal:",
    "    npm run demo",
    "",
    "",
  ].join("\n");
}

const logSchema = z.looseObject({
  level: z.string().default("INFO"),
  message: z.string(),
  timestamp: z.string().optional(),
});
const known = new Set([
  "level",
  "message",
  "timestamp",
  "service",
  "sampling_rate",
  "xray_trace_id",
  "function_request_id",
  "messageId",
  "door",
  "attempt",
  "batchId",
]);

/** A process's log line for people: who, what, and the fields that matter. Lines that are no log stay as they are. */
export function describeLine(process: string, line: string): string[] {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return [`${process.padEnd(12)} ${line}`];
  }
  const parsed = logSchema.safeParse(json);
  if (!parsed.success) return [`${process.padEnd(12)} ${line}`];
  const { level, message } = parsed.data;
  const fields = Object.entries(parsed.data)
    .filter(([key, value]) => !known.has(key) && value !== 0 && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  if (message === "Meter ran" && fields.length === 0) return [];
  const text = `${process.padEnd(12)} ${message}${fields.length === 0 ? "" : `  ${styleText("dim", fields.join(" "))}`}`;
  return [level === "ERROR" ? styleText("red", text) : level === "WARN" ? styleText("yellow", text) : text];
}
