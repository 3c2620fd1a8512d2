import * as z from "zod";

/** What one process is to do: put pending records into a table of its own, and submit them. */
export const taskSchema = z.object({
  table: z.string(),
  /** With AWS's client and its pace, or to an AWS that takes everything at once. */
  paced: z.boolean(),
  licenses: z.array(z.object({ licenseArn: z.string(), buyerAccountId: z.string() })),
});
export type Task = z.output<typeof taskSchema>;

export const answerSchema = z.object({
  records: z.number(),
  accepted: z.number(),
  calls: z.number(),
  throttled: z.number(),
  runs: z.number(),
  seconds: z.number(),
});
export type Answer = z.output<typeof answerSchema>;

export const messageSchema = z.union([
  z.object({ answer: answerSchema }),
  z.object({ failed: z.string() }),
  z.object({ progress: z.string() }),
]);
