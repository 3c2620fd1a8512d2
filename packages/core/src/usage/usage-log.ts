import type { Segment } from "./segment.ts";
import type { HourShard } from "./shard.ts";
import type { UtcHour } from "../time/utc-hour.ts";

/** Says that an hour-shard got usage since it was last folded. */
export interface DirtyMark extends HourShard {
  /** Never used before, so that a folder cannot take a newer mark for the one it read. */
  readonly value: string;
}

/** The log of usage as it came in. Every read is consistent: an acknowledged event is never overlooked. */
export interface UsageLog {
  putSegments(segments: readonly Segment[]): Promise<void>;
  putMarks(marks: readonly DirtyMark[]): Promise<void>;
  /** Marks of a shard up to and including an hour, oldest first. */
  marks(shard: number, through: UtcHour): Promise<readonly DirtyMark[]>;
  mark(place: HourShard): Promise<DirtyMark | undefined>;
  /** Removes the mark if it still has the value; otherwise somebody marked it again, and it stays. */
  removeMark(mark: DirtyMark): Promise<void>;
  /** Segments that are not in `folded`, in the order of their ids, until they hold `maxEvents` or there are no more. */
  unfolded(place: HourShard, folded: ReadonlySet<string>, maxEvents: number): Promise<Unfolded>;
  segment(place: HourShard, id: string): Promise<Segment | undefined>;
}

interface Unfolded {
  readonly segments: readonly Segment[];
  /** Whether these are all that were stored before the call. */
  readonly complete: boolean;
}
