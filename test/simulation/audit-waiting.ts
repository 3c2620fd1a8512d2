import { crc32, inflateRawSync } from "node:zlib";
import type { Subscription } from "@tollhouse/core/lifecycle/subscription";
import type { WaitingOutcome, WaitingUsage } from "@tollhouse/core/metering/store";
import { hourMs } from "./calendar.ts";
import type { Held } from "./audit-rest.ts";
import { type Ledger, nameOfUse } from "./ledger.ts";
import type { Contract } from "./market.ts";

interface WaitingEvent {
  readonly source: string;
  readonly id: string;
  readonly subject: string;
  readonly dimension: string;
  readonly tagSet: string;
  readonly micro: bigint;
  readonly at: number;
}

/** Usage that waits for somebody it can be counted for, as it was seen to be stored. */
export class WaitingAudit {
  private readonly units = new Map<string, { version: number; units: bigint }>();
  private readonly contracts: readonly Contract[];
  private readonly violate: (what: string) => void;

  constructor(contracts: readonly Contract[], violate: (what: string) => void) {
    this.contracts = contracts;
    this.violate = violate;
  }

  stored(usage: WaitingUsage): void {
    const name = nameOf(usage);
    if (!this.units.has(name)) this.units.set(name, { version: usage.version, units: usage.units });
  }

  /** Gives what stopped waiting. */
  settled(usage: WaitingUsage, outcome: WaitingOutcome): bigint {
    const before = this.units.get(nameOf(usage));
    if (before?.version !== usage.version) this.violate(`${nameOf(usage)} was settled over another version`);
    const left = outcome.kind === "waits" ? outcome.rest : { version: usage.version, units: 0n };
    this.units.set(nameOf(usage), left);
    if (outcome.kind === "unbillable") this.violate(`${nameOf(usage)} was given up after too short a time`);
    return (before?.units ?? 0n) - left.units;
  }

  /** Adds what waits to what is held, and looks whether it still has to. */
  check(
    waiting: readonly WaitingUsage[],
    ledger: Ledger,
    states: readonly Subscription[],
    { hold }: Pick<Held, "hold">,
  ): void {
    const groups = new Map(ledger.uses.map((use) => [nameOfUse(use), use.group]));
    for (const usage of waiting) {
      if (this.units.get(nameOf(usage))?.units !== usage.units)
        this.violate(`${nameOf(usage)} changed unseen`);
      for (const event of unpack(usage)) {
        const group = groups.get(nameOfUse(event));
        if (group === undefined) this.violate(`${nameOfUse(event)} waits, and nobody sent it`);
        hold(group ?? event.subject, event.dimension, event.tagSet, event.micro);
        const fitting = this.fitting(event, states);
        if (fitting.length === 1)
          this.violate(`${nameOfUse(event)} waits (${usage.reason}), though it is ${fitting[0]?.account}'s`);
      }
    }
  }

  /** Contracts that the event can be charged to, as the market knows it. */
  private fitting(
    { subject, dimension, at }: WaitingEvent,
    states: readonly Subscription[],
  ): readonly Contract[] {
    const isNamed = (contract: Contract): boolean =>
      subject === contract.account ||
      (contract.by === "license" && subject.endsWith(`:${contract.account}`)) ||
      (subject === contract.buyer.customerId &&
        states.some(({ id, customerId }) => id === contract.account && customerId === subject));
    return this.contracts.filter(
      (contract) =>
        isNamed(contract) &&
        contract.dimensions.includes(dimension) &&
        contract.spans.some(({ since, cut }) => since <= at && (cut === undefined || at < cut)),
    );
  }
}

const nameOf = ({ subject, id }: WaitingUsage): string => `waiting usage ${id} of ${subject}`;

/** Reads the format that docs/usage-segment.md describes, by a reader of its own. */
function unpack({ events: { bytes, hour } }: WaitingUsage): readonly WaitingEvent[] {
  const body = bytes.subarray(5);
  const sum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  if (bytes[0] !== 2 || sum !== crc32(body)) throw new Error("waiting usage is damaged");
  const columns = JSON.parse(inflateRawSync(body).toString()) as Record<
    "texts" | "id" | "quantity",
    string[]
  > &
    Record<"source" | "subject" | "dimension" | "tagSet" | "offsetMs", number[]>;
  const text = (place: number | undefined): string => columns.texts[place ?? -1] ?? "";
  return columns.id.map((id, index) => ({
    source: text(columns.source[index]),
    id,
    subject: text(columns.subject[index]),
    dimension: text(columns.dimension[index]),
    tagSet: text(columns.tagSet[index]),
    micro: BigInt(columns.quantity[index] ?? ""),
    at: hour * hourMs + (columns.offsetMs[index] ?? Number.NaN),
  }));
}
