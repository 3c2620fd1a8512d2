import { drawOf } from "../identity.ts";
import type { NotificationKind } from "../notification/notification.ts";

/** How often: the next so many times, or each time with a probability. */
interface Frequency {
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
  /** Refused by rate; failed at AWS before anything happened; done, but the answer is lost. */
  readonly fault: "throttle" | "fail" | "lose-answer";
  /** For example `BatchMeterUsage`; any when left out. */
  readonly operation?: string | undefined;
  /** How an answer is lost: the connection breaks (when left out), or an error 500 comes instead. */
  readonly answer?: "drop" | "500" | undefined;
}

export type Fault = NotificationFault | CallFault;

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
  | { readonly on: "calls"; readonly operation: string };

function concerns(fault: Fault, target: Target): boolean {
  if (target.on === "calls")
    return fault.on === "calls" && (fault.operation ?? target.operation) === target.operation;
  return (
    fault.on === "notifications" &&
    (fault.kind ?? target.kind) === target.kind &&
    (fault.agreementId ?? target.agreementId) === target.agreementId
  );
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
