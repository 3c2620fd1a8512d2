import type { FoldTally } from "../metering/store.ts";
import { add, formatQuantity, type MicroUnits, total, zeroUnits } from "../quantity/micro-units.ts";
import { formatHour } from "../time/utc-hour.ts";
import { type Segment, SegmentDamagedError, unpackSegment } from "../usage/segment.ts";
import type { HourShard } from "../usage/shard.ts";

export const nameOf = ({ hour, shard }: HourShard): string => `${formatHour(hour)} shard ${shard}`;

/** Adds up one hour-shard's segments anew and compares them with what its folds say. */
export class HourShardCheck {
  readonly place: HourShard;
  private readonly isKept: boolean;
  private tally: FoldTally | undefined;
  private readonly foldedIds = new Set<string>();
  private foldedUnits = zeroUnits;
  private unfoldedUnits = zeroUnits;
  private unfoldedSegments = 0;
  private foldedSegments = 0;
  private readonly differences: string[] = [];

  /** @param isKept whether the hour is young enough for all of its segments to be there still */
  constructor({ hour, shard }: HourShard, isKept: boolean) {
    this.place = { hour, shard };
    this.isKept = isKept;
  }

  fold(tally: FoldTally): void {
    this.tally = tally;
  }

  folded(segmentIds: readonly string[]): void {
    for (const id of segmentIds) this.foldedIds.add(id);
  }

  /** One of an hour that expires is passed over: its neighbours may be gone already. */
  segment(segment: Segment): void {
    if (!this.isKept) return;
    const units = this.unitsIn(segment);
    if (units === undefined) return;
    if (this.foldedIds.has(segment.id)) {
      this.foldedSegments += 1;
      this.foldedUnits = add(this.foldedUnits, units);
    } else {
      this.unfoldedSegments += 1;
      this.unfoldedUnits = add(this.unfoldedUnits, units);
    }
  }

  end(): {
    readonly place: HourShard;
    readonly unfoldedUnits: MicroUnits;
    readonly unfoldedSegments: number;
    readonly differences: readonly string[];
  } {
    const { place, unfoldedUnits, unfoldedSegments, differences } = this;
    const missing = this.foldedIds.size - this.foldedSegments;
    if (this.isKept && missing > 0)
      differences.push(`${nameOf(place)}: ${missing} of ${this.foldedIds.size} folded segments are gone`);
    const counted = this.tally?.units ?? zeroUnits;
    if (this.isKept && missing === 0 && counted !== this.foldedUnits)
      differences.push(
        `${nameOf(place)}: the folded segments hold ${formatQuantity(this.foldedUnits)} units and the folds saw ${formatQuantity(counted)}`,
      );
    return { place, unfoldedUnits, unfoldedSegments, differences };
  }

  private unitsIn(segment: Segment): MicroUnits | undefined {
    try {
      return total(unpackSegment(segment).map(({ quantity }) => quantity));
    } catch (error) {
      if (!(error instanceof SegmentDamagedError)) throw error;
      this.differences.push(`${error.message} Its ${segment.eventCount} events are not counted.`);
      return undefined;
    }
  }
}
