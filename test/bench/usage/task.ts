import * as z from "zod";
import { computeSchema, costsSchema, memorySchema, paceSchema, unitsSchema } from "./figures.ts";

/** What a process of its own is told to do, and what it answers. */

const tablesSchema = z.object({ Lifecycle: z.string(), Metering: z.string() });

const loadSchema = z.object({ events: z.number(), licenses: z.number(), eventsPerMessage: z.number() });
export type Load = z.output<typeof loadSchema>;

const sentSchema = z.array(z.tuple([z.string(), z.string()]));

export const rateSchema = z.object({
  eventsPerHour: z.number(),
  licenses: z.number(),
  shards: z.number(),
  /** Of the hour's shards, those that are folded and sealed. */
  foldedShards: z.number(),
  /** Of the hour's windows of the usage queue, those whose batches are ingested where not all shards are folded. */
  ingestedWindows: z.number(),
});
/** An hour's load. Where it is large, a part of it is measured that the whole consists of. */
export type Rate = z.output<typeof rateSchema>;

export const taskSchema = z.discriminatedUnion("do", [
  z.object({
    do: z.literal("compute"),
    rounds: z.number(),
    /** Events of one round of ingest, and of fold. */
    ingestEvents: z.number(),
    foldEvents: z.number(),
  }),
  z.object({
    do: z.literal("pace"),
    tables: tablesSchema,
    rounds: z.number(),
    events: z.number(),
    licenses: z.number(),
    writes: z.number(),
  }),
  z.object({ do: z.literal("units"), tables: tablesSchema, licenses: z.number() }),
  z.object({ do: z.literal("cost"), tables: tablesSchema, rate: rateSchema }),
  z.object({ do: z.literal("idle"), tables: tablesSchema }),
  z.object({ do: z.literal("prepare"), tables: tablesSchema, load: loadSchema }),
  z.object({ do: z.literal("ingest"), tables: tablesSchema, load: loadSchema }),
  z.object({ do: z.literal("fold"), tables: tablesSchema, sent: sentSchema }),
]);
export type Task = z.output<typeof taskSchema>;

export const ingestedSchema = z.object({
  events: z.number(),
  seconds: z.number(),
  writeUnits: z.number(),
  memory: memorySchema,
  /** Micro-units as text, by license and dimension. */
  sent: sentSchema,
});
export type IngestedLoad = z.output<typeof ingestedSchema>;

export const foldedSchema = z.object({
  /** Of each call. */
  foldSeconds: z.array(z.number()),
  meterSeconds: z.number(),
  meterRuns: z.number(),
  records: z.number(),
  writeUnits: z.number(),
  memory: memorySchema,
});
export type FoldedLoad = z.output<typeof foldedSchema>;

/** The answer to each task. */
export const answers = {
  compute: computeSchema,
  pace: paceSchema,
  units: unitsSchema,
  cost: costsSchema.shape.rates,
  idle: costsSchema.shape.idle,
  prepare: z.null(),
  ingest: ingestedSchema,
  fold: foldedSchema,
} as const satisfies Readonly<Record<Task["do"], z.ZodType>>;

export const messageSchema = z.union([
  z.object({ progress: z.string() }),
  z.object({ answer: z.unknown() }),
  z.object({ failed: z.string() }),
]);
export type Message = z.output<typeof messageSchema>;
