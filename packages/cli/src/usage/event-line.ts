import { licenseIdOf } from "@tollhouse/core/lifecycle/license";
import { formatQuantity } from "@tollhouse/core/quantity/micro-units";
import type { UsageEvent } from "@tollhouse/core/usage/usage-event";
import { harmless } from "../output/harmless.ts";
import { absolute } from "../output/time.ts";
import { tagPhrase } from "./tag-phrase.ts";

/** From here on a line has room for the day. */
const roomyWidth = 100;
const gap = "  ";

/**
 * Writes usage events, one a line, in columns that grow with what comes; nobody knows yet what will come. A line that is longer
 * than `width` is cut at its end, which is where an event's own name stands.
 */
export function eventLines(width: number): (events: readonly UsageEvent[]) => readonly string[] {
  const widths: number[] = [];
  return (events) => {
    const rows = events.map((event) => cellsOf(harmless(event), width));
    for (const row of rows)
      row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
    return rows.map((row) => cut(aligned(row, widths), width));
  };
}

const quantityColumn = 3;

function cellsOf(
  { at, subject, dimension, quantity, tagSet, source, id }: UsageEvent,
  width: number,
): readonly string[] {
  const time = absolute(at);
  return [
    width < roomyWidth ? time.slice("2026-08-20 ".length) : time,
    licenseIdOf(subject) ?? subject,
    dimension,
    formatQuantity(quantity),
    tagPhrase(tagSet),
    `${source}/${id}`,
  ];
}

const aligned = (row: readonly string[], widths: readonly number[]): string =>
  row
    .map((cell, column) =>
      column === quantityColumn ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    )
    .filter((_, column) => widths[column] !== 0)
    .join(gap)
    .trimEnd();

const cut = (line: string, width: number): string =>
  line.length <= width ? line : `${line.slice(0, width - 1)}…`;
