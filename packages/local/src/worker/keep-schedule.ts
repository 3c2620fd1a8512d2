import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "@tollhouse/core/time/clock";
import { minuteMs } from "@tollhouse/core/time/instant";
import type { FunctionName } from "@tollhouse/functions/manifest";
import { type Handler, invoke } from "./invoke.ts";

/** How often the world's clock is looked at, on the machine's clock. */
const lookEveryMs = 100;

/**
 * Calls the handler whenever the world's clock passes a multiple of the period. Ticks that pass while it runs become one, as
 * with a function that never runs twice at once: each run does all there is to do.
 */
export async function keepSchedule(
  {
    clock,
    handler,
    functionName,
    stopped,
  }: { clock: Clock; handler: Handler; functionName: FunctionName; stopped: AbortSignal },
  everyMinutes: number,
): Promise<void> {
  let last: number | undefined;
  while (!stopped.aborted) {
    try {
      const tick = Math.floor((await clock.now()) / (everyMinutes * minuteMs));
      if (tick !== last) {
        last = tick;
        await invoke(handler, functionName, {});
      }
    } catch (error) {
      console.error(
        JSON.stringify({
          level: "ERROR",
          service: functionName,
          message: "Run failed; the next tick tries again",
          error: String(error),
        }),
      );
    }
    await pause(lookEveryMs);
  }
}
