import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { RefusedAs, UsageRecord } from "@tollhouse/core/metering/usage-record";
import { type Instant, instant } from "@tollhouse/core/time/instant";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import type { TagSet } from "@tollhouse/core/usage/usage-event";
import * as z from "zod";
import { amountSchema } from "./amounts.ts";
import { hourSchema } from "./hour.ts";
import { meteringKey } from "./key.ts";

const at = z.number().transform((value): Instant => instant(value));
const whole = z
  .string()
  .regex(/^\d+$/)
  .transform((digits) => BigInt(digits));

const refusals = ["not-subscribed", "rejected"] as const satisfies readonly RefusedAs[];

export const recordSchema = z.object({
  subscriptionId: z.string().transform((id) => id as SubscriptionId),
  dimension: z.string(),
  hour: hourSchema,
  productCode: z.string(),
  entry: z.object({
    region: z.string(),
    identity: z.discriminatedUnion("by", [
      z.object({ by: z.literal("license"), licenseArn: z.string(), buyerAccountId: z.string() }),
      z.object({ by: z.literal("product-code"), productCode: z.string(), customerIdentifier: z.string() }),
    ]),
    dimension: z.string(),
    timestamp: at,
    quantity: whole,
    allocations: z.array(
      z.object({ tagSet: z.string().transform((tagSet) => tagSet as TagSet), units: whole }),
    ),
  }),
  /** Records that were sealed before this was kept have none. */
  taken: z.array(z.object({ hour: hourSchema, units: amountSchema })).default([]),
  deadlineAt: at,
  attempts: z.number(),
  outcome: z.discriminatedUnion("state", [
    z.object({
      state: z.literal("pending"),
      refusal: z.string().optional(),
      refusedAs: z.enum(refusals).optional(),
      triedAt: at.optional(),
      retryAt: at.optional(),
    }),
    z.object({ state: z.enum(["accepted", "conflict"]), meteringRecordId: z.string().optional(), at }),
    z.object({ state: z.enum([...refusals, "expired", "returned"]), refusal: z.string().optional(), at }),
  ]),
});

/** A new record as it is stored; being in the index is what makes it pending. */
export const recordItem = (record: UsageRecord) => ({
  ...recordKey(record),
  ...meteringKey.pending(record),
  ...record,
  hour: formatHour(record.hour),
  taken: record.taken.map(({ hour, units }) => ({ hour: formatHour(hour), units: units.toString() })),
  entry: {
    ...record.entry,
    quantity: record.entry.quantity.toString(),
    allocations: record.entry.allocations.map(({ tagSet, units }) => ({ tagSet, units: units.toString() })),
  },
});

const recordKey = ({ subscriptionId, dimension, hour }: UsageRecord) =>
  meteringKey.record({ subscriptionId, dimension }, hour);

/** Changes a record that is pending, with so many attempts where that matters. */
export const overPending = (
  table: string,
  record: UsageRecord,
  attempts: number | undefined,
  update: string,
  values: Readonly<Record<string, unknown>> = {},
) => ({
  TableName: table,
  Key: recordKey(record),
  UpdateExpression: update,
  ConditionExpression: `outcome.#state = :pending${attempts === undefined ? "" : " AND attempts = :attempts"}`,
  ExpressionAttributeNames: { "#state": "state" },
  ExpressionAttributeValues: {
    ":pending": "pending",
    ...(attempts === undefined ? {} : { ":attempts": attempts }),
    ...values,
  },
});

/** An outcome takes the record out of the index of those that are pending. */
export const toOutcome = "SET outcome = :outcome REMOVE gsi1pk, gsi1sk";
