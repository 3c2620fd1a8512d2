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
  let tick = -1;
  while (!stopped.aborted) {
    const next = instant((tick + 1) * periodMs);
    const now = await untilStopped(waitFor(next, schedule).catch(fail), stopped);
    if (now === undefined) await untilStopped(pause(pauseAfterFailureMs), stopped);
    else if (now >= next) {
      tick = Math.floor(now / periodMs);
      await invoke(handler, functionName, {}).catch(fail);
    }
  }
}

async function untilStopped<Value>(value: Promise<Value>, stopped: AbortSignal): Promise<Value | undefined> {
  if (stopped.aborted) return undefined;
  const settled = new AbortController();
  const stop = once(stopped, "abort", { signal: settled.signal });
  return Promise.race([value, stop.then(() => undefined)]).finally(() => settled.abort());
}

/** What the clock shows when it has come to an instant, or before, when that takes long. */
const waitFor = (at: Instant, { clockUrl }: Schedule): Promise<Instant> =>
  remoteClock(`${clockUrl}?reaches=${formatInstant(at)}&withinSeconds=${waitSeconds}`).now();
