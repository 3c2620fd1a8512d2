import { styleText } from "node:util";
import * as z from "zod";

const logSchema = z.looseObject({ level: z.string().default("INFO"), message: z.string() });
const errorSchema = z.object({ name: z.string().optional(), message: z.string() });

/** Fields that say nothing to a person who watches. */
const unsaid = new Set([
  ...["level", "message", "timestamp", "service", "sampling_rate", "xray_trace_id", "function_request_id"],
  ...["messageId", "door", "attempt", "batchId"],
]);
const nameWidth = 12;
const indent = " ".repeat(nameWidth + 1);
/** A value's end is rarely what helps; all of it is in the JSON lines. */
const valueLength = 300;
const widest = 120;

/** A line for CloudWatch alone (CloudWatch guide, "Embedded Metric Format"): numbers that the log says in words where they matter. */
const metricSchema = z.object({ _aws: z.object({ CloudWatchMetrics: z.array(z.unknown()) }) });

/**
 * A process's log line for people: who, what, and the fields that matter, in lines no wider than the terminal. Lines that are no
 * log keep their words.
 */
export function describeLine(process: string, line: string, columns = widest): string[] {
  const width = Math.max(Math.min(columns, widest) - indent.length, 40);
  const name = process.padEnd(nameWidth);
  const said = parse(line);
  if (metricSchema.safeParse(said).success) return [];
  const log = logSchema.safeParse(said);
  if (!log.success) return hang(name, wrap(shorten(line), width));
  const { level, message } = log.data;
  const fields = Object.entries(log.data).flatMap(([key, value]) => describeField(key, value));
  // What of its numbers people should know is warned of by itself.
  if (message === "Watched") return [];
  if (message === "Meter ran" && fields.length === 0) return [];
  const [first = "", ...others] = wrap([message, ...fields].join("  "), width);
  return hang(name, [first, ...others]).map((text) => coloured(level, text));
}

const coloured = (level: string, text: string): string =>
  level === "ERROR" ? styleText("red", text) : level === "WARN" ? styleText("yellow", text) : text;

/** `key=value`; nothing for what says nothing. An error is its message: where it was thrown is in the JSON lines. */
function describeField(key: string, value: unknown): string[] {
  if (unsaid.has(key) || value === 0 || value === false || (Array.isArray(value) && value.length === 0))
    return [];
  const error = errorSchema.safeParse(value);
  if (error.success)
    return [`${key}=${shorten([error.data.name, error.data.message].filter(Boolean).join(": "))}`];
  return [`${key}=${shorten(typeof value === "string" ? value : JSON.stringify(value))}`];
}

const shorten = (text: string): string => {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= valueLength ? line : `${line.slice(0, valueLength)}…`;
};

const hang = (name: string, lines: readonly string[]): string[] =>
  lines.map((line, index) => (index === 0 ? `${name} ${line}` : `${indent}${line}`));

/** Breaks a text at spaces; a word that is wider than a line stays whole, so that it can be copied. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line.trimEnd());
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line.trimEnd()];
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
