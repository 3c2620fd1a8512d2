import type { Clock } from "../time/clock.ts";
import type { BookStore, RecordStore, SubmitLease, SwitchStore } from "./store.ts";
import type { Effect, RefusedAs, UsageRecord } from "./usage-record.ts";

/** What AWS Marketplace said to one call. */
export type CallAnswer =
  | { readonly kind: "answered"; readonly answers: readonly RecordAnswer[] }
  /** The call had no effect, because of at least one record in it. */
  | {
      readonly kind: "refused";
      readonly reason: string;
      readonly isTooLate?: boolean;
      /** All records of the same dimension are refused likewise. */
      readonly isUnknownDimension?: boolean;
    }
  /** Too many calls; none of it was taken. The same is sent again at once, as fast as AWS lets us. */
  | { readonly kind: "throttled" }
  /** Nothing wrong with the records, nor with who sends them. Later. */
  | { readonly kind: "unavailable"; readonly reason: string; readonly effect: Effect }
  /** AWS takes nothing of this product until somebody mends what the reason says; none of it was taken. */
  | { readonly kind: "barred"; readonly reason: string; readonly isOldIdentity?: boolean };

export type RecordAnswer =
  | { readonly status: "success" | "duplicate"; readonly meteringRecordId: string | undefined }
  /** Not taken, and not because of us: it is sent again at once. */
  | { readonly status: "unprocessed" }
  | {
      readonly status: "waiting";
      readonly reason: string;
      readonly effect: Effect;
      readonly refusedAs?: RefusedAs;
    };

/** BatchMeterUsage of AWS Marketplace. */
export interface UsageSubmitter {
  /**
   * Sends records of one product, Region and identity mode in one call; the answers are in the order of the records. Keeps to the
   * calls a second that AWS takes of a seller account, and to fewer after it was throttled.
   */
  submit(records: readonly UsageRecord[]): Promise<CallAnswer>;
}

export interface SubmitPorts {
  readonly records: RecordStore;
  readonly books: Pick<BookStore, "load" | "giveBack">;
  readonly submitter: UsageSubmitter;
  readonly switches: Pick<SwitchStore, "load" | "hold" | "release" | "known">;
  readonly lease: SubmitLease;
  readonly clock: Clock;
}
