/** Time as AWS's pages count it; shares no code with what is checked. Instants are milliseconds since 1970. */
export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export const hourOf = (at: number): number => Math.floor(at / hourMs);

const monthsLater = (at: number, months: number): number => {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months);
};

/** The first instant of the month after. */
export const nextMonth = (at: number): number => monthsLater(at, 1);

/** Usage is taken for 24 hours, and none of a month from six o'clock on the first of the next (BatchMeterUsage reference, 2026). */
export const shutsAt = (timestamp: number): number =>
  Math.min(timestamp + dayMs, nextMonth(timestamp) + 6 * hourMs);

/** Whether AWS takes no record of an hour any more. */
export const isShut = (hour: number, now: number): boolean => now >= shutsAt(hour * hourMs);

/** `2026-08-20T14`, as configurations write hours. */
export const hourText = (hour: number): string => new Date(hour * hourMs).toISOString().slice(0, 13);
