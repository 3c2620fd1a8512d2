import { describe, expect, it } from "vitest";
import { ClockError, SimulatedClock } from "./clock.ts";

/** A clock on a machine whose time passes only when told. */
function clockAt(nowMs: number, rate: number) {
  let elapsedMs = 1_000_000;
  const clock = new SimulatedClock({ nowMs, rate }, () => elapsedMs);
  return { clock, now: () => clock.read().nowMs, passes: (ms: number) => (elapsedMs += ms) };
}

describe("simulated time", () => {
  it("stands at rate 0", () => {
    const { now, passes } = clockAt(5_000, 0);
    passes(60_000);
    expect(now()).toBe(5_000);
  });

  it("runs with the machine at rate 1, and faster at a higher one", () => {
    const { clock, now, passes } = clockAt(5_000, 1);
    passes(10);
    expect(now()).toBe(5_010);
    clock.change({ rate: 3_600 });
    passes(1_000);
    expect(now()).toBe(5_010 + 3_600_000);
  });

  it("keeps the time it has when the rate changes", () => {
    const { clock, now, passes } = clockAt(0, 100);
    passes(50);
    clock.change({ rate: 0 });
    passes(50);
    expect(now()).toBe(5_000);
  });

  it("is set and advanced, and runs on from there", () => {
    const { clock, now, passes } = clockAt(0, 1);
    clock.change({ nowMs: 1_000, advanceMs: 500 });
    passes(1);
    expect(now()).toBe(1_501);
  });

  it("never goes back, and a refused change changes nothing", () => {
    const { clock, now } = clockAt(5_000, 0);
    expect(() => clock.change({ nowMs: 4_999, rate: 7 })).toThrow(ClockError);
    expect(clock.read()).toEqual({ nowMs: 5_000, rate: 0 });
    expect(now()).toBe(5_000);
  });

  it("ends with the years that a text can name", () => {
    const { clock, now, passes } = clockAt(Date.UTC(9998, 11, 31), 100_000);
    expect(() => clock.change({ nowMs: Date.UTC(10_000, 0, 1) })).toThrow(ClockError);
    passes(10_000_000);
    expect(now()).toBe(Date.UTC(9999, 0, 1));
  });
});

describe("waiting for an instant", () => {
  const longMs = 60_000;

  it("ends when the clock has run there", async () => {
    const clock = new SimulatedClock({ nowMs: 0, rate: 10_000 });
    expect((await clock.reaches(50_000, longMs)).nowMs).toBeGreaterThanOrEqual(50_000);
  });

  it("ends when the clock is set there, and when it runs there after it was let go", async () => {
    const { clock } = clockAt(0, 0);
    const early = clock.reaches(1_000, longMs);
    const late = clock.reaches(2_000, longMs);
    clock.change({ advanceMs: 999 });
    clock.change({ advanceMs: 1 });
    expect(await early).toEqual({ nowMs: 1_000, rate: 0 });
    clock.change({ nowMs: 2_000, rate: 1 });
    expect(await late).toEqual({ nowMs: 2_000, rate: 1 });
  });

  it("ends at once when the clock is there already, and when there is no more time", async () => {
    const { clock } = clockAt(5_000, 0);
    expect(await clock.reaches(5_000, longMs)).toEqual({ nowMs: 5_000, rate: 0 });
    expect(await clock.reaches(5_001, 0)).toEqual({ nowMs: 5_000, rate: 0 });
  });

  it("leaves nothing behind", async () => {
    const clock = new SimulatedClock({ nowMs: 0, rate: 0 });
    expect(await clock.reaches(1, 1)).toEqual({ nowMs: 0, rate: 0 });
  });
});
