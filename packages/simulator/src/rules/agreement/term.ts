import { type Catalogue, type Product, speaksEvents } from "../catalogue.ts";
import { secondMs } from "../time.ts";
import type { Agreement, EndStatus } from "./agreement.ts";

function monthsAfter(atMs: number, months: number): number {
  const at = new Date(atMs);
  return at.setUTCMonth(at.getUTCMonth() + months);
}

function wholeMonths(fromMs: number, untilMs: number): number {
  const [from, until] = [new Date(fromMs), new Date(untilMs)];
  return (until.getUTCFullYear() - from.getUTCFullYear()) * 12 + until.getUTCMonth() - from.getUTCMonth();
}

/** A contract's term where no other is named. */
export const aYearAfter = (atMs: number): number => monthsAfter(atMs, 12);

/** The end of a term as long as the one from `startAtMs` to `endAtMs`, in whole months where that one was. */
export function termAsLong(startAtMs: number, endAtMs: number, nextStartAtMs: number): number {
  const months = wholeMonths(startAtMs, endAtMs);
  return months > 0 && monthsAfter(startAtMs, months) === endAtMs
    ? monthsAfter(nextStartAtMs, months)
    : nextStartAtMs + (endAtMs - startAtMs);
}

/** When an agreement that is over at `atMs` is announced as ended, and its license as deprovisioned. */
export function endOf(
  { notificationDelays: delays }: Catalogue,
  product: Product,
  atMs: number,
  status: EndStatus,
): NonNullable<Agreement["end"]> {
  const endedSeconds = speaksEvents(product)
    ? delays.agreementEndedSeconds
    : delays.unsubscribePendingSeconds;
  return {
    status,
    endedAtMs: atMs + endedSeconds * secondMs,
    deprovisionedAtMs: atMs + delays.licenseDeprovisionedSeconds * secondMs,
  };
}
