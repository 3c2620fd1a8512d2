import type { Segment } from "../usage/segment.ts";
import type { HourShard } from "../usage/shard.ts";
import type { DirtyMark, UsageLog } from "../usage/usage-log.ts";

/** The usage log in memory, and all that is in it. */
export interface MemoryUsageLog extends UsageLog {
  contents(): { readonly segments: readonly Segment[]; readonly marks: readonly DirtyMark[] };
}

export function memoryUsageLog(): MemoryUsageLog {
  const segments = new Map<string, Map<string, Segment>>();
  const marks = new Map<string, DirtyMark>();
  return {
    putSegments(added) {
      for (const segment of structuredClone(added)) {
        const place = placeName(segment);
        segments.set(place, new Map(segments.get(place)).set(segment.id, segment));
      }
      return Promise.resolve();
    },
    putMarks(added) {
      for (const mark of structuredClone(added)) marks.set(placeName(mark), mark);
      return Promise.resolve();
    },
    marks: (shard, through) =>
      Promise.resolve(
        structuredClone([...marks.values()])
          .filter((mark) => mark.shard === shard && mark.hour <= through)
          .toSorted((a, b) => a.hour - b.hour),
      ),
    mark: (place) => Promise.resolve(structuredClone(marks.get(placeName(place)))),
    removeMark(mark) {
      if (marks.get(placeName(mark))?.value === mark.value) marks.delete(placeName(mark));
      return Promise.resolve();
    },
    contents: () =>
      structuredClone({
        segments: [...segments.values()].flatMap((held) => [...held.values()]),
        marks: [...marks.values()],
      }),
    unfolded(place, folded, maxEvents) {
      const waiting = [...(segments.get(placeName(place))?.values() ?? [])]
        .filter(({ id }) => !folded.has(id))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1));
      const first = firstOf(waiting, maxEvents);
      return Promise.resolve(structuredClone({ segments: first, complete: first.length === waiting.length }));
    },
    segment: (place, id) => Promise.resolve(structuredClone(segments.get(placeName(place))?.get(id))),
  };
}

const placeName = ({ hour, shard }: HourShard): string => `${hour}/${shard}`;

/** As many from the beginning as hold `maxEvents`, and one at least. */
function firstOf(segments: readonly Segment[], maxEvents: number): readonly Segment[] {
  let eventCount = 0;
  const end = segments.findIndex((segment, index) => {
    eventCount += segment.eventCount;
    return index > 0 && eventCount > maxEvents;
  });
  return end === -1 ? segments : segments.slice(0, end);
}
