import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { remoteClock } from "@tollhouse/aws/clock/clock";
import { formatInstant, type Instant, instant, minuteMs } from "@tollhouse/core/time/instant";
import type { FunctionName } from "@tollhouse/functions/manifest";
import { type Handler, invoke } from "./invoke.ts";

/** For so long, on the machine's clock, the simulator waits for an instant before it answers that it has not come. */
const waitSeconds = 2;
/** A clock that does not answer is not asked again at once. */
const pauseAfterFailureMs = 500;

export interface Schedule {
  /** The simulator's clock. */
  readonly clockUrl: string;
  readonly everyMinutes: number;
  readonly handler: Handler;
  readonly functionName: FunctionName;
  readonly stopped: AbortSignal;
}

/**
 * Calls the handler at once, and whenever the simulator's clock passes a multiple of the period. Ticks that pass while it runs
 * become one, as with a function that never runs twice at once: each run does all there is to do.
 */
export async function keepSchedule(schedule: Schedule): Promise<void> {
  const { everyMinutes, handler, functionName, stopped } = schedule;
  const fail = (error: unknown) =>
    console.error(
      JSON.stringify({
        level: "ERROR",
        service: functionName,
        message: "Run failed; the next tick tries again",
        error: String(error),
      }),
    );
  const periodMs = everyMinutes * minuteMs;
  const isStopped = once(stopped, "abort");
  let tick = -1;
  while (!stopped.aborted) {
    const next = instant((tick + 1) * periodMs);
    const nowMs = await Promise.race([waitFor(next, schedule).catch(fail), isStopped.then(() => undefined)]);
    if (nowMs === undefined) await Promise.race([pause(pauseAfterFailureMs), isStopped]);
    else if (nowMs >= next) {
      tick = Math.floor(nowMs / periodMs);
      await invoke(handler, functionName, {}).catch(fail);
    }
  }
}

/** What the clock shows when it has come to an instant, or before, when that takes long. */
const waitFor = (at: Instant, { clockUrl }: Schedule): Promise<Instant> =>
  remoteClock(`${clockUrl}?reaches=${formatInstant(at)}&withinSeconds=${waitSeconds}`).now();
