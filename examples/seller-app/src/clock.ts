import * as z from "zod";

const reading = z.object({ now: z.iso.datetime() });

/** When usage happens: now, by the system's clock, or by that of a local world. */
export const worldClock = (clockUrl: string | undefined) => async (): Promise<string> => {
  if (clockUrl === undefined) return new Date().toISOString();
  const response = await fetch(clockUrl, { signal: AbortSignal.timeout(2_000) });
  return reading.parse(await response.json()).now;
};
