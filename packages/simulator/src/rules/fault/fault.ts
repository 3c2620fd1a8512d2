import { drawOf } from "../identity.ts";
import type { NotificationKind } from "../notification/notification.ts";

/** How often: the next so many times, or each time with a probability. */
interface Frequency {
  /** Under which it can be taken back or replaced; any number may share one. */
  readonly name?: string | undefined;
  /** How many more times. */
  readonly next?: number | undefined;
  readonly probability?: number | undefined;
  /** How many times it has struck. */
  readonly struck: number;
}

export interface NotificationFault extends Frequency {
  readonly on: "notifications";
  /** Sent again with the same id; sent late; sent after the one that follows it; never sent. */
  readonly fault: "repeat" | "delay" | "reorder" | "drop";
  /** Any when left out. */
  readonly kind?: NotificationKind | undefined;
  readonly agreementId?: string | undefined;
  /** Of simulated time: until it is sent, or until each copy is, or at most until one that is overtaken is sent. */
  readonly delaySeconds?: number | undefined;
  /** Copies of a repeated one; 1 when left out. */
  readonly copies?: number | undefined;
}

export interface CallFault extends Frequency {
  readonly on: "calls";
  /**
   * Nothing happens: refused by rate; failed at AWS; the caller's role may not; the Region has no such API.
   * Or it is done, and the answer is lost; or comes late.
   */
  readonly fault: "throttle" | "fail" | "deny" | "disable" | "lose-answer" | "slow";
  /** For example `BatchMeterUsage`; any when left out. */
  readonly operation?: string | undefined;
  /** How an answer is lost: the connection breaks (when left out), or an error 500 comes instead. */
  readonly answer?: "drop" | "500" | undefined;
  /** Of machine time: how long a slow answer is held back. */
  readonly delayMs?: number | undefined;
}

/** Of a BatchMeterUsage call that is not refused; each of its records is looked at for itself. */
interface RecordFault extends Frequency {
  readonly on: "records";
  /** Comes back among `UnprocessedRecords`, and is not taken. */
  readonly fault: "leave-unprocessed";
  /** Any when left out. */
  readonly dimension?: string | undefined;
  readonly licenseArn?: string | undefined;
}

/** Of the answer to a BatchMeterUsage call, whose order AWS documents nowhere. */
interface ResultFault extends Frequency {
  readonly on: "results";
  /** No result stands where its record stood. */
  readonly fault: "shuffle";
}

export type Fault = NotificationFault | CallFault | RecordFault | ResultFault;

/** The faults asked for, with what has become of them. Plain JSON, as all of the state. */
export interface Faults {
  readonly seed: string;
  /** How many draws were made: the next one follows from it and the seed. */
  readonly drawn: number;
  readonly rules: readonly Fault[];
}

/** What a fault might strike. */
export type Target =
  | { readonly on: "notifications"; readonly kind: NotificationKind; readonly agreementId: string | null }
  | { readonly on: "calls"; readonly operation: string }
  | { readonly on: "records"; readonly dimension: string; readonly licenseArn: string | undefined }
  | { readonly on: "results" };

const isAnyOr = <Value>(wanted: Value | undefined, actual: Value): boolean =>
  wanted === undefined || wanted === actual;

function concerns(fault: Fault, target: Target): boolean {
  switch (target.on) {
    case "notifications":
      return (
        fault.on === "notifications" &&
        isAnyOr(fault.kind, target.kind) &&
        isAnyOr<string | null>(fault.agreementId, target.agreementId)
      );
    case "calls":
      return fault.on === "calls" && isAnyOr(fault.operation, target.operation);
    case "records":
      return (
        fault.on === "records" &&
        isAnyOr(fault.dimension, target.dimension) &&
        isAnyOr(fault.licenseArn, target.licenseArn)
      );
    case "results":
      return fault.on === "results";
  }
}

/**
 * Which fault strikes `target`, if any: the first of those that concern it whose turn it is. Gives the faults as they are
 * afterwards too. One story with one seed meets the same faults each time.
 */
export function strike(faults: Faults, target: Target): { readonly faults: Faults; readonly fault?: Fault } {
  let { drawn } = faults;
  for (const [index, rule] of faults.rules.entries()) {
    if (!concerns(rule, target)) continue;
    const strikes =
      rule.next === undefined ? drawOf(faults.seed, (drawn += 1)) < (rule.probability ?? 0) : rule.next > 0;
    if (!strikes) continue;
    const struck = rule.struck + 1;
    const after = rule.next === undefined ? { ...rule, struck } : { ...rule, struck, next: rule.next - 1 };
    return { faults: { ...faults, drawn, rules: faults.rules.with(index, after) }, fault: rule };
  }
  return { faults: { ...faults, drawn } };
}
