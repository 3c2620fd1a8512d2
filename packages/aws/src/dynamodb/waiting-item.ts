import { type WaitingReason, waitingReasons } from "@tollhouse/core/metering/attribute";
import type { WaitingOutcome, WaitingUsage } from "@tollhouse/core/metering/store";
import { type Instant, instant } from "@tollhouse/core/time/instant";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import * as z from "zod";
import { amountSchema } from "./amounts.ts";
import { hourSchema } from "./hour.ts";
import { meteringKey } from "./key.ts";

const at = z.number().transform((value): Instant => instant(value));
const reasonSchema = z.enum(Object.keys(waitingReasons) as [WaitingReason, ...WaitingReason[]]);
const bytesSchema = z.union([
  z.instanceof(Uint8Array),
  z.base64().transform((text) => new Uint8Array(Buffer.from(text, "base64"))),
]);

/** Waiting usage as it is stored, with its events packed. */
export const waitingSchema = z
  .object({
    subject: z.string(),
    id: z.string(),
    version: z.number(),
    reason: reasonSchema,
    units: amountSchema,
    hour: hourSchema,
    shard: z.number(),
    segmentId: z.string(),
    eventCount: z.number(),
    bytes: bytesSchema,
    since: at,
    lookAt: at,
  })
  .transform(({ hour, shard, segmentId, eventCount, bytes, ...rest }): WaitingUsage => ({
    ...rest,
    events: { hour, shard, id: segmentId, eventCount, bytes },
  }));

export const waitingItem = ({ events, units, ...rest }: WaitingUsage) => ({
  ...rest,
  units: units.toString(),
  hour: formatHour(events.hour),
  shard: events.shard,
  segmentId: events.id,
  eventCount: events.eventCount,
  bytes: events.bytes,
});

/**
 * Usage and what became of it. The name stays taken when all was counted, so that a plan that is carried out again finds it;
 * such an item expires with its hour.
 */
export function settledItem(usage: WaitingUsage, outcome: WaitingOutcome, expiresAt: number) {
  const key = meteringKey.waiting(usage.subject, usage.id);
  const version = usage.version + 1;
  switch (outcome.kind) {
    case "waits":
      return {
        ...key,
        ...meteringKey.waitingDue(outcome.rest),
        ...waitingItem(outcome.rest),
        state: "waits",
      };
    case "counted":
      return { ...key, state: "counted", version, expiresAt };
    case "unbillable": {
      const { reason, at: givenUpAt } = outcome;
      return { ...key, ...waitingItem(usage), state: "unbillable", reason, givenUpAt, version };
    }
    default:
      return outcome satisfies never;
  }
}
