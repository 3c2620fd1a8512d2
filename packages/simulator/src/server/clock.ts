import { EventEmitter, once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

/** Past year 9999 an instant no longer fits the texts AWS uses. */
const latestMs = Date.UTC(9999, 0, 1);

export interface ClockReading {
  readonly nowMs: number;
  readonly rate: number;
}

/** The clock was asked to go where it cannot. */
export class ClockError extends Error {
  override readonly name = "ClockError";
  readonly code = "clock-cannot-go-there";
}

/**
 * Simulated time: stands (rate 0), runs with the world (1) or faster, and can be set or advanced, but never goes back,
 * because what has been announced cannot be taken back.
 */
export class SimulatedClock {
  readonly #elapsedMs: () => number;
  #anchorMs: number;
  #anchorElapsedMs: number;
  #rate: number;
  readonly #moves = new EventEmitter().setMaxListeners(0);

  /** @param elapsedMs machine time since some fixed moment, never going back; replaced in tests. */
  constructor({ nowMs, rate }: ClockReading, elapsedMs: () => number = () => performance.now()) {
    this.#elapsedMs = elapsedMs;
    this.#anchorMs = nowMs;
    this.#anchorElapsedMs = elapsedMs();
    this.#rate = rate;
  }

  read(): ClockReading {
    const runMs = (this.#elapsedMs() - this.#anchorElapsedMs) * this.#rate;
    return { nowMs: Math.min(Math.floor(this.#anchorMs + runMs), latestMs), rate: this.#rate };
  }

  /**
   * Sets the time, then advances it, then sets the rate, each where given.
   * @throws ClockError when that would go back, or past the year 9999; the clock is then unchanged.
   */
  change({ nowMs, advanceMs, rate }: { nowMs?: number; advanceMs?: number; rate?: number }): ClockReading {
    const before = this.read();
    const afterMs = Math.floor((nowMs ?? before.nowMs) + (advanceMs ?? 0));
    if (afterMs < before.nowMs)
      throw new ClockError(`the clock stands at ${new Date(before.nowMs).toISOString()} and never goes back`);
    if (afterMs > latestMs) throw new ClockError("the clock ends with the year 9998");
    this.#anchorMs = afterMs;
    this.#anchorElapsedMs = this.#elapsedMs();
    this.#rate = rate ?? before.rate;
    this.#moves.emit("moved");
    return this.read();
  }

  /** Resolves when the clock shows an instant, and at the latest after so many milliseconds of machine time, with what it shows then. */
  async reaches(atMs: number, withinMs: number): Promise<ClockReading> {
    const endsAt = this.#elapsedMs() + withinMs;
    for (;;) {
      const { nowMs, rate } = this.read();
      const leftMs = Math.min(endsAt - this.#elapsedMs(), (atMs - nowMs) / rate);
      if (nowMs >= atMs || leftMs <= 0) return { nowMs, rate };
      const settled = new AbortController();
      const { signal } = settled;
      await Promise.race([
        pause(Math.ceil(leftMs), undefined, { ref: false, signal }),
        once(this.#moves, "moved", { signal }),
      ]);
      settled.abort();
    }
  }
}
