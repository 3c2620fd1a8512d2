import type { MicroUnits } from "../quantity/micro-units.ts";
import type { Instant } from "../time/instant.ts";
import type { UtcHour } from "../time/utc-hour.ts";
import type { Segment } from "../usage/segment.ts";
import type { HourShard } from "../usage/shard.ts";
import type { WaitingReason } from "./attribute.ts";
import type { Amounts } from "./balance.ts";
import type { Book, BookKey } from "./book.ts";
import type { Effect, FinalOutcome, RefusedAs, UsageRecord } from "./usage-record.ts";

/** What one fold adds to one book. */
export interface BookPosting {
  readonly book: BookKey;
  readonly hour: UtcHour;
  readonly amounts: Amounts;
}

/** What one fold adds: to a book, or to the usage that waits for somebody it can be counted for. */
export type Posting = BookPosting | { readonly waiting: WaitingUsage };

/** Events of one subject and hour that fit no subscription, or several. They are kept, to be attributed later. */
export interface WaitingUsage {
  /** As it was named, but a license by its id. */
  readonly subject: string;
  /** Unique under its subject: the fold's plan and a number. */
  readonly id: string;
  /** Rises with every change. */
  readonly version: number;
  /** Why the first of the events waits, as of the last look. */
  readonly reason: WaitingReason;
  readonly units: MicroUnits;
  readonly events: Segment;
  /** When it was stored. */
  readonly since: Instant;
  /** When to look at it again, whether or not anybody asks. */
  readonly lookAt: Instant;
}

/** What an hour-shard's folds made of its segments: units in them are repeats, or were counted. */
export interface FoldTally {
  readonly eventCount: number;
  readonly units: MicroUnits;
  readonly repeatCount: number;
  readonly repeatedUnits: MicroUnits;
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
  readonly tally: FoldTally;
  /** Once it is booked, everything that was stored in the hour-shard before this instant is counted. */
  readonly coversUntil?: Instant | undefined;
}

export interface FoldState extends HourShard {
  /** 0: never folded. */
  readonly version: number;
  readonly foldedSegmentIds: ReadonlySet<string>;
  /** All plans so far, the open one included; what they counted is kept under their ids. */
  readonly planIds: readonly string[];
  /** Of all plans so far, the open one included. */
  readonly tally: FoldTally;
  /** Everything stored before this instant is counted and booked. */
  readonly coveredUntil: Instant | undefined;
  /** Decided on and not known to be booked completely. */
  readonly open: FoldPlan | undefined;
}

/** What must be known of another hour-shard to tell whether it has met an event. */
export type FoldHead = HourShard & Pick<FoldState, "version" | "planIds" | "coveredUntil">;

/** Events that were met: by the name that all copies share, a check of what this one said. */
export type MetEvents = ReadonlyMap<string, number>;

export interface FoldStore {
  /** Consistent. */
  load(place: HourShard): Promise<FoldState>;
  /** The state without what it folded, which may be long. Consistent. */
  head(place: HourShard): Promise<FoldHead>;
  /** Those of the identities that folds of an hour-shard have met. Consistent; holds no more of them in memory. */
  metAmong(head: FoldHead, identities: ReadonlySet<string>): Promise<MetEvents>;
  /**
   * Stores the plan with the events it met, if the state is still the one read and so are those around it; otherwise
   * `undefined`.
   */
  open(
    state: FoldState,
    plan: FoldPlan,
    met: MetEvents,
    around: readonly FoldHead[],
  ): Promise<FoldState | undefined>;
  /** Notes that the open plan is booked. `undefined` when somebody else was faster. */
  close(state: FoldState): Promise<FoldState | undefined>;
}

export interface BookStore {
  /** Consistent. */
  load(key: BookKey): Promise<Book>;
  /** Stores the book with the posting, once per plan: `known` when this plan's posting is there already. */
  post(after: Book, posting: BookPosting, planId: string): Promise<"posted" | "known" | "conflict">;
  /**
   * Books that hold at least a whole unit, at most `limit`, in one fixed order from behind `after`; an empty answer means that
   * there are no more. One posted a moment ago may be missing.
   */
  withWholeUnits(limit: number, after?: BookKey): Promise<readonly BookKey[]>;
  /** Hours from `from` through `through` that have a record. */
  recordedHours(key: BookKey, from: UtcHour, through: UtcHour): Promise<ReadonlySet<UtcHour>>;
  /** Stores the sealed book and its new record in one step; `conflict` when the book changed or the record exists. */
  seal(after: Book, record: UsageRecord): Promise<"sealed" | "conflict">;
  /** Stores a book whose accounts changed, and nothing else; `conflict` when it is not the version before. */
  change(after: Book): Promise<"changed" | "conflict">;
  /** Stores two books of which one gave the other what it held, in one step; `conflict` when either is not the version before. */
  move(from: Book, to: Book): Promise<"moved" | "conflict">;
  /** Stores a record without units, for an hour that has none; `conflict` when it has one. */
  sealZero(record: UsageRecord): Promise<"sealed" | "conflict">;
  /**
   * Stores the book that took a record's units back and the record's outcome in one step; `conflict` when the book changed, or
   * the record has an outcome or was attempted since it was read.
   */
  giveBack(
    after: Book,
    record: UsageRecord,
    outcome: FinalOutcome & { state: "returned" },
  ): Promise<"returned" | "conflict">;
}

/** What became of waiting usage: something still waits, all was counted, or nobody can be billed for it any more. */
export type WaitingOutcome =
  | { readonly kind: "waits"; readonly rest: WaitingUsage }
  | { readonly kind: "counted" }
  | { readonly kind: "unbillable"; readonly reason: WaitingReason; readonly at: Instant };

export interface WaitingStore {
  /** Stores usage that waits. What was stored before under this name, whatever became of it, stays as it is. */
  put(usage: WaitingUsage): Promise<void>;
  /** What waits under a subject, at most `limit`, in one fixed order from behind `after`. Consistent. */
  under(subject: string, limit: number, after?: string): Promise<readonly WaitingUsage[]>;
  /**
   * What is to be looked at again by an instant, first due first, at most `limit`. May lag a moment behind in what there is, not
   * in what it says.
   */
  due(by: Instant, limit: number): Promise<readonly WaitingUsage[]>;
  /** Writes what became of usage over the version that was read, together with the books that took of it. */
  settle(
    usage: WaitingUsage,
    outcome: WaitingOutcome,
    books: readonly Book[],
  ): Promise<"settled" | "conflict">;
}

/** Why a record is still pending, and when it is sent again. */
interface Postponement {
  readonly refusal: string;
  readonly refusedAs?: RefusedAs | undefined;
  /** Not sent again before; left out, with the next run, in the order of deadlines. */
  readonly retryAt?: Instant | undefined;
}

export interface RecordStore {
  /**
   * Records with units and without an outcome that are to be sent by an instant, at most `limit`: first those never postponed,
   * nearest deadline first, then the others, the longest due first. May lag a moment behind in which records there are, not in
   * what they are.
   */
  pending(productCode: string, by: Instant, limit: number): Promise<readonly UsageRecord[]>;
  /** The same of records without units, which wait behind all others. */
  pendingZeros(productCode: string, by: Instant, limit: number): Promise<readonly UsageRecord[]>;
  /** A book's records, newest hour first, at most `limit`. Consistent. */
  recordsOf(key: BookKey, limit: number): Promise<readonly UsageRecord[]>;
  /** Counts one more attempt. `false` when the record has an outcome or somebody else counted one since it was read. */
  countAttempt(record: UsageRecord): Promise<boolean>;
  /** Notes why a record, given as it was before the attempt, is still pending. An attempt without effect is taken back. */
  postpone(record: UsageRecord, why: Postponement, at: Instant, effect: Effect): Promise<void>;
  /** Gives a pending record a later deadline, since AWS takes it for longer than was known; an outcome stays what it is. */
  prolong(record: UsageRecord, deadlineAt: Instant): Promise<void>;
  /** Puts a pending record with units where those are whose deadline is `by`; an outcome stays what it is. */
  hasten(record: UsageRecord, by: Instant): Promise<void>;
  /**
   * Writes the outcome of a pending record, given as it was before the attempt. An outcome, once there, stays; a conflict is
   * written only when nobody else made an attempt meanwhile, whose success it may be.
   */
  conclude(record: UsageRecord, outcome: Exclude<FinalOutcome, { state: "returned" }>): Promise<void>;
}

/** What holds a product's metering up, or did. */
export interface ProductSwitch {
  readonly productCode: string;
  /** Somebody stopped it: nothing is sealed or sent until somebody lets it go on. */
  readonly paused?: { readonly reason: string; readonly at: Instant } | undefined;
  /** AWS takes nothing of the product, for a reason that is not a record's; one call tries again with each run. */
  readonly held?: { readonly reason: string; readonly at: Instant } | undefined;
  /** Usage through this hour was counted in a dry run, and must never be sent. */
  readonly rehearsedThrough?: UtcHour | undefined;
}

export interface SwitchStore {
  /** Consistent. */
  load(productCode: string): Promise<ProductSwitch>;
  pause(productCode: string, reason: string, at: Instant): Promise<void>;
  resume(productCode: string): Promise<void>;
  /** The first reason's instant stays while it is held. */
  hold(productCode: string, reason: string, at: Instant): Promise<void>;
  release(productCode: string): Promise<void>;
  /** Notes products that are metered. Gives the codes of all that ever were, some of which the configuration may have lost. */
  known(productCodes: readonly string[]): Promise<readonly string[]>;
  /** Only forward. */
  rehearse(productCode: string, through: UtcHour): Promise<void>;
}

/** The right to call BatchMeterUsage for the seller account, which one process has at a time. */
export interface SubmitLease {
  /** `false` while another one has it. Taking what one has keeps it. */
  take(): Promise<boolean>;
  /** Keeps it for longer. `false` when another one has it by now. */
  keep(): Promise<boolean>;
  /** Lets another one have it, a moment later. */
  release(): Promise<void>;
}

/** How far something has ever come, e.g. the books. */
export interface Progress {
  /** Consistent; `undefined` before the first run. */
  load(): Promise<UtcHour | undefined>;
  /** Only forward: a later hour that somebody else noted stays. */
  advance(through: UtcHour): Promise<void>;
}
