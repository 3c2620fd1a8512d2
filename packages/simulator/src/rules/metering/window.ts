import { dayMs, hourMs, monthStart } from "../time.ts";

/** Hours after a month's end during which its usage is still taken (API reference: BatchMeterUsage). */
const monthEndGraceMs = 6 * hourMs;

/**
 * Whether usage of `timestampMs` may be reported at `nowMs`: not in the future, less than 24 hours old, and of the
 * running billing month or, until 06:00 UTC on the first, of the month before (API reference: BatchMeterUsage).
 */
export function isInWindow(timestampMs: number, nowMs: number): boolean {
  if (timestampMs > nowMs || timestampMs <= nowMs - dayMs) return false;
  const thisMonth = monthStart(nowMs);
  return timestampMs >= thisMonth || nowMs < thisMonth + monthEndGraceMs;
}
