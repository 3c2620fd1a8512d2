import type { Instant } from "../time/instant.ts";
import type { HourShard } from "../usage/shard.ts";
import type { UtcHour } from "../time/utc-hour.ts";
import type { Amounts, Book, BookKey } from "./book.ts";
import type { Effect, FinalOutcome, UsageRecord } from "./usage-record.ts";

/** What one fold adds to one book. */
export interface Posting {
  readonly book: BookKey;
  readonly hour: UtcHour;
  readonly amounts: Amounts;
}

/**
 * A fold that was decided on: which segments it covers and what it adds to which book. It is stored before the first book is
 * touched, so that whoever carries on after a crash adds exactly the same.
 */
export interface FoldPlan extends HourShard {
  /** Made of all that the plan says and of the state's version, so that plans of two folders never share one. */
  readonly id: string;
  readonly segmentIds: readonly string[];
  readonly postings: readonly Posting[];
}

export interface FoldState extends HourShard {
  /** 0: never folded. */
  readonly version: number;
  readonly foldedSegmentIds: ReadonlySet<string>;
  /** All plans so far, the open one included; what they counted is kept under their ids. */
  readonly planIds: readonly string[];
  /** Decided on and not known to be booked completely. */
  readonly open: FoldPlan | undefined;
}

/** What must be known of another hour-shard to tell whether it has met an event. */
export type FoldHead = HourShard & Pick<FoldState, "version" | "planIds">;

export interface FoldStore {
  /** Consistent. */
  load(place: HourShard): Promise<FoldState>;
  /** The state without what it folded, which may be long. Consistent. */
  head(place: HourShard): Promise<FoldHead>;
  /** Identities of all events that folds of this hour-shard have met, counted here or elsewhere. Consistent. */
  metIdentities(state: FoldHead): Promise<Set<string>>;
  /** Those of the identities that folds of another hour-shard have met. Consistent; holds no more of them in memory. */
  metAmong(head: FoldHead, identities: ReadonlySet<string>): Promise<Set<string>>;
  /**
   * Stores the plan with the identities it met, if the state is still the one read and so are those around it; otherwise
   * `undefined`.
   */
  open(
    state: FoldState,
    plan: FoldPlan,
    identities: readonly string[],
    around: readonly FoldHead[],
  ): Promise<FoldState | undefined>;
  /** Notes that the open plan is booked. `undefined` when somebody else was faster. */
  close(state: FoldState): Promise<FoldState | undefined>;
}

export interface BookStore {
  /** Consistent. */
  load(key: BookKey): Promise<Book>;
  /** Stores the book with the posting, once per plan: `known` when this plan's posting is there already. */
  post(after: Book, posting: Posting, planId: string): Promise<"posted" | "known" | "conflict">;
  /**
   * Books of subscriptions that hold at least a whole unit, at most `limit`, in one fixed order from behind `after`; an empty
   * answer means that there are no more. One posted a moment ago may be missing.
   */
  withWholeUnits(limit: number, after?: BookKey): Promise<readonly BookKey[]>;
  /** Hours from `from` through `through` that have a record. */
  recordedHours(key: BookKey, from: UtcHour, through: UtcHour): Promise<ReadonlySet<UtcHour>>;
  /** Stores the sealed book and its new record in one step; `conflict` when the book changed or the record exists. */
  seal(after: Book, record: UsageRecord): Promise<"sealed" | "conflict">;
}

export interface RecordStore {
  /**
   * Records without an outcome, at most `limit`: first those never postponed, nearest deadline first, then the others, the
   * least recently tried first. May lag a moment behind in which records there are, not in what they are.
   */
  pending(productCode: string, limit: number): Promise<readonly UsageRecord[]>;
  /** Counts one more attempt. `false` when the record has an outcome or somebody else counted one since it was read. */
  countAttempt(record: UsageRecord): Promise<boolean>;
  /** Notes why a record, given as it was before the attempt, is still pending. An attempt without effect is taken back. */
  postpone(record: UsageRecord, refusal: string, at: Instant, effect: Effect): Promise<void>;
  /**
   * Writes the outcome of a pending record, given as it was before the attempt. An outcome, once there, stays; a conflict is
   * written only when nobody else made an attempt meanwhile, whose success it may be.
   */
  conclude(record: UsageRecord, outcome: FinalOutcome): Promise<void>;
}
