import * as z from "zod";
import { latencySchema, spreadSchema } from "../statistics.ts";

/** What one message of a kind costs on average. */
const costSchema = z.object({
  kind: z.string(),
  count: z.number(),
  requests: z.number(),
  readUnits: z.number(),
  /** Items of transactions, checked ones among them. */
  items: z.number(),
  tableUnits: z.number(),
  indexUnits: z.number(),
  tries: z.number(),
  /** From being taken by the handler to being stored, in the full rounds. */
  p50Ms: z.number(),
});

export const figuresSchema = z.object({
  batchSize: z.number(),
  rounds: z.number(),
  /** One worker, a queue that is never empty. */
  messagesPerSecond: spreadSchema,
  /** The same number of requests at once, each a PutItem of one item. */
  plainWritesPerSecond: spreadSchema,
  /** Plain writes in the time of one message, round by round. */
  plainWritesPerMessage: spreadSchema,
  /** The processor's time of the worker's process alone; other processes slow it down little. */
  messageCpuMs: z.number(),
  plainWriteCpuMs: z.number(),
  /** Half of what a full queue gave, arriving at random moments. */
  offeredPerSecond: spreadSchema,
  /** From being in the queue to being stored, at that rate. */
  availableToStored: latencySchema,
  plainWrite: latencySchema,
  costs: z.array(costSchema),
  /** Of all messages together, as they are mixed. */
  averageCost: costSchema,
});
export type Figures = z.output<typeof figuresSchema>;
