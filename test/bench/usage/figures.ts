import * as z from "zod";
import { spreadSchema } from "../statistics.ts";

const ingestSchema = z.object({
  eventsPerMessage: z.number(),
  eventsPerBatch: z.number(),
  bytesPerEvent: z.number(),
  packedBytesPerEvent: z.number(),
  eventsPerSecond: spreadSchema,
  /** Events in the bytes that `JSON.parse` alone reads a second. */
  parsedPerSecond: spreadSchema,
  /** How often the bytes can be parsed in the time of their ingest. */
  parsesPerIngest: spreadSchema,
});
export type IngestFigures = z.output<typeof ingestSchema>;

export const computeSchema = z.object({
  ingest: z.array(ingestSchema),
  fold: z.object({
    events: z.number(),
    repeats: z.number(),
    eventsPerSecond: spreadSchema,
    /** Ids of 16 bytes that a Set takes a second. */
    insertedPerSecond: spreadSchema,
    insertionsPerFold: spreadSchema,
  }),
});
export type ComputeFigures = z.output<typeof computeSchema>;

/** What requests to DynamoDB cost. */
export const countsSchema = z.object({
  requests: z.number(),
  readUnits: z.number(),
  tableUnits: z.number(),
  indexUnits: z.number(),
  /** Of items that expire with their hour. */
  storedBytes: z.number(),
  /** Plain writes whose units by AWS's rule were compared with DynamoDB Local's, and those that differed. */
  checked: z.number(),
  differing: z.number(),
  /** Write units, indexes included, by what was asked for. */
  byOperation: z.record(z.string(), z.number()),
});
export type Counts = z.output<typeof countsSchema>;

export const paceSchema = z.object({
  events: z.number(),
  eventsPerMessage: z.number(),
  eventsPerSecond: spreadSchema,
  ingestedPerSecond: spreadSchema,
  foldedPerSecond: spreadSchema,
  plainWritesPerSecond: spreadSchema,
  timesFaster: spreadSchema,
});
export type PaceFigures = z.output<typeof paceSchema>;

export const unitsSchema = z.object({
  events: z.number(),
  licenses: z.number(),
  batchSize: z.number(),
  ingest: countsSchema,
  fold: countsSchema,
  /** Asking for folds, sealing, submitting and writing the outcome. */
  meter: countsSchema,
});
export type UnitsFigures = z.output<typeof unitsSchema>;

const costSchema = z.object({
  eventsPerHour: z.number(),
  licenses: z.number(),
  shards: z.number(),
  /** Batches of the usage function that are filled at the same time. */
  pollers: z.number(),
  /** Events that were ingested, and folded, in the hour that was counted. */
  ingestedEvents: z.number(),
  foldedEvents: z.number(),
  batches: z.number(),
  writeUnitsPerEvent: z.number(),
  readUnitsPerEvent: z.number(),
  /** Dollars for a million events. */
  writes: z.number(),
  reads: z.number(),
  storage: z.number(),
  queues: z.number(),
  functions: z.number(),
});
export type CostFigures = z.output<typeof costSchema>;

export const costsSchema = z.object({
  rates: z.array(costSchema),
  /** Dollars a month without a single event. */
  idle: z.object({ functions: z.number(), reads: z.number(), queues: z.number() }),
});
export type CostsFigures = z.output<typeof costsSchema>;

export const memorySchema = z.object({ peakMib: z.number(), peakHeapMib: z.number() });

const loadSchema = z.object({
  what: z.string(),
  events: z.number(),
  licenses: z.number(),
  eventsPerMessage: z.number(),
  ingestSeconds: z.number(),
  foldSeconds: z.number(),
  /** The longest of the fold's calls. */
  longestFoldSeconds: z.number(),
  meterSeconds: z.number(),
  meterRuns: z.number(),
  records: z.number(),
  ingest: memorySchema,
  fold: memorySchema,
  writeUnitsPerEvent: z.number(),
});
export type LoadFigures = z.output<typeof loadSchema>;

export const figuresSchema = z.object({
  compute: computeSchema,
  pace: paceSchema,
  /** For several numbers of licenses. */
  units: z.array(unitsSchema),
  costs: costsSchema,
  loads: z.array(loadSchema),
});
export type Figures = z.output<typeof figuresSchema>;
