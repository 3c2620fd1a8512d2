import { microUnits } from "../quantity/micro-units.ts";
import { instant } from "../time/instant.ts";
import { hourStart, type UtcHour } from "../time/utc-hour.ts";
import type { TagSet, UsageEvent } from "./usage-event.ts";

/**
 * The content of a segment: one list a field, in each of which the events stand in the same order. A column of like values
 * is written, compressed and read faster than a row an event. Strings that recur are listed once and named by their place.
 */
export interface Columns {
  readonly texts: readonly string[];
  readonly source: readonly number[];
  readonly id: readonly string[];
  readonly subject: readonly number[];
  readonly dimension: readonly number[];
  readonly tagSet: readonly number[];
  readonly quantity: readonly string[];
  readonly offsetMs: readonly number[];
}

export function columnsOf(hour: UtcHour, events: readonly UsageEvent[]): Columns {
  const places = new Map<string, number>();
  const place = (text: string): number => {
    const known = places.get(text);
    if (known !== undefined) return known;
    places.set(text, places.size);
    return places.size - 1;
  };
  const start = hourStart(hour);
  const columns = {
    source: events.map(({ source }) => place(source)),
    id: events.map(({ id }) => id),
    subject: events.map(({ subject }) => place(subject)),
    dimension: events.map(({ dimension }) => place(dimension)),
    tagSet: events.map(({ tagSet }) => place(tagSet)),
    quantity: events.map(({ quantity }) => quantity.toString()),
    offsetMs: events.map(({ at }) => at - start),
  };
  return { texts: [...places.keys()], ...columns };
}

/** @throws Error when the content is something else */
export function eventsOfColumns(hour: UtcHour, content: unknown): UsageEvent[] {
  if (!isColumns(content)) throw new Error("the columns are not what was packed");
  const { texts, source, id, subject, dimension, tagSet, quantity, offsetMs } = content;
  const text = (place: number | undefined): string => held(texts[held(place)]);
  const start = hourStart(hour);
  return id.map((name, index) => ({
    source: text(source[index]),
    id: name,
    subject: text(subject[index]),
    dimension: text(dimension[index]),
    tagSet: text(tagSet[index]) as TagSet,
    quantity: microUnits(BigInt(held(quantity[index]))),
    at: instant(start + held(offsetMs[index])),
  }));
}

/** @throws Error when a place that something names is empty */
function held<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a place is named that is empty");
  return value;
}

type Check = (value: unknown) => value is readonly unknown[];
const areTexts: Check = (value): value is readonly string[] =>
  Array.isArray(value) && value.every((member) => typeof member === "string");
const areNumbers: Check = (value): value is readonly number[] =>
  Array.isArray(value) && value.every((member) => typeof member === "number");

const columnChecks = {
  source: areNumbers,
  id: areTexts,
  subject: areNumbers,
  dimension: areNumbers,
  tagSet: areNumbers,
  quantity: areTexts,
  offsetMs: areNumbers,
} satisfies Record<Exclude<keyof Columns, "texts">, Check>;

/** By hand: a schema would cost more than all the rest of reading a segment, whose checksum is right already. */
function isColumns(value: unknown): value is Columns {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const id = fields.get("id");
  const count = Array.isArray(id) ? id.length : undefined;
  const isColumn = ([name, areRight]: [string, Check]): boolean => {
    const column = fields.get(name);
    return areRight(column) && column.length === count;
  };
  return areTexts(fields.get("texts")) && Object.entries(columnChecks).every(isColumn);
}
