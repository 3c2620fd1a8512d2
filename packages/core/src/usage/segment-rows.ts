import { microUnits } from "../quantity/micro-units.ts";
import { instant } from "../time/instant.ts";
import { hourStart, type UtcHour } from "../time/utc-hour.ts";
import type { TagSet, UsageEvent } from "./usage-event.ts";

type Row = readonly [
  source: number,
  id: string,
  subject: number,
  dimension: number,
  tagSet: number,
  quantity: string,
  offsetMs: number,
];

/**
 * The content of segments of version 1, which are read and no longer written: one row an event.
 * @throws Error when it is something else
 */
export function eventsOfRows(hour: UtcHour, content: unknown): UsageEvent[] {
  if (typeof content !== "object" || content === null || !("texts" in content && "events" in content))
    throw new Error("no texts and events");
  const { texts, events } = content;
  if (!Array.isArray(events) || !areTexts(texts)) throw new Error("texts or events are something else");
  const text = (place: number): string => {
    const found = texts[place];
    if (found === undefined) throw new Error(`no text ${place}`);
    return found;
  };
  const start = hourStart(hour);
  return events.map((row: unknown) => {
    if (!isRow(row)) throw new Error("a row is no event");
    const [source, id, subject, dimension, tagSet, quantity, offsetMs] = row;
    return {
      source: text(source),
      id,
      subject: text(subject),
      dimension: text(dimension),
      tagSet: text(tagSet) as TagSet,
      quantity: microUnits(BigInt(quantity)),
      at: instant(start + offsetMs),
    };
  });
}

const areTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((member) => typeof member === "string");

const rowTypes = ["number", "string", "number", "number", "number", "string", "number"];
const isRow = (value: unknown): value is Row =>
  Array.isArray(value) &&
  value.length === rowTypes.length &&
  rowTypes.every((type, place) => typeof value[place] === type);
