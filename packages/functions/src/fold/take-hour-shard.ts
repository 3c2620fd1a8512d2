import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { readJson } from "@tollhouse/core/json/read-json";
import { type FoldPorts, foldUsage } from "@tollhouse/core/metering/fold-usage";
import { formatHour, parseHour } from "@tollhouse/core/time/utc-hour";
import type { UsageLog } from "@tollhouse/core/usage/usage-log";
import * as z from "zod";
import type { Verdict } from "../queue-consumer.ts";

const requestSchema = z.object({ hour: z.string(), shard: z.int().min(0) });

/** One request to fold an hour-shard, `{"hour":"2026-08-20T14","shard":3}`; one without a mark has nothing to fold. */
export async function takeHourShard(
  ports: FoldPorts & { readonly usageLog: Pick<UsageLog, "marks"> },
  configuration: Configuration,
  body: string,
): Promise<Verdict> {
  const json = readJson(body, { maxBytes: 4_096, maxDepth: 4 });
  if ("refused" in json) return { refused: `the body ${json.refused}` };
  const request = requestSchema.safeParse(json.value);
  const hour = request.success ? parseHour(request.data.hour) : undefined;
  if (!request.success || hour === undefined)
    return { refused: 'it names no hour and shard, e.g. {"hour":"2026-08-20T14","shard":3}' };
  const { shard } = request.data;
  const mark = (await ports.usageLog.marks(shard, hour)).find((each) => each.hour === hour);
  const folded = mark === undefined ? { eventCount: 0 } : await foldUsage(ports, configuration, mark);
  return { done: { hour: formatHour(hour), shard, ...folded } };
}
