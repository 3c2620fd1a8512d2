import { foldRequestSchema } from "@tollhouse/aws/message/fold-requests";
import type { Measured } from "@tollhouse/aws/metric/measure";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { readJson } from "@tollhouse/core/json/read-json";
import { type Folded, type FoldPorts, foldUsage } from "@tollhouse/core/metering/fold-usage";
import { attributeWaiting, type WaitingPorts } from "@tollhouse/core/metering/waiting";
import type { Waker } from "@tollhouse/core/outbox/outbox";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import type { HourShard } from "@tollhouse/core/usage/shard";
import type { UsageLog } from "@tollhouse/core/usage/usage-log";
import { logName } from "../log-name.ts";
import type { Verdict } from "../queue-consumer.ts";

type RequestPorts = FoldPorts &
  WaitingPorts & {
    readonly usageLog: Pick<UsageLog, "mark">;
    /** @throws when the configured shards are not those of the log */
    readonly keepShards: () => Promise<void>;
    /** Wakes the meter, which seals what was counted. */
    readonly waker: Waker;
  };

/**
 * One request: to fold an hour-shard, `{"hour":"2026-08-20T14","shard":3}`, or to look again at usage that may have become a
 * subscription's, `{"subscriptionId":"…"}`.
 */
export async function takeFoldRequest(
  ports: RequestPorts,
  configuration: Configuration,
  body: string,
): Promise<Verdict> {
  const json = readJson(body, { maxBytes: 4_096, maxDepth: 4 });
  if ("refused" in json) return { refused: `the body ${json.refused}` };
  const request = foldRequestSchema.safeParse(json.value);
  if (!request.success)
    return {
      refused:
        'it names neither an hour and shard, e.g. {"hour":"2026-08-20T14","shard":3}, nor a subscriptionId',
    };
  if ("subscriptionId" in request.data) {
    const { subscriptionId } = request.data;
    const { problems, ...looked } = await attributeWaiting(ports, configuration, subscriptionId);
    if (looked.countedEvents > 0) await ports.waker.wake();
    const done = { subscription: logName(subscriptionId), ...looked };
    const counts = { EventsCounted: looked.countedEvents, EventsGivenUp: looked.unbillableEvents };
    if (problems.length === 0) return { done, counts };
    return { done: { ...done, problems }, counts, warning: "Usage that waits could not be looked at" };
  }
  return fold(ports, configuration, request.data);
}

/** Without a mark there is nothing to fold: somebody was faster. */
async function fold(ports: RequestPorts, configuration: Configuration, place: HourShard): Promise<Verdict> {
  const named = { hour: formatHour(place.hour), shard: place.shard };
  await ports.keepShards();
  const mark = await ports.usageLog.mark(place);
  if (mark === undefined) return { done: named };
  const { damaged, ...folded } = await foldUsage(ports, configuration, mark);
  await ports.waker.wake();
  const done = { ...named, ...folded };
  const counts = measured(folded, damaged.length);
  if (damaged.length > 0)
    return { done: { ...done, damaged }, counts, warning: "Segments cannot be read and stay uncounted" };
  if (folded.waitingCount > 0)
    return { done, counts, warning: "Usage waits: it can be counted for nobody yet" };
  return { done, counts };
}

/** A copy that contradicts the event that counts lies in the quarantine. */
const measured = (folded: Omit<Folded, "damaged">, damagedSegments: number): Measured => ({
  EventsCounted: folded.eventCount - folded.waitingCount,
  EventsUnattributed: folded.waitingCount,
  EventsRepeated: folded.repeatCount,
  Quarantined: folded.contradictingCount,
  SegmentsDamaged: damagedSegments,
});
