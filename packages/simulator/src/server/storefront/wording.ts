import { html } from "hono/html";

/** A piece of a page. */
export type Html = ReturnType<typeof html>;

const day = { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" } as const;
const dayAndTime = new Intl.DateTimeFormat("en-GB", {
  ...day,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const hourOfDay = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const grouped = new Intl.NumberFormat("en-GB");

/** `20 Aug 2026, 14:23:11`; everything on the pages is UTC, as at AWS. */
const momentText = (atMs: number): string => dayAndTime.format(atMs);
export const moment = (atMs: number): Html =>
  html`<time datetime="${new Date(atMs).toISOString()}">${momentText(atMs)}</time>`;

/** `20 Aug, 14:00` for `2026-08-20T14`. */
export const hourText = (hour: string): string => hourOfDay.format(Date.parse(`${hour}:00:00Z`));

/** `12,345` */
export const amount = (quantity: number): string => grouped.format(quantity);

/** `1 hour`, `2 hours` */
export const counted = (number: number, noun: string): string =>
  `${amount(number)} ${noun}${number === 1 ? "" : "s"}`;

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** `in 5 minutes`, in the largest unit that it has at least one of. */
export function inHowLong(ms: number): string {
  const [noun, unitMs] = units.find(([, each]) => ms >= each) ?? ["second", 1_000];
  return ms < 1_000 ? "now" : `in ${counted(Math.floor(ms / unitMs), noun)}`;
}

/** The trailing `l-…` of a license's ARN, shortened for people. */
export const licenseText = (licenseArn: string): string =>
  `${licenseArn.slice(licenseArn.lastIndexOf(":") + 1).slice(0, 10)}…`;
