import type { Instant } from "./instant.ts";

/**
 * The one clock that decides about the domain: the system's in production, the simulator's in the local world.
 * Credentials, signatures and time-outs do not use it; they stay on the machine's clock.
 */
export interface Clock {
  now(): Promise<Instant>;
}

export const fixedClock = (now: Instant): Clock => ({ now: () => Promise.resolve(now) });
