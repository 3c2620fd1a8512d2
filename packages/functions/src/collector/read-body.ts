import { type JsonReading, readJson } from "@tollhouse/core/json/read-json";

/** As much as one message of SQS carries. */
export const maxBodyBytes = 1_048_576;
/** No usage event is shorter than a hundred bytes. */
const maxEvents = 10_000;
const bounds = { maxBytes: maxBodyBytes, maxDepth: 8 };

/** Why a body is not read, with the status that says so. */
export interface Unreadable {
  readonly status: 400 | 413 | 415;
  readonly code: "type-unknown" | "unreadable" | "no-events" | "too-large";
  readonly reason: string;
}

const jsonTypes = ["application/json", "application/cloudevents+json", "application/cloudevents-batch+json"];
const linesType = "application/x-ndjson";

/** Reads a body as its content type says: JSON with one event or an array of them, or one event a line. */
export function readBody(
  contentType: string,
  contentEncoding: string,
  bytes: ArrayBuffer,
): readonly JsonReading[] | Unreadable {
  const type = typeOf(contentType);
  if (type === undefined)
    return unreadable(415, "type-unknown", `send ${[...jsonTypes, linesType].join(", ")}, in UTF-8`);
  if (contentEncoding !== "" && contentEncoding !== "identity")
    return unreadable(
      415,
      "type-unknown",
      `it is sent as ${contentEncoding.slice(0, 40)}: send it uncompressed`,
    );
  const text = textOf(bytes);
  if (text === undefined) return unreadable(400, "unreadable", "the body is not UTF-8");
  const readings = type === linesType ? linesIn(text) : eventsIn(text);
  if ("refused" in readings) return unreadable(400, "unreadable", `the body ${readings.refused}`);
  if (readings.length === 0) return unreadable(400, "no-events", "there is no event in the body");
  return readings.length <= maxEvents
    ? readings
    : unreadable(413, "too-large", `it holds ${readings.length} events; send at most ${maxEvents} at once`);
}

const unreadable = (status: Unreadable["status"], code: Unreadable["code"], reason: string): Unreadable => ({
  status,
  code,
  reason,
});

function typeOf(contentType: string): string | undefined {
  const [type = "", ...parameters] = contentType
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  const isUtf8 = charset === undefined || /^"?utf-?8"?$/.test(charset);
  return isUtf8 && [...jsonTypes, linesType].includes(type) ? type : undefined;
}

/** A byte that is no UTF-8 must not become another character: two ids could become one. */
function textOf(bytes: ArrayBuffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function eventsIn(text: string): readonly JsonReading[] | { readonly refused: string } {
  const json = readJson(text, bounds);
  if ("refused" in json) return json;
  return Array.isArray(json.value) ? json.value.map((value: unknown) => ({ value })) : [json];
}

/** Each line for itself: one that is broken costs the others nothing. Empty lines are none. */
const linesIn = (text: string): readonly JsonReading[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const json = readJson(line, bounds);
      return "refused" in json ? { refused: `the line ${json.refused}` } : json;
    });
