import { meterRequestSchema } from "@tollhouse/aws/message/meter-requests";
import { readJson } from "@tollhouse/core/json/read-json";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { MeterRequest } from "@tollhouse/core/metering/run";
import type { SQSEvent } from "aws-lambda";

export interface Wake {
  readonly request: Required<Pick<MeterRequest, "asksForFolds" | "changed">>;
  readonly isScheduled: boolean;
  /** Messages that nobody of ours has written. They wake, and nothing else. */
  readonly strangeMessages: number;
}

/**
 * Why the meter runs: the schedule, `{}`, or messages of its queue. `{}` says that something was counted, and that fold is done;
 * `{"subscriptionId":"…"}` that something of a subscription changed, whose usage may still have to be folded.
 */
export function readWake(event: SQSEvent | object): Wake {
  if (!("Records" in event))
    return { request: { asksForFolds: true, changed: [] }, isScheduled: true, strangeMessages: 0 };
  const bodies = event.Records.map(({ body }) => readBody(body));
  const changed = [...new Set(bodies.flatMap((body) => (typeof body === "object" ? body.changed : [])))];
  const strangeMessages = bodies.filter((body) => body === "strange").length;
  return { request: { asksForFolds: changed.length > 0, changed }, isScheduled: false, strangeMessages };
}

function readBody(body: string): { readonly changed: readonly SubscriptionId[] } | "strange" {
  const json = readJson(body, { maxBytes: 4_096, maxDepth: 4 });
  if ("refused" in json) return "strange";
  const request = meterRequestSchema.safeParse(json.value);
  if (!request.success) return "strange";
  return { changed: "subscriptionId" in request.data ? [request.data.subscriptionId] : [] };
}
