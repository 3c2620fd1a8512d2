import * as z from "zod";
import { latencySchema, spreadSchema } from "../statistics.ts";

export const figuresSchema = z.object({
  customers: z.number(),
  rounds: z.number(),
  /** Answers that the client gives from what it keeps, one after the other. */
  cachedPerSecond: spreadSchema,
  /** Of the door's own code, one question after the other, against DynamoDB Local. */
  missByLicense: latencySchema,
  missByCustomer: latencySchema,
  /** A consistent GetItem of the same table by the same client, one after the other. */
  plainRead: latencySchema,
  /** Requests to DynamoDB that one question takes. */
  requestsByLicense: z.number(),
  requestsByCustomer: z.number(),
});
export type Figures = z.output<typeof figuresSchema>;
