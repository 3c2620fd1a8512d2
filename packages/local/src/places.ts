import { type QueueName, queues, type TableName, tables } from "@tollhouse/functions/manifest";
import * as z from "zod";

/** The queue in which the seller's own services would find outgoing events. */
export const sellerEventsQueue = "seller-events";
export type LocalQueue = QueueName | typeof sellerEventsQueue;

const localQueues: readonly LocalQueue[] = [...(Object.keys(queues) as QueueName[]), sellerEventsQueue];

/** Where everything of a running local world is; printed by `npm start -- --json` and kept in the world file. */
export const placesSchema = z
  .object({
    /** Where a person plays the buyer. */
    storefrontUrl: z.string(),
    registrationUrl: z.string(),
    /** Where SNS would post, were it subscribed with HTTPS. */
    webhookUrl: z.string(),
    /** Where the seller's services report usage over HTTP; without a signature here. */
    usageUrl: z.string(),
    /** Where they ask who may use what; without a signature here. */
    accessUrl: z.string(),
    /** Where the world's mail arrives. */
    inboxUrl: z.string(),
    /** The example of a seller's app, where it runs. */
    exampleUrl: z.string().optional(),
    /** Where functions that are called by their name are called; without a signature here. */
    lambdaUrl: z.string(),
    /** What the function doctor is called by. */
    doctorName: z.string(),
    simulatorUrl: z.string(),
    queuesUrl: z.string(),
    databaseUrl: z.string(),
    queueUrls: z.record(z.enum(localQueues), z.string()),
    tableNames: z.record(z.enum(Object.keys(tables) as TableName[]), z.string()),
    busName: z.string(),
    processes: z.array(z.object({ name: z.string(), pid: z.number() }).readonly()).readonly(),
  })
  .readonly();
export type Places = z.output<typeof placesSchema>;
