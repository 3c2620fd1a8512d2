import type { Book } from "../metering/book.ts";
import type { FoldPlan, FoldTally, WaitingUsage } from "../metering/store.ts";
import type { WaitingReason } from "../metering/attribute.ts";
import type { UsageRecord } from "../metering/usage-record.ts";
import type { Segment } from "../usage/segment.ts";
import type { HourShard } from "../usage/shard.ts";

/**
 * One thing that the ledger is made of. All things of an hour-shard come one after the other, its fold first, then the folded
 * segments' ids, then the segments; so do a book and its records.
 */
export type LedgerItem =
  | {
      readonly kind: "fold";
      readonly place: HourShard;
      readonly tally: FoldTally;
      readonly openPlanId: string | undefined;
    }
  | {
      readonly kind: "folded-segments";
      readonly place: HourShard;
      readonly planId: string;
      readonly segmentIds: readonly string[];
    }
  | { readonly kind: "segment"; readonly segment: Segment }
  | { readonly kind: "mark"; readonly place: HourShard }
  | { readonly kind: "book"; readonly book: Book }
  | { readonly kind: "record"; readonly record: UsageRecord }
  | { readonly kind: "waiting"; readonly usage: WaitingUsage }
  | { readonly kind: "unbillable"; readonly usage: WaitingUsage; readonly reason: WaitingReason };

/** What a check of the ledger reads; consistent in each thing, not between things that change while it is read. */
export interface LedgerReader {
  /** Everything there is, each thing once. */
  items(): AsyncIterable<LedgerItem>;
  /** The plan that an hour-shard's fold has decided on and may not have booked yet. */
  openPlan(place: HourShard): Promise<FoldPlan | undefined>;
  /** Which of a plan's postings are in the books, by their place in it. */
  booked(plan: FoldPlan): Promise<ReadonlySet<number>>;
}
