import { closeSync, fdatasyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import type { Change } from "../rules/state.ts";
import type { ClockReading } from "./clock.ts";
import { type Kept, logPath } from "./state-file.ts";
import { lineOf } from "./state-log.ts";

/** From this size on the log is folded into the state file. */
const foldAtBytes = 8_000_000;

/** Its owner alone may read it, since it holds a private key and tokens. */
const mode = 0o600;

function writeDurably(path: string, text: string): void {
  const file = openSync(path, "w", mode);
  writeSync(file, text);
  fdatasyncSync(file);
  closeSync(file);
}

/** Keeps what happens, and ends with the whole of it in one file. */
export interface StateKeeper {
  /** Returns when the changes would survive a kill. */
  readonly record: (changes: readonly Change[]) => void;
  readonly close: () => void;
}

/** Keeps nothing, for a world without a state file. */
const noKeeper: StateKeeper = { record: () => undefined, close: () => undefined };

/**
 * Keeps the whole state in the file at `path` and what has happened since in a log beside it. A change is in the log, on
 * disk, before it is answered.
 */
export function keepState(
  path: string | undefined,
  current: () => Kept,
  clock: () => ClockReading,
): StateKeeper {
  if (path === undefined) return noKeeper;
  let log: number | undefined;
  let bytes = 0;
  const fold = () => {
    // The file is exchanged before the log begins anew: the old log does the new file no harm.
    writeDurably(`${path}.tmp`, JSON.stringify(current()));
    renameSync(`${path}.tmp`, path);
    if (log !== undefined) closeSync(log);
    log = openSync(logPath(path), "w", mode);
    bytes = 0;
    return log;
  };
  fold();
  return {
    record: (changes) => {
      const open = bytes < foldAtBytes ? (log ?? fold()) : fold();
      bytes += writeSync(open, lineOf({ clock: clock(), changes }));
      fdatasyncSync(open);
    },
    close: () => {
      closeSync(fold());
      rmSync(logPath(path));
    },
  };
}
