import { setTimeout as delay } from "node:timers/promises";
import type { Telling } from "./check.ts";

/** Time for a step that was half done to be finished. */
const pauseMs = 1_000;
/** Less often than an eye could follow. */
const tellEveryMs = 200;
const clearLine = "\r\u001b[K";

/** Tells how far a check has come: on a terminal by a line that is written over and wiped away in the end. */
export function tellingOn(
  stream: Pick<NodeJS.WriteStream, "write" | "isTTY">,
  isQuiet: boolean,
): Telling & { readonly end: () => void } {
  const draws = stream.isTTY && !isQuiet;
  let toldAt = 0;
  return {
    onProgress({ segments, books, records }) {
      if (!draws || performance.now() - toldAt < tellEveryMs) return;
      toldAt = performance.now();
      stream.write(`${clearLine}${segments} segments, ${books} books, ${records} usage records so far`);
    },
    async beforeLook(look, of) {
      if (draws) stream.write(clearLine);
      if (!isQuiet)
        stream.write(
          `There are differences. Others may have written meanwhile: looking again (${look} of ${of}).\n`,
        );
      await delay(pauseMs);
    },
    end() {
      if (draws) stream.write(clearLine);
    },
  };
}

/** Tells on a terminal how many of how many are done. */
export function tellingHowFar(
  stream: Pick<NodeJS.WriteStream, "write" | "isTTY">,
  isQuiet: boolean,
  what: string,
): { readonly onProgress: (done: number, of?: number) => void; readonly end: () => void } {
  const draws = stream.isTTY && !isQuiet;
  let toldAt = 0;
  return {
    onProgress(done, of) {
      if (!draws || performance.now() - toldAt < tellEveryMs) return;
      toldAt = performance.now();
      stream.write(`${clearLine}${done}${of === undefined ? "" : ` of ${of}`} ${what} so far`);
    },
    end() {
      if (draws) stream.write(clearLine);
    },
  };
}
