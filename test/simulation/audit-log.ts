import type { Settings } from "@tollhouse/core/configuration/configuration";
import type { Segment } from "@tollhouse/core/usage/segment";
import type { DirtyMark } from "@tollhouse/core/usage/usage-log";
import { hourMs, isShut, minuteMs, nextMonth } from "./calendar.ts";
import type { World } from "./world.ts";

interface Place {
  readonly hour: number;
  readonly shard: number;
}

/** When usage of an hour has had its time to come: sooner at a month's end, and later for its last hour. */
export function settledAt(
  hour: number,
  { settleDelayMinutes, monthEndSettleHour }: Pick<Settings, "settleDelayMinutes" | "monthEndSettleHour">,
): number {
  const end = (hour + 1) * hourMs;
  const month = nextMonth(hour * hourMs);
  // Two hours are left of the six in which AWS takes a month's last usage.
  const monthSettles = month + Math.min(monthEndSettleHour, 4) * hourMs;
  return end === month ? monthSettles : Math.min(end + settleDelayMinutes * minuteMs, monthSettles);
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
   * An hour was sealed: what had come in when its hour, or one before, settled is in the books, but for hours that AWS took no
   * record of any more; their usage is billed later.
   * @param comeBy until when usage of an hour had to come
   */
  async sealed(
    hour: number,
    comeBy: (hour: number) => number,
    now: number,
    { folds }: World["stores"],
  ): Promise<void> {
    for (const [place, [first]] of this.segments) {
      if (first === undefined || first.hour > hour || isShut(first.hour, now)) continue;
      const by = comeBy(first.hour);
      if (this.left(place, new Set(), by).length === 0) continue;
      const { foldedSegmentIds, open } = await folds.load(first);
      const booked = new Set([...foldedSegmentIds].filter((id) => open?.segmentIds.includes(id) !== true));
      const left = this.left(place, booked, by);
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
