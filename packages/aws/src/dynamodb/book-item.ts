import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import {
  type Book,
  isToBeSealed,
  type UnbillableReason,
  unbillableReasons,
} from "@tollhouse/core/metering/book";
import { type MicroUnits, zeroUnits } from "@tollhouse/core/quantity/micro-units";
import { type Instant, instant } from "@tollhouse/core/time/instant";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import * as z from "zod";
import { amountSchema, amountsItem, amountsSchema } from "./amounts.ts";
import { overVersionBefore } from "./condition.ts";
import { hourSchema } from "./hour.ts";
import { meteringKey } from "./key.ts";

export const bookKeySchema = z.object({
  subscriptionId: z.string().transform((id) => id as SubscriptionId),
  dimension: z.string(),
});

const at = z.number().transform((value): Instant => instant(value));
const reasonSchema = z.enum(Object.keys(unbillableReasons) as [UnbillableReason, ...UnbillableReason[]]);

/** Books that were stored before usage was covered or written off have no accounts for it. */
export const bookSchema = bookKeySchema
  .extend({
    version: z.number(),
    counted: amountSchema,
    recorded: amountSchema,
    covered: amountSchema.default(zeroUnits),
    unbillable: z.partialRecord(reasonSchema, amountSchema).default({}),
    balance: z.array(z.object({ hour: hourSchema, amounts: amountsSchema })),
    terms: z.array(z.object({ since: at, covered: amountSchema, left: amountSchema })).default([]),
    isClosed: z.boolean().default(false),
  })
  .transform(({ subscriptionId, dimension, balance, unbillable, ...rest }): Book => ({
    ...rest,
    key: { subscriptionId, dimension },
    unbillable: new Map(Object.entries(unbillable) as [UnbillableReason, MicroUnits][]),
    balance: new Map(balance.map(({ hour, amounts }) => [hour, amounts])),
  }));

/** Stores a book over the version before it. It is in the index of those to be sealed when there may be something to seal. */
export function putBook(table: string, book: Book) {
  const { key, balance, unbillable, terms, ...rest } = book;
  const item = {
    ...meteringKey.book(key),
    ...key,
    ...rest,
    counted: book.counted.toString(),
    recorded: book.recorded.toString(),
    covered: book.covered.toString(),
    unbillable: Object.fromEntries([...unbillable].map(([reason, units]) => [reason, units.toString()])),
    balance: [...balance].map(([hour, amounts]) => ({
      hour: formatHour(hour),
      amounts: amountsItem(amounts),
    })),
    terms: terms.map(({ since, covered, left }) => ({
      since,
      covered: covered.toString(),
      left: left.toString(),
    })),
    ...(isToBeSealed(book) ? meteringKey.wholeUnits(key) : {}),
  };
  return { Put: { TableName: table, Item: item, ...overVersionBefore(book.version) } };
}
