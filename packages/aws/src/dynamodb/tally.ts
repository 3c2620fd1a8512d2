import type { FoldTally } from "@tollhouse/core/metering/store";
import * as z from "zod";
import { amountSchema } from "./amounts.ts";

export const tallySchema = z.object({
  eventCount: z.number(),
  units: amountSchema,
  repeatCount: z.number(),
  repeatedUnits: amountSchema,
});

export const tallyItem = ({ units, repeatedUnits, ...counts }: FoldTally) => ({
  ...counts,
  units: units.toString(),
  repeatedUnits: repeatedUnits.toString(),
});
