import type { Amounts, HourRange } from "../metering/balance.ts";
import type { BookKey } from "../metering/book.ts";
import type { FoldPlan } from "../metering/store.ts";
import type { UsageRecord } from "../metering/usage-record.ts";
import type { UtcHour } from "../time/utc-hour.ts";
import type { HourShard } from "../usage/shard.ts";

/** What one fold added to a book. */
export interface FoldPosting {
  readonly planId: string;
  readonly hour: UtcHour;
  readonly amounts: Amounts;
}

/** How a book came to be what it is. Consistent in each thing, not between things that change while it is read. */
export interface BookHistory {
  /** A book's records of some hours, oldest first. */
  records(key: BookKey, range: HourRange): AsyncIterable<UsageRecord>;
  /** What folds added to a book in some hours, while it is kept. */
  postings(key: BookKey, range: HourRange): AsyncIterable<FoldPosting>;
  /** What a fold decided on, while it is kept. */
  plan(place: HourShard, planId: string): Promise<Pick<FoldPlan, "segmentIds" | "postings"> | undefined>;
}
