import { styleText } from "node:util";
import type { Instant } from "@tollhouse/core/time/instant";

/** How people are shown something: all that rendering depends on besides the data. */
export interface View {
  /** Characters in a line. */
  readonly width: number;
  readonly now: Instant;
  readonly paint: Paint;
}

export interface Paint {
  readonly strong: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
}

const itself = (text: string) => text;
export const plainPaint: Paint = { strong: itself, quiet: itself, good: itself, warn: itself };

/** Colours on a terminal, unless NO_COLOR is set. */
export const terminalPaint = (stream: NodeJS.WriteStream): Paint => {
  const style = (format: "bold" | "dim" | "green" | "yellow") => (text: string) =>
    styleText(format, text, { stream });
  return { strong: style("bold"), quiet: style("dim"), good: style("green"), warn: style("yellow") };
};

/** Of a pipe or a file, where nobody knows how wide the reader is. */
const pipeWidth = 120;
const leastWidth = 40;

/** A terminal that does not know its width says 0. */
export const widthOf = ({ columns }: { readonly columns?: number }, told = process.env["COLUMNS"]): number =>
  Math.max(leastWidth, columns || Number(told) || pipeWidth);
