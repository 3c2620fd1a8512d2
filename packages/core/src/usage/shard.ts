import { createHash } from "node:crypto";
import type { Settings } from "../configuration/configuration.ts";
import { hoursLater, type UtcHour } from "../time/utc-hour.ts";

/** A part of an hour's usage log. All events of a subject lie in one shard of each hour. */
export interface HourShard {
  readonly hour: UtcHour;
  readonly shard: number;
}

/** How many shards an hour has. It belongs to the hour, so that no redelivery lands elsewhere. */
export function shardCount(shards: Settings["shards"], hour: UtcHour): number {
  const [first] = shards;
  return shards.findLast(({ fromHour }) => fromHour <= hour)?.count ?? first?.count ?? 1;
}

/** The most shards any hour has. */
export const maxShardCount = (shards: Settings["shards"]): number =>
  Math.max(...shards.map(({ count }) => count));

/** Counts are powers of two, so that doubling splits each shard and moves nothing between the others. */
export const shardOf = (subject: string, count: number): number =>
  createHash("sha256").update(subject).digest().readUInt32BE(0) % count;

/** Where the subjects of an hour-shard lie in the hours around it, as many as `hours` before and after. */
export function neighboursOf(
  { hour, shard }: HourShard,
  shards: Settings["shards"],
  hours: number,
): readonly HourShard[] {
  const count = shardCount(shards, hour);
  const around = Array.from({ length: 2 * hours + 1 }, (_, index) => hoursLater(hour, index - hours));
  return around
    .filter((other) => other !== hour)
    .flatMap((other) =>
      counterparts(shard, count, shardCount(shards, other)).map((there) => ({ hour: other, shard: there })),
    );
}

/** Of powers of two, the smaller count has one shard for several of the larger one. */
const counterparts = (shard: number, count: number, otherCount: number): readonly number[] =>
  otherCount <= count
    ? [shard % otherCount]
    : Array.from({ length: otherCount / count }, (_, times) => shard + times * count);
