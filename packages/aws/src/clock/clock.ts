import type { Clock } from "@tollhouse/core/time/clock";
import { instant, parseInstant } from "@tollhouse/core/time/instant";
import * as z from "zod";

export const systemClock: Clock = { now: () => Promise.resolve(instant(Date.now())) };

const answerSchema = z.object({ now: z.string() });

/** The simulator's clock, which can stand still or run faster than the world's. It is asked each time, since it may jump. */
export const remoteClock = (url: string): Clock => ({
  async now() {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    const at = parseInstant(answerSchema.parse(await response.json()).now);
    if (at === undefined) throw new Error(`The clock at ${url} answered no instant.`);
    return at;
  },
});
