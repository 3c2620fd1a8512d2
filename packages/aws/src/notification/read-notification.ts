import { readJson } from "@tollhouse/core/json/read-json";
import * as z from "zod";
import { readEventBridgeEvent } from "./event-bridge.ts";
import type { NotificationReading } from "./reading.ts";
import { readSnsEnvelope } from "./sns.ts";

/** SQS carries at most 1 MiB; Marketplace's own messages have a few hundred bytes and four levels. */
const bounds = { maxBytes: 262_144, maxDepth: 32 };

const shape = z.looseObject({
  Type: z.string().optional(),
  "detail-type": z.string().optional(),
  action: z.string().optional(),
});

/** Reads an SNS envelope or an EventBridge event of AWS Marketplace into a fact. */
export function readNotification(body: string): NotificationReading {
  const json = readJson(body, bounds);
  if ("refused" in json) return { refused: `the body ${json.refused}` };
  const parsed = shape.safeParse(json.value);
  if (!parsed.success) return { refused: "it is neither an SNS envelope nor an EventBridge event" };
  if (parsed.data["detail-type"] !== undefined) return readEventBridgeEvent(json.value);
  if (parsed.data.Type !== undefined) return readSnsEnvelope(json.value);
  if (parsed.data.action !== undefined) {
    return {
      refused:
        "it is an SNS message without its envelope, so it has neither id nor time: turn raw message delivery off on the subscription of this queue",
    };
  }
  return { refused: "it is neither an SNS envelope nor an EventBridge event" };
}
