import type { Grant, SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { UnbillableReason } from "@tollhouse/core/metering/book";
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
  /** By which `ledger explain` finds it. */
  readonly name: string;
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

/** What a contract covered of a term's usage. Amounts are exact decimals. */
export interface ShownTerm {
  readonly since: Instant;
  readonly covered: string;
  /** What it includes, as far as it was read. */
  readonly includes?: string;
}

/** Amounts are exact decimals. */
export interface ShownBook {
  readonly dimension: string;
  readonly counted: string;
  readonly balance: string;
  /** In usage records. */
  readonly recorded: string;
  /** By what the buyer's contract includes, in all terms. */
  readonly covered: string;
  /** The latest of them, oldest first. */
  readonly terms: readonly ShownTerm[];
  readonly unbillable: Readonly<Partial<Record<UnbillableReason, string>>> & { readonly all: string };
  /** Its grants have ended, and it was written off. */
  readonly isClosed: boolean;
  /** Whether what was counted is what these say. */
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
