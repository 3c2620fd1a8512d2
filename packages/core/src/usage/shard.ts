import { createHash } from "node:crypto";
import type { Settings } from "../configuration/configuration.ts";
import type { UtcHour } from "../time/utc-hour.ts";

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
