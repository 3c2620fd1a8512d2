import type { TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import type { SubscriptionId } from "@tollhouse/core/lifecycle/subscription";
import { type Book, holdsWholeUnit } from "@tollhouse/core/metering/book";
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

export const bookSchema = bookKeySchema
  .extend({
    version: z.number(),
    counted: amountSchema,
    recorded: amountSchema,
    balance: z.array(z.object({ hour: hourSchema, amounts: amountsSchema })),
  })
  .transform(({ subscriptionId, dimension, balance, ...rest }): Book => ({
    ...rest,
    key: { subscriptionId, dimension },
    balance: new Map(balance.map(({ hour, amounts }) => [hour, amounts])),
  }));

/** Stores a book over the version before it. It is in the index of those to be sealed when it has a whole unit to seal. */
export function putBook(
  table: string,
  book: Book,
): NonNullable<TransactWriteCommandInput["TransactItems"]>[number] {
  const { key, version, counted, recorded, balance } = book;
  const hasUnits = holdsWholeUnit(book);
  const item = {
    ...meteringKey.book(key),
    ...key,
    version,
    counted: counted.toString(),
    recorded: recorded.toString(),
    balance: [...balance].map(([hour, amounts]) => ({
      hour: formatHour(hour),
      amounts: amountsItem(amounts),
    })),
    ...(hasUnits ? meteringKey.wholeUnits(key) : {}),
  };
  return {
    Put: {
      TableName: table,
      Item: item,
      ...overVersionBefore(version),
    },
  };
}
