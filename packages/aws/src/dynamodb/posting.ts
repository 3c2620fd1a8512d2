import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import type { BookPosting, FoldPlan, Posting } from "@tollhouse/core/metering/store";
import { type Instant, instant } from "@tollhouse/core/time/instant";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import * as z from "zod";
import { amountsItem, amountsSchema } from "./amounts.ts";
import { hourSchema } from "./hour.ts";
import { tallyItem, tallySchema } from "./tally.ts";
import { waitingItem, waitingSchema } from "./waiting-item.ts";

const at = z.number().transform((value): Instant => instant(value));

const bookPostingSchema = z
  .object({
    subscriptionId: z.string().transform((id) => id as SubscriptionId),
    dimension: z.string(),
    hour: hourSchema,
    amounts: amountsSchema,
  })
  .transform(({ subscriptionId, dimension, ...rest }): BookPosting => ({
    book: { subscriptionId, dimension },
    ...rest,
  }));

const postingSchema = z.union([z.object({ waiting: waitingSchema }), bookPostingSchema]);

/** What a plan says besides its place, name and segments. */
export const planContentsSchema = z.object({
  postings: z.array(postingSchema),
  tally: tallySchema,
  coversUntil: at.optional(),
});

export const planContents = ({ postings, tally, coversUntil }: FoldPlan) => ({
  postings: postings.map(postingItem),
  tally: tallyItem(tally),
  coversUntil,
});

const postingItem = (posting: Posting) =>
  "waiting" in posting
    ? { waiting: asText(waitingItem(posting.waiting)) }
    : { ...posting.book, hour: formatHour(posting.hour), amounts: amountsItem(posting.amounts) };

/** A plan is JSON, which has no bytes. */
const asText = ({ bytes, ...item }: ReturnType<typeof waitingItem>) => ({
  ...item,
  bytes: Buffer.from(bytes).toString("base64"),
});
