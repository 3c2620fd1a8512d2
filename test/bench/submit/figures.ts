import * as z from "zod";

export const figuresSchema = z.object({
  /** Against the simulator with AWS's quota, by AWS's client. */
  atQuota: z.object({
    records: z.number(),
    calls: z.number(),
    seconds: z.number(),
    recordsPerCall: z.number(),
    /** By the instants at which the calls came to AWS, from the first to the last. */
    callsPerSecond: z.number(),
    /** Calls that came within any one second, at most. */
    mostInASecond: z.number(),
    throttled: z.number(),
  }),
  /** To an AWS that answers at once and takes everything: our own work alone. */
  unpaced: z.object({ records: z.number(), calls: z.number(), seconds: z.number() }),
});
export type Figures = z.output<typeof figuresSchema>;
