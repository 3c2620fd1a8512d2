import { licenseIdOf } from "@tollhouse/core/lifecycle/license";
import { minuteMs, type Instant, laterBy } from "@tollhouse/core/time/instant";
import { hourOf, hoursLater } from "@tollhouse/core/time/utc-hour";
import { SegmentDamagedError, segmentKey, unpackSegment } from "@tollhouse/core/usage/segment";
import { type HourShard, shardCount } from "@tollhouse/core/usage/shard";
import type { UsageEvent } from "@tollhouse/core/usage/usage-event";
import type { MeteringSource } from "../source.ts";
import { Newest } from "./newest.ts";

export interface TailedEvent {
  readonly segment: string;
  readonly event: UsageEvent;
}

/** What came in since the look before. */
export interface Batch {
  /** In the order in which it was used. */
  readonly events: readonly TailedEvent[];
  /** Events that came in as well, more than are held at once. */
  readonly leftOut: number;
  /** Segments that cannot be read, in sentences. */
  readonly damaged: readonly string[];
}

/** Hours before the current one that are looked at. */
const hoursBefore = 1;
/** Events read at once, and events of one look that are held. */
const eventsPerRead = 100_000;
const heldAtMost = 10_000;
/** Hour-shards read at once. */
const placesAtOnce = 16;
/** Usage that came in and was folded between two looks has left no mark; every so many looks nothing is taken on trust. */
const looksOnTrust = 60;

interface Seen {
  readonly segmentIds: Set<string>;
  isRead: boolean;
  mark: string | undefined;
}

/**
 * Follows the usage log: each look gives the events that came into this hour and the last since the look before; the first gives
 * the newest `first`. Between looks only the names of segments are held.
 */
export class UsageTail {
  private readonly source: Pick<MeteringSource, "usageLog" | "shards" | "configuration">;
  private readonly wanted: (event: UsageEvent) => boolean;
  private readonly first: number;
  private seen = new Map<string, Seen>();
  private looks = 0;
  private shards: Awaited<ReturnType<MeteringSource["shards"]>> = [];

  constructor(source: UsageTail["source"], first: number, subject?: string) {
    this.source = source;
    this.first = first;
    this.wanted = subject === undefined ? () => true : isNamed(subject);
  }

  async look(now: Instant): Promise<Batch> {
    const isFirst = this.looks === 0;
    const found = new Newest(isFirst ? this.first : heldAtMost, usedBefore);
    const damaged: string[] = [];
    const trusts = this.looks % looksOnTrust !== 0;
    if (!trusts) this.shards = await this.source.shards();
    this.looks += 1;
    const places = this.places(now);
    this.seen = new Map(
      places.map((place) => [placeName(place), this.seen.get(placeName(place)) ?? unseen()]),
    );
    for (let start = 0; start < places.length; start += placesAtOnce)
      await Promise.all(
        places.slice(start, start + placesAtOnce).map((place) => this.read(place, trusts, found, damaged)),
      );
    return { events: found.sorted(), leftOut: isFirst ? 0 : found.leftOut, damaged };
  }

  /** A sender's clock may be ahead of ours. */
  private places(now: Instant): readonly HourShard[] {
    const { futureToleranceMinutes } = this.source.configuration.settings;
    const first = hoursLater(hourOf(now), -hoursBefore);
    const last = hourOf(laterBy(now, futureToleranceMinutes * minuteMs));
    return Array.from({ length: last - first + 1 }, (_, index) => hoursLater(first, index)).flatMap((hour) =>
      Array.from({ length: shardCount(this.shards, hour) }, (_, shard) => ({ hour, shard })),
    );
  }

  private async read(
    place: HourShard,
    trusts: boolean,
    found: Newest<TailedEvent>,
    damaged: string[],
  ): Promise<void> {
    const seen = this.seen.get(placeName(place)) ?? unseen();
    // Ingest marks after it stores: with the mark of the look before, nothing was stored since that this one could miss.
    const mark = (await this.source.usageLog.mark(place))?.value;
    if (trusts && seen.isRead && mark === seen.mark) return;
    let isComplete = false;
    while (!isComplete) {
      const { segments, complete } = await this.source.usageLog.unfolded(
        place,
        seen.segmentIds,
        eventsPerRead,
      );
      for (const segment of segments) {
        seen.segmentIds.add(segment.id);
        try {
          for (const event of unpackSegment(segment))
            if (this.wanted(event)) found.add({ segment: segmentKey(segment), event });
        } catch (error) {
          if (!(error instanceof SegmentDamagedError)) throw error;
          damaged.push(error.message);
        }
      }
      isComplete = complete;
    }
    seen.isRead = true;
    seen.mark = mark;
  }
}

const unseen = (): Seen => ({ segmentIds: new Set(), isRead: false, mark: undefined });
const placeName = ({ hour, shard }: HourShard): string => `${hour}/${shard}`;

/** A license is meant in any of its spellings. */
function isNamed(name: string): (event: UsageEvent) => boolean {
  const license = licenseIdOf(name);
  return license === undefined
    ? ({ subject }) => subject === name
    : ({ subject }) => licenseIdOf(subject) === license;
}

const usedBefore = ({ event: a }: TailedEvent, { event: b }: TailedEvent): number => a.at - b.at;
