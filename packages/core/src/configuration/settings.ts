import * as z from "zod";
import type { UtcHour } from "../time/utc-hour.ts";
import { hour, wholeNumber } from "./field.ts";

/** The most days that usage may be accepted for. It bounds how long all usage is kept, and so what it costs. */
export const maxAcceptUsageDays = 35;

const shardChange = z.strictObject({
  fromHour: hour,
  count: wholeNumber(1, 1024).refine((count) => Number.isInteger(Math.log2(count)), "must be a power of two"),
});

const settings = z.strictObject({
  /** Minutes an hour stays open for late usage after it has ended, before it is sealed. */
  settleDelayMinutes: wholeNumber(1, 360).default(10),
  /** UTC hour on the first of a month until which the month's last hour stays open for late usage. */
  monthEndSettleHour: wholeNumber(1, 20).default(3),
  /** Minutes that usage of a subscription's last hour may take to arrive before that hour is sealed, once for all. */
  finalSettleMinutes: wholeNumber(1, 35).default(15),
  /**
   * What becomes of whole units that come when the record of their hour is made. `carry-forward`: they go into the next hour without
   * one. `write-off`: nobody is billed for them.
   */
  lateUsage: z
    .enum(["carry-forward", "write-off"], { error: 'is neither "carry-forward" nor "write-off"' })
    .default("carry-forward"),
  /** Whether hours without usage get a record of 0, which shows buyers that metering works and locks the hour. */
  zeroRecords: z.boolean().default(false),
  /** Hours back that AWS Marketplace accepts usage for (BatchMeterUsage reference, autumn 2026: 24). */
  windowHours: wholeNumber(3, 24).default(24),
  /** UTC hour on the first of a month until which the previous month's usage is accepted (same source: 06:00). */
  monthEndCutoffHour: wholeNumber(2, 23).default(6),
  /** Minutes that a usage event's time may lie ahead of our clock. */
  futureToleranceMinutes: wholeNumber(0, 60).default(5),
  /** Days after its hour within which usage is still counted; all of it is kept ten days longer than the most there may be. */
  acceptUsageDays: wholeNumber(2, maxAcceptUsageDays).default(maxAcceptUsageDays),
  /** Hours before and after an event's own in which a copy of it, with another time, is known to be one. */
  dedupeHours: wholeNumber(0, 12).default(6),
  /** Parallel parts of an hour's usage log. Append a line to change it, at least two hours ahead; counts only double. */
  shards: z
    .array(shardChange)
    .min(1)
    .default([{ fromHour: 0 as UtcHour, count: 4 }])
    .superRefine((changes, context) => {
      changes.forEach((change, index) => {
        const before = changes[index - 1];
        if (before === undefined) return;
        if (change.fromHour <= before.fromHour)
          context.addIssue({
            code: "custom",
            path: [index, "fromHour"],
            message: "must be later than the line before: append changes in order",
          });
        if (change.count !== before.count * 2)
          context.addIssue({
            code: "custom",
            path: [index, "count"],
            message: `must be ${before.count * 2}: the count only ever doubles`,
          });
      });
    }),
});

/** After an hour has settled there must be an hour left to submit it, on any day and at a month's end. */
const distantShards = settings.superRefine(({ shards, dedupeHours }, context) => {
  shards.forEach(({ fromHour }, index) => {
    const before = shards[index - 1];
    const apart = before === undefined ? undefined : fromHour - before.fromHour;
    if (apart === undefined || apart <= 0 || apart >= 2 * dedupeHours) return;
    const message = `must be at least ${2 * dedupeHours} hours after the line before: repeats are looked for in ${dedupeHours} hours around`;
    context.addIssue({ code: "custom", path: ["shards", index, "fromHour"], message });
  });
});

/** How metering goes about; each has a default (docs/configuration.md). */
export const settleableSettings = distantShards.superRefine(
  ({ windowHours, monthEndCutoffHour, settleDelayMinutes }, context) => {
    const most = (Math.min(windowHours - 1, monthEndCutoffHour) - 1) * 60;
    if (settleDelayMinutes <= most) return;
    const message = `leaves less than an hour to submit what has settled: with these windows make it at most ${most}`;
    context.addIssue({ code: "custom", path: ["settleDelayMinutes"], message });
  },
);
