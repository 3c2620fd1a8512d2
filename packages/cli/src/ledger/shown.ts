import type { Grant, SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { Outcome } from "@tollhouse/core/metering/usage-record";
import type { Instant } from "@tollhouse/core/time/instant";
import type { WaitingSubject } from "../usage/waiting-subject.ts";

/** What was used in an hour and is in no record yet. */
export interface BalanceLine {
  readonly hour: string;
  readonly tags: Readonly<Record<string, string>>;
  /** An exact decimal. */
  readonly units: string;
}

export interface ShownRecord {
  readonly hour: string;
  /** A whole number, in decimal. */
  readonly quantity: string;
  readonly allocations: number;
  readonly outcome: Outcome["state"];
  /** Since when the outcome stands. */
  readonly outcomeAt?: Instant;
  readonly meteringRecordId?: string;
  readonly deadlineAt: Instant;
  readonly attempts: number;
  readonly refusal?: string;
  readonly triedAt?: Instant;
}

/** Amounts are exact decimals. */
export interface ShownBook {
  readonly dimension: string;
  readonly counted: string;
  readonly balance: string;
  /** In usage records. */
  readonly recorded: string;
  /** Whether what was counted is what these two say. */
  readonly balanced: boolean;
  readonly balanceLines: readonly BalanceLine[];
  readonly records: readonly ShownRecord[];
  /** Whether there are more records than were asked for. */
  readonly moreRecords: boolean;
}

export interface ShownLedger {
  readonly subscriptionId: SubscriptionId;
  readonly productCode: string;
  readonly grant: Grant;
  /** The id that was asked for, when its usage belongs to this subscription. */
  readonly askedFor?: SubscriptionId;
  readonly books: readonly ShownBook[];
  /** Under any name by which usage may mean this subscription. */
  readonly waiting: readonly WaitingSubject[];
  /** Whether more waits under these names than was read. */
  readonly moreWaits: boolean;
}
