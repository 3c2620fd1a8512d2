import type { Settings } from "../configuration/configuration.ts";
import type { Clock } from "../time/clock.ts";
import { hourMs, type Instant, laterBy, minuteMs } from "../time/instant.ts";
import { formatHour, hourOf, hoursLater, hourStart } from "../time/utc-hour.ts";

type Shards = Settings["shards"];

/** The shard counts that usage was ever stored by. */
export interface ShardHistory {
  /** Consistent; `undefined` before the first usage. */
  load(): Promise<Shards | undefined>;
  /** Takes the place of what was loaded, and of nothing else; otherwise `false`. */
  store(shards: Shards, loaded: Shards | undefined): Promise<boolean>;
}

/** The configured shards contradict those by which usage lies in the log. Nothing may be read or written by them. */
export class ShardsContradictError extends Error {
  readonly code = "shards-contradict";
  readonly retryable = false;
  constructor(what: string) {
    super(`settings.shards in tollhouse.config.ts ${what}`);
    this.name = "ShardsContradictError";
  }
}

/** A new count begins so far ahead that no function with the old list stores usage of its hours any more. */
const leadHours = 2;
const maxTries = 5;

/**
 * Makes sure that the configured shards are those by which usage was stored so far, and notes what was appended. An hour whose
 * shards changed under it would count a repeat that lies in the old place twice.
 * @throws ShardsContradictError saying which line to put back, or from when a new one may begin
 */
export async function keepShards(history: ShardHistory, configured: Shards, now: Instant): Promise<void> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const known = await history.load();
    if (known !== undefined) contradict(known, configured, now);
    if (known !== undefined && configured.length <= known.length) return;
    if (await history.store(configured, known)) return;
  }
  throw new Error(`The list of shards changed ${maxTries} times while it was read. The next try goes on.`);
}

/** A function lives for hours; what others appended meanwhile is looked at again. */
const lookAgainMinutes = 30;

/** Does `keepShards` before the first use of the log and again now and then. */
export function shardKeeper(history: ShardHistory, configured: Shards, clock: Clock): () => Promise<void> {
  let keptUntil: Instant | undefined;
  return async () => {
    const now = await clock.now();
    if (keptUntil !== undefined && now < keptUntil) return;
    await keepShards(history, configured, now);
    keptUntil = laterBy(now, lookAgainMinutes * minuteMs);
  };
}

function contradict(known: Shards, configured: Shards, now: Instant): void {
  for (const [index, { fromHour, count }] of known.entries()) {
    const line = configured[index];
    const [from, hasBegun] = [formatHour(fromHour), hourStart(fromHour) <= now];
    if (line === undefined && !hasBegun) continue;
    if (line?.fromHour === fromHour && line.count === count) continue;
    throw new ShardsContradictError(
      `must keep its line { fromHour: "${from}", count: ${count} } at place ${index + 1}: usage lies in the log by it. Append lines, change none.`,
    );
  }
  for (const { fromHour } of configured.slice(known.length)) {
    if (hourStart(fromHour) - now >= leadHours * hourMs) continue;
    throw new ShardsContradictError(
      `has a new line from ${formatHour(fromHour)}, which is too soon: begin it at least ${leadHours} hours ahead, from ${formatHour(hoursLater(hourOf(now), leadHours + 1))} on.`,
    );
  }
}
