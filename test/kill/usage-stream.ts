import type { Random } from "../simulation/random.ts";

/** Whose usage it is, as the ledger and the seller's services name it. */
export interface Buyer {
  readonly subscriptionId: string;
  readonly licenseArn: string;
  readonly agreementId: string;
  readonly subject: string;
  readonly dimensions: readonly string[];
}

interface Event {
  readonly id: string;
  readonly source: string;
  readonly subject: string;
  readonly time: string;
  readonly data: {
    readonly dimension: string;
    readonly quantity: string;
    readonly tags?: Record<string, string>;
  };
}

const eventsPerHour = 240;
const quantities = ["1", "2", "17", "0.25", "0.5", "3.125", "0.000001", "40.999999", "0.333333"] as const;
/** The last two are the same tag set. */
const tagChoices = [
  undefined,
  { team: "a" },
  { team: "b" },
  { team: "a", stage: "prod" },
  { stage: "prod", team: "a" },
] as const;

const hourMs = 3_600_000;
/** Of two copies that both claim other hours, none lies more than six hours (`dedupeHours`) from the other. */
const copiesWithinMs = 3 * hourMs;

/**
 * Usage as a seller's services report it: single events and batches, fractions and tags, events and whole messages again,
 * copies that claim another hour, and events that come an hour late. It knows what of it counts.
 */
export class UsageStream {
  /** Millionths of a unit by subscription, dimension and tag set. */
  readonly sent = new Map<string, bigint>();
  eventCount = 0;
  messageCount = 0;
  private readonly random: Random;
  private readonly buyers: readonly [Buyer, ...Buyer[]];
  private readonly earlier: Event[] = [];
  private readonly late: Event[] = [];
  /** With how much of each is used. */
  private readonly hours: { readonly start: number; readonly usedMs: number }[] = [];

  constructor(random: Random, buyers: readonly [Buyer, ...Buyer[]]) {
    this.random = random;
    this.buyers = buyers;
  }

  /** The bodies of all messages that are sent in an hour, in their order; what is late comes with the next. */
  messagesOf(start: number, isLast: boolean, usedMs = hourMs): readonly string[] {
    const hour = { start, usedMs };
    this.hours.push(hour);
    const { random } = this;
    const fresh = Array.from({ length: eventsPerHour }, () => this.makeEvent(hour));
    const isLate = (event: Event) => !isLast && random.chance(0.05) && this.late.push(event) > 0;
    const lateOnes = this.late.splice(0);
    const now = fresh.filter((event) => !isLate(event));
    const again = [...this.earlier, ...now]
      .filter(() => random.chance(0.15))
      .map((event) => this.copyOf(event));
    this.earlier.push(...now);
    const bodies = this.packed(random.shuffled([...lateOnes, ...now, ...again]));
    const repeated = bodies.filter(() => random.chance(0.2));
    const all = random.shuffled([...bodies, ...repeated]);
    this.messageCount += all.length;
    return all;
  }

  private makeEvent(hour: { start: number; usedMs: number }): Event {
    const { random } = this;
    const buyer = random.pick(this.buyers);
    const dimension = random.oneOf(buyer.dimensions) ?? "";
    const quantity = random.pick(quantities);
    const tags = random.pick(tagChoices);
    this.eventCount += 1;
    const name = ledgerKey(buyer.subscriptionId, dimension, Object.entries(tags ?? {}));
    this.sent.set(name, (this.sent.get(name) ?? 0n) + millionths(quantity));
    return {
      id: `event-${this.eventCount}`,
      source: "kill-test",
      subject: buyer.subject,
      time: this.timeIn(hour),
      data: { dimension, quantity, ...(tags === undefined ? {} : { tags }) },
    };
  }

  /** A copy counts nothing, not even when it claims to be of another hour. */
  private copyOf(event: Event): Event {
    const own = Date.parse(event.time);
    const hour = this.random.oneOf(this.hours.filter(({ start }) => Math.abs(start - own) < copiesWithinMs));
    return hour === undefined || this.random.chance(0.7) ? event : { ...event, time: this.timeIn(hour) };
  }

  private readonly timeIn = ({ start, usedMs }: { start: number; usedMs: number }): string =>
    new Date(start + this.random.below(usedMs)).toISOString();

  private packed(events: readonly Event[]): string[] {
    const bodies: string[] = [];
    for (let start = 0; start < events.length;) {
      const count = this.random.between(1, 12);
      const batch = events
        .slice(start, start + count)
        .map((event) => ({ specversion: "1.0", type: "usage", ...event }));
      bodies.push(JSON.stringify(batch.length === 1 ? batch[0] : batch));
      start += count;
    }
    return bodies;
  }
}

export const ledgerKey = (
  subscriptionId: string,
  dimension: string,
  tags: readonly (readonly [string, string])[],
): string => JSON.stringify([subscriptionId, dimension, tags.toSorted(([a], [b]) => (a < b ? -1 : 1))]);

export function millionths(quantity: string): bigint {
  const [whole = "0", fraction = ""] = quantity.split(".");
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
}
