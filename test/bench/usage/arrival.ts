import { queues } from "@tollhouse/functions/manifest";
import type { UtcHour } from "@tollhouse/core/time/utc-hour";
import { shardOf } from "@tollhouse/core/usage/shard";
import { inTurn, licenseOf, type UsageSupply } from "./event.ts";
import type { Rate } from "./task.ts";

/** How an hour's usage reaches the usage function: which licenses have it, and in which batches it comes. */

const eventsPerMessage = 100;
const { windowSeconds } = queues.Usage.batch;
export const windowsPerHour = 3_600 / windowSeconds;
/** A batch of more bytes is handed over before its window ends (same page: 6 MB). */
const bytesPerBatch = 6_000_000;
/** An hour's messages come evenly. Those of one window and poller are a batch, or several where they are too large for one. */
export function batchesOf(
  usage: UsageSupply,
  hour: UtcHour,
  licenses: readonly string[],
  eventCount: number,
  windows: number,
  pollers: number,
): readonly (readonly string[])[] {
  const pick = inTurn(licenses);
  const messageCount = Math.ceil(eventCount / eventsPerMessage);
  const batches = new Map<string, string[]>();
  for (let message = 0; message < messageCount; message += 1) {
    const count = Math.min(eventsPerMessage, eventCount - message * eventsPerMessage);
    const body = usage.message(hour, Math.round(count), pick);
    const window = Math.floor((message / messageCount) * windows);
    const name = `${window} ${message % pollers}`;
    const batch = batches.get(name) ?? [];
    batch.push(body);
    batches.set(name, batch);
  }
  return [...batches.values()].flatMap(withinBytes);
}

function withinBytes(bodies: readonly string[]): readonly (readonly string[])[] {
  const batches: string[][] = [[]];
  let bytes = 0;
  for (const body of bodies) {
    if (bytes + body.length > bytesPerBatch) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(body);
    bytes += body.length;
  }
  return batches;
}

/** Licenses by shard, as many in each. */
export function licensesOf({ licenses, shards }: Rate): readonly (readonly string[])[] {
  const perShard = Array.from({ length: shards }, (): string[] => []);
  if (licenses < shards) return [Array.from({ length: licenses }, (_, number) => licenseOf(number))];
  const each = Math.ceil(licenses / shards);
  for (let number = 0, found = 0; found < each * shards; number += 1) {
    const license = licenseOf(number);
    const shard = perShard[shardOf(license, shards)];
    if (shard === undefined || shard.length === each) continue;
    shard.push(license);
    found += 1;
  }
  return perShard;
}
