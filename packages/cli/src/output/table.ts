import Table from "cli-table3";
import { nameValues } from "./paragraph.ts";
import type { View } from "./view.ts";

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  readonly align?: "left" | "right";
  /** The width to which it may be cut when the line is narrow; without it the column is shown whole, as ids must be. */
  readonly least?: number;
  /** When the line is narrow the columns with this are left out, the highest first. */
  readonly leaveOut?: number;
  readonly paint?: (text: string, row: Row) => string;
}

interface Fitted<Row> {
  readonly column: Column<Row>;
  readonly width: number;
}

const gap = 2;
const sides = ["top", "bottom", "left", "right", "mid"];
const borderless = Object.fromEntries([
  ...sides.flatMap((side) => [side, `${side}-mid`].map((part) => [part, ""] as const)),
  ...["top-left", "top-right", "bottom-left", "bottom-right", "mid-mid", "right-mid", "middle"].map(
    (part) => [part, ""] as const,
  ),
]);

/** Rows in columns that fit the width: some are left out, then some are cut; what still does not fit is shown as blocks. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], view: View): string {
  const filled = columns.filter(({ cell }) => rows.some((row) => cell(row) !== ""));
  const chosen = fit(
    filled.map((column) => ({ column, width: naturalWidth(column, rows) })),
    view.width,
  );
  if (chosen === undefined) return blocks(columns, rows, view);
  const drawn = new Table({
    head: chosen.map(({ column }) => view.paint.quiet(column.head)),
    colWidths: chosen.map(({ width }) => width + gap),
    colAligns: chosen.map(({ column }) => column.align ?? "left"),
    chars: borderless,
    style: { "padding-left": 0, "padding-right": gap, head: [], border: [] },
  });
  for (const row of rows)
    drawn.push(chosen.map(({ column }) => (column.paint ?? ((text) => text))(column.cell(row), row)));
  return drawn.toString().replace(/ +$/gm, "");
}

const naturalWidth = <Row>({ head, cell }: Column<Row>, rows: readonly Row[]): number =>
  rows.reduce((widest, row) => Math.max(widest, cell(row).length), head.length);

const total = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width + gap, -gap);

/** `undefined` when no choice fits. */
function fit<Row>(all: readonly Fitted<Row>[], width: number): readonly Fitted<Row>[] | undefined {
  const narrowest = all.map((each) => Math.min(each.width, each.column.least ?? each.width));
  if (total(narrowest) > width) {
    const order = Math.max(...all.map(({ column }) => column.leaveOut ?? 0));
    return order === 0
      ? undefined
      : fit(
          all.filter(({ column }) => column.leaveOut !== order),
          width,
        );
  }
  let spare = width - total(narrowest);
  return all.map((each, index) => {
    const least = narrowest[index] ?? each.width;
    const given = Math.min(each.width - least, spare);
    spare -= given;
    return { ...each, width: least + given };
  });
}

/** The first column as a heading, the others by name under it. */
function blocks<Row>([first, ...others]: readonly Column<Row>[], rows: readonly Row[], view: View): string {
  return rows
    .map((row) =>
      [
        view.paint.strong(first?.cell(row) ?? ""),
        ...nameValues(
          others.map(({ head, cell }) => [head.toLowerCase(), cell(row)]),
          view.width - gap,
        ).map((line) => `  ${line}`),
      ].join("\n"),
    )
    .join("\n\n");
}
