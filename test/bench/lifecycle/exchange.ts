import * as z from "zod";

/** What the worker's process is told and what it answers, one answer to each command. */

const buyerSchema = z.object({
  productCode: z.string(),
  buyerAccountId: z.string().optional(),
  customerIdentifier: z.string().optional(),
  licenseArn: z.string().optional(),
});

export const commandSchema = z.discriminatedUnion("do", [
  /** Take messages from the queue until so many are done. */
  z.object({ do: z.literal("take"), count: z.number(), counted: z.boolean() }),
  z.object({ do: z.literal("register"), buyers: z.array(buyerSchema), counted: z.boolean() }),
  /** Put so many items, one a request. */
  z.object({ do: z.literal("write"), count: z.number() }),
]);
export type Command = z.output<typeof commandSchema>;

/** What became of one message or registration. Instants are the machine's clock's, in milliseconds. */
export const sampleSchema = z.object({
  /** The kind of fact; "repeat" when it was known. */
  kind: z.string(),
  /** When it was in the queue; a registration's is when it began. */
  availableAtMs: z.number(),
  /** When the handler was given it. */
  takenAtMs: z.number(),
  /** When its transaction was answered, or it was found to be a repeat. */
  storedAtMs: z.number(),
  /** Transactions tried: more than one where another message was faster. */
  tries: z.number(),
  /** From here on counted only where asked for. Read units are DynamoDB's own, write units are by AWS's rule. */
  requests: z.number(),
  readUnits: z.number(),
  /** Items of transactions, checked ones among them. */
  items: z.number(),
  tableUnits: z.number(),
  indexUnits: z.number(),
});
export type Sample = z.output<typeof sampleSchema>;

/** Time, and the processor's time of the worker's process. */
const spent = { elapsedMs: z.number(), cpuMs: z.number() };

export const answerSchema = z.union([
  z.object({ ...spent, samples: z.array(sampleSchema) }),
  z.object({ ...spent, latenciesMs: z.array(z.number()) }),
  z.object({ failed: z.string() }),
]);
export type Answer = z.output<typeof answerSchema>;

export const settingsSchema = z.object({
  queueUrl: z.string(),
  relayQueueUrl: z.string(),
  table: z.string(),
});
export type Settings = z.output<typeof settingsSchema>;
