import type { EventFate, ExplainedMove } from "@tollhouse/core/ledger/explained";
import type { Remedy } from "@tollhouse/core/ledger/fate";
import type { Outcome, UsageRecordEntry } from "@tollhouse/core/metering/usage-record";
import type { Instant } from "@tollhouse/core/time/instant";
import type { AwsCommand } from "./aws-command.ts";

type Tags = Readonly<Record<string, string>>;

/** Amounts are exact decimals. */
export interface RecordShown {
  readonly name: string;
  readonly subscriptionId: string;
  readonly dimension: string;
  readonly hour: string;
  readonly productCode: string;
  /** What AWS is sent, the same each time. */
  readonly entry: {
    readonly region: string;
    readonly identity: UsageRecordEntry["identity"];
    readonly timestampAt: Instant;
    readonly quantity: string;
    readonly allocations: readonly { readonly tags: Tags; readonly units: string }[];
  };
  readonly deadlineAt: Instant;
  readonly attempts: number;
  readonly outcome: Outcome;
}

export interface EventShown {
  readonly fate: EventFate;
  readonly segment: string;
  readonly source: string;
  readonly id: string;
  readonly subject: string;
  readonly at: Instant;
  readonly quantity: string;
  readonly tags: Tags;
}

export interface FoldShown {
  readonly plan: string;
  /** The license that it was counted for before that turned out to be this subscription's. */
  readonly movedFrom?: string;
  readonly shard?: number;
  /** Posted to the book. */
  readonly units: string;
  /** Of its events that waited and were counted later. */
  readonly later: string;
  /** Posted beyond the events that are found, or fewer than none. */
  readonly unexplained: string;
  readonly events: readonly EventShown[];
  readonly moreEvents: number;
  readonly problems: readonly string[];
}

export interface HourShown {
  readonly hour: string;
  readonly units: string;
  readonly isExpired: boolean;
  readonly folds: readonly FoldShown[];
  readonly moves: readonly (Omit<ExplainedMove, "hour" | "units"> & {
    readonly hour: string;
    readonly units: string;
  })[];
  readonly held: string;
  readonly leftOut: string;
  readonly missing: string;
}

/** One thing to do about it, with what can be copied. */
export interface Step {
  readonly remedy: Remedy;
  readonly sentence: string;
  readonly commands: readonly AwsCommand[];
  /** A usage event that the seller's services can send as it is. */
  readonly event?: string;
}

export interface RecordExplained {
  readonly record: RecordShown;
  readonly hours: readonly HourShown[];
  readonly namesHours: boolean;
  /** What does not add up, in sentences. */
  readonly differences: readonly string[];
  readonly fate: {
    /** Without `most` nobody here can know. */
    readonly billed: { readonly least: string; readonly most?: string };
    /** What AWS has beyond the record. */
    readonly tooMuch?: string;
    readonly remedies: readonly Remedy[];
    readonly sentence: string;
    readonly steps: readonly Step[];
    /** The same should the record itself be wrong; empty where that is no question. */
    readonly whenWrong: readonly Step[];
  };
}
