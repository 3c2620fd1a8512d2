import type { ClockReading } from "../clock.ts";
import { dayMs, hourMs, hourStart, minuteMs, monthStart } from "../../rules/time.ts";

interface ClockStep {
  readonly label: string;
  /** For whom the label is too short. */
  readonly title: string;
  readonly change: (reading: ClockReading) => { readonly nowMs?: number; readonly rate?: number };
}

const speed = (label: string, title: string, rate: number): ClockStep => ({
  ...{ label, title },
  change: () => ({ rate }),
});
const jump = (label: string, title: string, target: (nowMs: number) => number): ClockStep => ({
  ...{ label, title },
  change: ({ nowMs }) => ({ nowMs: target(nowMs) }),
});

const nextMonth = (nowMs: number): number => monthStart(monthStart(nowMs) + 32 * dayMs);

/** Sellers wait some minutes for late usage before they report an hour. */
const pastHourMs = 15 * minuteMs;

/** Ten minutes before the month is over; of the next one when less is left. */
function monthEnd(nowMs: number): number {
  const end = nextMonth(nowMs) - 10 * minuteMs;
  return end > nowMs ? end : nextMonth(nextMonth(nowMs)) - 10 * minuteMs;
}

/** Usage of the month before is taken until 06:00 UTC on the first (API reference, BatchMeterUsage). */
const pastMonth = (nowMs: number): number => nextMonth(nowMs) + 6 * hourMs + 5 * minuteMs;

export const speeds = {
  stop: speed("Stop", "Time stands still", 0),
  normal: speed("1×", "As fast as the world", 1),
  minute: speed("60×", "A minute each second", 60),
  tenMinutes: speed("600×", "Ten minutes each second", 600),
};

export const jumps = {
  minutes: jump("+5 min", "Five minutes on", (nowMs) => nowMs + 5 * minuteMs),
  hour: jump("Next hour", "A quarter past the next hour", (nowMs) => hourStart(nowMs) + hourMs + pastHourMs),
  day: jump("Next day", "A quarter past the next midnight", (nowMs) => {
    const midnight = Math.floor(nowMs / dayMs) * dayMs + dayMs;
    return midnight + pastHourMs;
  }),
  "month-end": jump("Month end", "Ten minutes before the month is over", monthEnd),
  "past-month": jump(
    "1st, 06:05",
    "When AWS takes no more usage of the month before: past 06:00 of the first",
    pastMonth,
  ),
};

const steps: Readonly<Record<string, ClockStep>> = { ...speeds, ...jumps };

/** The step of that name, if there is one. */
export const clockStep = (name: string): ClockStep | undefined =>
  Object.hasOwn(steps, name) ? steps[name] : undefined;
