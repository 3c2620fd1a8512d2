import type { SubscriptionId } from "../lifecycle/subscription.ts";
import type { BookKey } from "../metering/book.ts";
import { parseInstant } from "../time/instant.ts";
import { formatHour, hourOf, parseHour, type UtcHour } from "../time/utc-hour.ts";

/** Which usage record: there is one at most for a book's hour. */
export interface RecordPlace {
  readonly key: BookKey;
  readonly hour: UtcHour;
}

/**
 * How people name a usage record: `<subscription>/<dimension>/<hour>`, e.g. `l-…/gb_stored/2026-08-20T14`. It can be copied into a
 * shell as it is. A subscription's id may hold slashes, a dimension written here never does, so that it is read from its end.
 */
export const nameRecord = ({ key: { subscriptionId, dimension }, hour }: RecordPlace): string =>
  `${subscriptionId.split("/").map(escaped).join("/")}/${escaped(dimension)}/${formatHour(hour)}`;

/** Reads such a name. `undefined` when it is none. */
export function readRecordName(name: string): RecordPlace | undefined {
  const parts = name.trim().split("/");
  const [subscription, dimension, hour] = [parts.slice(0, -2).join("/"), parts.at(-2), parts.at(-1)];
  return dimension === undefined || hour === undefined
    ? undefined
    : recordPlace(unescaped(subscription), unescaped(dimension), hour);
}

/** The same of its three parts, each as it is. An instant means the hour that it lies in. */
export function recordPlace(
  subscriptionId: string,
  dimension: string,
  hourText: string,
): RecordPlace | undefined {
  const at = parseInstant(hourText);
  const hour = at === undefined ? parseHour(hourText) : hourOf(at);
  if (hour === undefined || subscriptionId === "" || dimension === "") return undefined;
  return { key: { subscriptionId: subscriptionId as SubscriptionId, dimension }, hour };
}

/** What a shell leaves alone stays; all else is written as in a web address. */
const escaped = (text: string): string =>
  text.replace(/[^\w.:@=+,-]/gu, (character) =>
    [...new TextEncoder().encode(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""),
  );

/** A text that nobody escaped is taken as it is. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
