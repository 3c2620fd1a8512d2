import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";
import type { Places } from "@tollhouse/local/places";
import * as z from "zod";
import { credentials } from "../integration/table.ts";
import { ledgerKey } from "./usage-stream.ts";

const amount = z.string().transform((digits) => BigInt(digits));
const tagSet = z
  .string()
  .transform((text) => z.array(z.tuple([z.string(), z.string()])).parse(JSON.parse(text)));
const bookSchema = z.object({
  counted: amount,
  recorded: amount,
  balance: z.array(z.object({ amounts: z.record(z.string(), amount) })),
  unbillable: z.record(z.string(), amount).default({}),
});
const recordSchema = z.object({
  hour: z.string(),
  entry: z.object({ quantity: amount, allocations: z.array(z.object({ tagSet, units: amount })) }),
  outcome: z.object({ state: z.string() }),
});

export interface Ledger {
  /** All that was ever counted, in millionths of a unit, by book. */
  readonly counted: ReadonlyMap<string, bigint>;
  /** What is in records, by subscription, dimension and tag set. */
  readonly recorded: ReadonlyMap<string, bigint>;
  /** What nobody is billed for, by book and reason. */
  readonly unbillable: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
  /** What is still in balances, by book. */
  readonly held: ReadonlyMap<string, bigint>;
  readonly records: readonly {
    readonly book: string;
    readonly hour: string;
    readonly quantity: bigint;
    readonly outcome: string;
  }[];
  readonly marks: number;
}

export const bookOf = (subscriptionId: string, dimension: string): string =>
  JSON.stringify([subscriptionId, dimension]);

/** Adds up the Metering table, read with a plain client and nothing of ours. */
export async function readLedger({ databaseUrl, tableNames }: Places): Promise<Ledger> {
  const endpoint = { endpoint: databaseUrl, region: "us-east-1", credentials };
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(endpoint));
  const counted = new Map<string, bigint>();
  const recorded = new Map<string, bigint>();
  const held = new Map<string, bigint>();
  const unbillable = new Map<string, ReadonlyMap<string, bigint>>();
  const records: Ledger["records"][number][] = [];
  let marks = 0;
  const add = (sums: Map<string, bigint>, key: string, more: bigint) =>
    sums.set(key, (sums.get(key) ?? 0n) + more);
  for await (const { Items = [] } of paginateScan(
    { client },
    { TableName: tableNames.Metering, ConsistentRead: true },
  )) {
    for (const item of Items) {
      const { pk, sk } = z.object({ pk: z.string(), sk: z.string() }).parse(item);
      if (pk.startsWith("MARK#")) marks += 1;
      if (!pk.startsWith("BOOK#")) continue;
      const [id = "", dimension = ""] = pk.split("#").slice(1).map(decodeURIComponent);
      const book = bookOf(id, dimension);
      if (sk === "BOOK") {
        const { balance, ...sums } = bookSchema.parse(item);
        add(counted, book, sums.counted);
        unbillable.set(book, new Map(Object.entries(sums.unbillable)));
        for (const units of balance.flatMap(({ amounts }) => Object.values(amounts))) add(held, book, units);
      } else if (sk.startsWith("RECORD#")) {
        const { hour, entry, outcome } = recordSchema.parse(item);
        records.push({ book, hour, quantity: entry.quantity, outcome: outcome.state });
        for (const { tagSet: tags, units } of entry.allocations)
          add(recorded, ledgerKey(id, dimension, tags), units * 1_000_000n);
      }
    }
  }
  client.destroy();
  return { counted, recorded, unbillable, held, records, marks };
}

/** Amounts that differ, in sentences; what is zero may be left out. */
export function differences(
  names: readonly [string, string],
  one: ReadonlyMap<string, bigint>,
  other: ReadonlyMap<string, bigint>,
): readonly string[] {
  return [...new Set([...one.keys(), ...other.keys()])].toSorted().flatMap((key) => {
    const [a, b] = [one.get(key) ?? 0n, other.get(key) ?? 0n];
    return a === b ? [] : [`${key}: ${names[0]} ${a}, ${names[1]} ${b} (millionths)`];
  });
}
