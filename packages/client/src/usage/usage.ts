import { randomBytes } from "node:crypto";

/** What was used, whose identity is said elsewhere. */
interface Used {
  /** A license (ARN or `l-…`), a subscription's id, a customer's (`cus-…`), or your own reference of a customer. */
  readonly subject: string;
  /** The dimension's API identifier at AWS Marketplace. */
  readonly dimension: string;
  /**
   * Exact: a text such as "12.5" (at most 18 digits before and 6 after the point), a bigint, or a whole number. A number with a
   * fraction is refused, since it may be rounded already.
   */
  readonly quantity: string | bigint | number;
  /** Up to 5, by what the buyer wants usage broken down. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Usage that your service names itself, so that it counts once even when your service reports it twice. */
interface Named {
  /** Yours: what was used (an order, a minute of a meter), not when it was sent. */
  readonly id: string;
  /**
   * When it was used; it decides the hour that is billed. Required beside an id, and the same for every copy: one is known by id, source and
   * subject only within six hours (`dedupeHours`, docs/usage-events.md) of the first one's time, and beyond that it is billed again.
   */
  readonly time: Date | string;
}

/** Usage that is given an id here, which covers repeats of this publisher alone. */
interface Nameless {
  readonly id?: undefined;
  /** When it was used; now, when left out. It decides the hour that is billed. */
  readonly time?: Date | string | undefined;
}

/** What was used: a unit of usage as a service reports it. */
export type Usage = Used & (Named | Nameless);

/** Usage as it was handed in, with what was filled in. JSON keeps it; handed in again, it counts once. */
export type ReportedUsage = Used & { readonly id: string; readonly time: string; readonly quantity: string };

/** Usage that cannot be reported as it is; nothing of it was sent. */
export class UsageError extends Error {
  readonly code = "usage-invalid";
  constructor(reason: string) {
    super(`Usage cannot be reported: ${reason}.`);
    this.name = "UsageError";
  }
}

/** What one event may have, as JSON (docs/usage-events.md). */
const maxEventBytes = 262_142;
const decimal = /^-?(0|[1-9]\d{0,17})(\.\d{1,6})?$/;
/** Any zone; the door says what else it wants of a time. */
const instant = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Exact, and with an id that is drawn once. @throws UsageError saying what is wrong with it */
export function reported(usage: Usage, nowMs: number): ReportedUsage {
  const { id, tags } = usage;
  const time = usage.time ?? undefined;
  if (id !== undefined && time === undefined)
    throw new UsageError(
      "it has an id and no time: give both, since copies with times more than six hours apart are billed each",
    );
  return {
    id: named("id", id ?? drawId(nowMs)),
    subject: named("subject", usage.subject),
    dimension: named("dimension", usage.dimension),
    quantity: quantityOf(usage.quantity),
    time: timeOf(time ?? new Date(nowMs)),
    ...(tags !== undefined && { tags: { ...tags } }),
  };
}

export interface Sender {
  /** Which of your services says so, 1 to 256 characters. */
  readonly source: string;
  /** Anything; `usage` by custom. */
  readonly type: string;
}

/** @throws UsageError when no event could name it */
export const senderOf = (source: string, type: string): Sender => ({ source: named("source", source), type });

/** The usage as a CloudEvent (1.0), in JSON. @throws UsageError when it is too long */
export function eventText(usage: ReportedUsage, { source, type }: Sender): string {
  const { id, subject, time, ...data } = usage;
  const text = JSON.stringify({ specversion: "1.0", id, source, type, subject, time, data });
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxEventBytes) return text;
  throw new UsageError(`it is ${bytes} bytes long, at most ${maxEventBytes} are taken`);
}

function named(field: string, value: string): string {
  if (value === "" || value.length > 256) throw new UsageError(`${field} has 1 to 256 characters`);
  return value;
}

function quantityOf(quantity: Usage["quantity"]): string {
  if (typeof quantity === "number" && !Number.isSafeInteger(quantity))
    throw new UsageError(
      `the quantity ${quantity} is no whole number that JavaScript holds exactly: give it as a text, e.g. "12.5"`,
    );
  const text = String(quantity);
  if (decimal.test(text)) return text;
  throw new UsageError(
    `the quantity ${text.slice(0, 40)} is no decimal with at most 18 digits before and 6 after the point`,
  );
}

function timeOf(time: Date | string): string {
  if (typeof time === "string" && !instant.test(time))
    throw new UsageError(
      `the time ${time.slice(0, 40)} is no instant with its zone, e.g. 2026-08-20T14:23:11Z`,
    );
  if (typeof time === "string") return time;
  if (Number.isNaN(time.getTime())) throw new UsageError("the time is no valid date");
  return time.toISOString();
}

/** A UUID of version 7 (RFC 9562): they sort by when they were drawn. */
function drawId(nowMs: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
