import type { Segment } from "@tollhouse/core/usage/segment";
import type { DirtyMark } from "@tollhouse/core/usage/usage-log";
import type { World } from "./world.ts";

const hourMs = 3_600_000;

interface Place {
  readonly hour: number;
  readonly shard: number;
}

const dayMs = 24 * hourMs;
const monthEndCutoffMs = 6 * hourMs;

/** AWS takes a record for 24 hours, and none of a month from six o'clock on the first of the next. */
function isShut(hour: number, now: number): boolean {
  const start = new Date(hour * hourMs);
  const nextMonth = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1);
  return now >= start.getTime() + dayMs || now >= nextMonth + monthEndCutoffMs;
}

const placeOf = ({ hour, shard }: Place): string => `${hour}/${shard}`;
const batchOf = (segmentId: string): string => segmentId.slice(0, segmentId.lastIndexOf("-"));

/** Segments and marks as they were seen to be written: a batch that was announced is folded or still marked, at any time. */
export class LogAudit {
  private readonly segments = new Map<string, Segment[]>();
  private readonly marks = new Map<string, string>();
  /** When each batch was announced, by place. */
  private readonly announced = new Map<string, Map<string, number>>();
  private readonly violate: (what: string) => void;

  constructor(violate: (what: string) => void) {
    this.violate = violate;
  }

  storedSegments(segments: readonly Segment[]): void {
    for (const segment of segments)
      this.segments.set(placeOf(segment), [...(this.segments.get(placeOf(segment)) ?? []), segment]);
  }

  marked(marks: readonly DirtyMark[], now: number): void {
    for (const mark of marks) {
      const place = placeOf(mark);
      this.marks.set(place, mark.value);
      const announced = this.announced.get(place) ?? new Map<string, number>();
      this.announced.set(place, announced);
      if (!announced.has(mark.value)) announced.set(mark.value, now);
    }
  }

  /** Nothing that was ever announced by a mark may be left behind without one. */
  async unmarked(mark: DirtyMark, { folds }: World["stores"]): Promise<void> {
    const place = placeOf(mark);
    if (this.marks.get(place) !== mark.value) return;
    this.marks.delete(place);
    const { foldedSegmentIds } = await folds.load(mark);
    const left = this.left(place, foldedSegmentIds);
    if (left.length > 0) this.violate(`the mark of ${place} was removed over ${left.join(", ")}`);
  }

  /**
   * An hour was sealed: what had come in when its hour, or one before, settled is in the books,
   * but for hours that AWS took no record of any more; their usage is billed later.
   */
  async sealed(
    hour: number,
    { settleMs, now }: { settleMs: number; now: number },
    { folds }: World["stores"],
  ): Promise<void> {
    for (const [place, [first]] of this.segments) {
      if (first === undefined || first.hour > hour || isShut(first.hour, now)) continue;
      const settledAt = (first.hour + 1) * hourMs + settleMs;
      if (this.left(place, new Set(), settledAt).length === 0) continue;
      const { foldedSegmentIds, open } = await folds.load(first);
      const booked = new Set([...foldedSegmentIds].filter((id) => open?.segmentIds.includes(id) !== true));
      const left = this.left(place, booked, settledAt);
      if (left.length > 0)
        this.violate(`hour ${hour} was sealed before ${left.join(", ")} of ${place}, which had come in time`);
    }
  }

  /** In the end every segment of a batch that was taken is folded. */
  async settled({ folds }: World["stores"]): Promise<void> {
    for (const [place, [first]] of this.segments) {
      if (first === undefined) continue;
      const { foldedSegmentIds, open } = await folds.load(first);
      const left = this.left(place, foldedSegmentIds);
      if (left.length > 0) this.violate(`${place} was never folded: ${left.join(", ")}`);
      if (open !== undefined) this.violate(`a plan of ${place} was never carried out`);
    }
  }

  private left(place: string, folded: ReadonlySet<string>, before = Infinity): readonly string[] {
    const announced = this.announced.get(place);
    const isDue = (id: string) => (announced?.get(batchOf(id)) ?? Infinity) < before;
    return (this.segments.get(place) ?? []).map(({ id }) => id).filter((id) => isDue(id) && !folded.has(id));
  }
}
