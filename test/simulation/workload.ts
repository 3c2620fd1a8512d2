import type { Ledger, Use } from "./ledger.ts";
import { hourMs, hourOf, minuteMs } from "./calendar.ts";
import { type Buyer, type Contract, subjectsOf } from "./market.ts";
import type { Random } from "./random.ts";

/** Copies of one event lie at most so many hours apart, or may count twice (design, §4). */
const dedupeHours = 6;

/** Invents what the seller's services publish: message bodies, each noted in the ledger. */
export class Workload {
  private readonly buyers: readonly Buyer[];
  private readonly ledger: Ledger;
  private readonly bodies: string[] = [];
  private readonly copies = new Map<Use, { first: number; last: number }>();
  /** Usage comes at once, under names that are known, in amounts that one record can take. */
  private readonly isCalm: boolean;
  private count = 0;

  constructor(buyers: readonly Buyer[], ledger: Ledger, isCalm: boolean) {
    this.buyers = buyers;
    this.ledger = ledger;
    this.isCalm = isCalm;
  }

  /** The next message: new usage, copies of old usage, a message sent again, or nonsense. */
  message(now: number, random: Random): string {
    const again = random.chance(0.1) ? random.oneOf(this.bodies) : undefined;
    if (again !== undefined) return again;
    if (random.chance(0.03)) return this.bad(random.pick(["{", "[]x", '{"specversion":"1.0"}', "3", ""]));
    const events = Array.from(
      { length: random.weighted({ "1": 3, "3": 2, "8": 1 }) === "1" ? 1 : random.between(2, 8) },
      () => this.event(now, random),
    );
    const isBad = random.chance(0.05);
    const wrong = { ...events[0], id: `bad-${(this.count += 1)}`, ...random.pick<object>(faults(now)) };
    const values = isBad ? random.shuffled([...events, wrong]) : events;
    const body = JSON.stringify(values.length === 1 && random.chance(0.5) ? values[0] : values);
    this.bodies.push(body);
    return isBad ? this.bad(body) : body;
  }

  private bad(body: string): string {
    this.ledger.badBodies.add(body);
    return body;
  }

  private event(now: number, random: Random): object {
    const known = random.chance(0.25) ? random.oneOf(this.ledger.uses) : undefined;
    const copy = known && this.copy(known, now, random);
    return written(copy ?? this.invent(now, random), random);
  }

  private invent(now: number, random: Random): Use {
    this.count += 1;
    const contract = random.oneOf(this.buyers.flatMap(({ contracts }) => contracts));
    const isKnown = contract !== undefined && random.chance(0.93);
    const subject = isKnown
      ? this.isCalm
        ? contract.account
        : random.pick(subjectsOf(contract))
      : random.pick(["nobody-1", "nobody-2", "l-ffffffffffffffffffffffffffffffff"]);
    const use: Use = {
      source: random.pick(["/app", "/batch"]),
      // Ids are the sender's: another source or subject may use the same.
      id: `e${random.chance(0.1) ? this.count >> 1 : this.count}`,
      subject,
      group: isKnown ? contract.buyer.accountId : subject,
      dimension: isKnown && random.chance(0.97) ? random.pick(contract.dimensions) : "dimension_unsold",
      tags: random.pick<Record<string, string>>([{}, {}, { team: "a" }, { team: "b", zone: "1" }]),
      at: this.when(contract, now, random),
      micro: amount(random, this.isCalm),
    };
    const isTaken = this.ledger.uses.some(
      ({ source, id, subject: of }) => source === use.source && id === use.id && of === use.subject,
    );
    const own = isTaken ? { ...use, id: `f${this.count}` } : use;
    this.ledger.add(own);
    this.copies.set(own, { first: hourOf(own.at), last: hourOf(own.at) });
    return own;
  }

  /** Often close to an end, on either side of it. */
  private when(contract: Contract | undefined, now: number, random: Random): number {
    if (this.isCalm) return now - random.below(2 * minuteMs);
    const cut = contract?.spans.at(-1)?.cut;
    const isNear = cut !== undefined && now - cut < 3 * hourMs && random.chance(0.4);
    return isNear
      ? Math.min(now, cut + random.between(-20 * minuteMs, 5 * minuteMs))
      : now - lateness(random);
  }

  /** The same event again: as it was, at another time, or with another amount. */
  private copy(use: Use, now: number, random: Random): Use {
    const span = this.copies.get(use) ?? { first: hourOf(use.at), last: hourOf(use.at) };
    if (this.isCalm) return use;
    const at = random.chance(0.5) ? use.at : use.at + random.between(-5 * 60, 5 * 60) * minuteMs;
    const hour = hourOf(at);
    const [first, last] = [Math.min(span.first, hour), Math.max(span.last, hour)];
    if (last - first > dedupeHours || at > now + 2 * minuteMs) return use;
    this.copies.set(use, { first, last });
    return { ...(random.chance(0.2) ? (this.ledger.conflict(use) ?? use) : use), at };
  }
}

const lateness = (random: Random): number => {
  switch (random.weighted({ now: 60, hours: 25, window: 10, ahead: 5 })) {
    case "now":
      return random.below(10 * minuteMs);
    case "hours":
      return random.below(8 * hourMs);
    case "window":
      return random.below(60 * hourMs);
    case "ahead":
      return -random.below(2 * minuteMs);
  }
};

const amount = (random: Random, isCalm: boolean): bigint => {
  switch (random.weighted({ one: 3, whole: 3, fraction: 4, huge: 1, correction: 1 })) {
    case "one":
      return 1_000_000n;
    case "whole":
      return BigInt(random.between(0, 500)) * 1_000_000n;
    case "fraction":
      return BigInt(random.between(1, 20_000_000));
    case "huge":
      return BigInt(random.between(1, isCalm ? 50 : 5_000)) * 1_000_000_000_000n;
    case "correction":
      return BigInt(-random.between(1, 3_000_000));
  }
};

/** Ways in which an event is none: each must reach the quarantine and hold up no neighbour. */
const faults = (now: number): [object, ...object[]] => [
  { data: { dimension: "gb_stored", quantity: "1.0000001" } },
  { data: { dimension: "gb_stored" } },
  { time: "yesterday" },
  { time: new Date(now + 30 * 24 * hourMs).toISOString() },
  { time: new Date(now - 60 * 24 * hourMs).toISOString() },
  { specversion: "0.3" },
  { subject: "" },
];

function written({ source, id, subject, dimension, tags, at, micro }: Use, random: Random): object {
  const magnitude = micro < 0n ? -micro : micro;
  const digits = magnitude.toString().padStart(7, "0");
  const text = `${micro < 0n ? "-" : ""}${digits.slice(0, -6)}.${digits.slice(-6)}`;
  // Zeros behind the point and the order of tags are no other content.
  const quantity = random.chance(0.5) ? text : text.replace(/\.?0+$/, "");
  const entries = random.shuffled(Object.entries(tags));
  return {
    specversion: "1.0",
    id,
    source,
    type: "usage",
    subject,
    time: new Date(at).toISOString(),
    data: { dimension, quantity, ...(entries.length > 0 ? { tags: Object.fromEntries(entries) } : {}) },
  };
}
