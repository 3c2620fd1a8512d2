import { setTimeout as wait } from "node:timers/promises";

/** Time, which tests bring along instead of waiting. */
export interface TimeOptions {
  /** The present, in milliseconds since 1970; the system's clock when left out. For tests. */
  readonly now?: (() => number) | undefined;
  /** Waits so many milliseconds, or until the signal is aborted, whichever comes first; never rejects. For tests. */
  readonly pause?: Pause | undefined;
}

export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>;

export const systemPause: Pause = (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined);
