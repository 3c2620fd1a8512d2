import { apply, type Change, type State } from "../rules/state.ts";
import type { ClockReading } from "./clock.ts";

/** One act: what it changed, and the clock at that moment. */
interface Entry {
  readonly clock: ClockReading;
  readonly changes: readonly Change[];
}

export const lineOf = (entry: Entry): string => `${JSON.stringify(entry)}\n`;

/**
 * Puts the acts of a log into `state`, in place, and gives the clock at the last one. A last line that was cut off was
 * never answered, and is left out. Changes say what is, not what is added, so that acts which the state holds already do
 * no harm.
 */
export function replay(text: string, state: State): ClockReading | undefined {
  const lines = text.split("\n").slice(0, -1);
  const entries = lines.map((line) => JSON.parse(line) as Entry);
  for (const { changes } of entries) apply(state, changes);
  return entries.at(-1)?.clock;
}
