export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** The instant at which the UTC hour of `atMs` begins. */
export const hourStart = (atMs: number): number => Math.floor(atMs / hourMs) * hourMs;
/** `2026-08-20T14` */
export const hourText = (atMs: number): string => new Date(atMs).toISOString().slice(0, 13);
/** License events name their time in whole seconds, so a license is active from a whole second on. */
export const wholeSecond = (atMs: number): number => Math.floor(atMs / secondMs) * secondMs;

/** The instant at which the UTC month of `atMs` begins. */
export function monthStart(atMs: number): number {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1);
}
