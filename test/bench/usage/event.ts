import { hash } from "node:crypto";
import { analyticsCode, licenseId } from "@tollhouse/core/memory/example";
import { formatHour, type UtcHour } from "@tollhouse/core/time/utc-hour";
import { randomFrom } from "../lifecycle/message.ts";

/** A product's metered dimensions, told apart by every event. */
export const product = { code: analyticsCode, dimensions: ["events_ingested", "gb_stored"] } as const;

/** Usage as a seller's services send it. The same seed gives the same events. */
export interface UsageSupply {
  /** A message of so many events of one hour, each of a license that `pick` draws. */
  message(hour: UtcHour, eventCount: number, pick: (random: () => number) => string): string;
  /** Micro-units of all messages so far, by license and dimension: what must be counted. */
  readonly sent: ReadonlyMap<string, bigint>;
  readonly sentEvents: () => number;
}

/** Names what was sent and counted: a license and a dimension. */
export const accountName = (license: string, dimension: string): string => `${license} ${dimension}`;

/** The license of whoever stands alone. */
export const hotLicense: string = licenseId;

/** The id of a license, as many different ones as there are numbers. */
export const licenseOf = (number: number): string => `l-${hash("sha256", `license ${number}`).slice(0, 32)}`;

/** One in so many events is tagged. */
const taggedEvery = 10;
const teams = ["growth", "platform", "research"];
const sources = ["/mailer/eu", "/mailer/us", "/api/eu", "/api/us"];

export function makeUsage(seed: number): UsageSupply {
  const random = randomFrom(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const sent = new Map<string, bigint>();
  let count = 0;

  const event = (hour: string, license: string): string => {
    count += 1;
    const dimension = product.dimensions[count % product.dimensions.length] ?? product.dimensions[0];
    const [units, thousandths] = [below(50), below(1_000)];
    const account = accountName(license, dimension);
    sent.set(account, (sent.get(account) ?? 0n) + BigInt(units * 1_000_000 + thousandths * 1_000));
    const time = `${hour}:${two(below(60))}:${two(below(60))}.${three(below(1_000))}Z`;
    const tags = count % taggedEvery === 0 ? `,"tags":{"team":"${teams[below(teams.length)] ?? ""}"}` : "";
    return (
      `{"specversion":"1.0","id":"${idOf(seed, count)}","source":"${sources[below(sources.length)] ?? ""}","type":"usage",` +
      `"subject":"${license}","time":"${time}","data":{"dimension":"${dimension}",` +
      `"quantity":"${units}.${three(thousandths)}"${tags}}}`
    );
  };

  return {
    sent,
    sentEvents: () => count,
    message(hour, eventCount, pick) {
      const text = formatHour(hour);
      const events = Array.from({ length: eventCount }, () => event(text, pick(random)));
      return eventCount === 1 ? (events[0] ?? "") : `[${events.join(",")}]`;
    },
  };
}

/** As a random UUID: what most services use, and the most that an id holds that no packing can shorten. */
function idOf(seed: number, count: number): string {
  const hex = hash("sha256", `${seed} ${count}`);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

const two = (value: number): string => String(value).padStart(2, "0");
const three = (value: number): string => String(value).padStart(3, "0");

/** One of them after the other. */
export function inTurn(licenses: readonly string[]): () => string {
  let place = -1;
  return () => licenses[(place = (place + 1) % licenses.length)] ?? "";
}

/** Zipf's law: the license in place n is drawn a n-th as often as the first. */
export function longTail(licenses: readonly string[]): (random: () => number) => string {
  const shares: number[] = [];
  let sum = 0;
  for (const place of licenses.keys()) shares.push((sum += 1 / (place + 1)));
  return (random) => {
    const drawn = random() * sum;
    let [low, high] = [0, licenses.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((shares[middle] ?? 0) < drawn) low = middle + 1;
      else high = middle;
    }
    return licenses[low] ?? "";
  };
}
