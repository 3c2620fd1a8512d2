import * as z from "zod";
import { spreadSchema } from "../statistics.ts";

export const figuresSchema = z.object({
  rounds: z.number(),
  functions: z.array(
    z.object({
      name: z.string(),
      /** Of the one file that Lambda loads. */
      bytes: z.number(),
      /** Of the same, compressed as it is uploaded. */
      zippedBytes: z.number(),
      /** From a process that stands to a handler that can be called. */
      loadMs: spreadSchema,
    }),
  ),
});
export type Figures = z.output<typeof figuresSchema>;
