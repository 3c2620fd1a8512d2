import { type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { query } from "./usage-log.ts";

/** A DynamoDB item holds 400 KB; what is longer lies in several, side by side. */
const bytesPerPart = 350_000;

interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Stores bytes in as many items as it takes, under the keys that `keyOf` gives for each part, each with `attributes`. */
export async function putParts(
  client: DynamoDBDocumentClient,
  table: string,
  keyOf: (part: number) => Key,
  bytes: Buffer,
  attributes: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  for (let part = 0; part === 0 || part * bytesPerPart < bytes.length; part += 1) {
    const slice = bytes.subarray(part * bytesPerPart, (part + 1) * bytesPerPart);
    await client.send(
      new PutCommand({ TableName: table, Item: { ...attributes, ...keyOf(part), bytes: slice } }),
    );
  }
}

const partSchema = z.object({ sk: z.string(), bytes: z.instanceof(Uint8Array) });

/** All documents whose parts' sort keys begin with a prefix, by their sort key without the part's number; read consistently. */
export async function readParts(
  client: DynamoDBDocumentClient,
  table: string,
  { pk, sk: prefix }: Key,
): Promise<ReadonlyMap<string, Buffer>> {
  const parts = new Map<string, Uint8Array[]>();
  const range = { condition: "begins_with(sk, :prefix)", values: { ":prefix": prefix } };
  for await (const item of query(client, table, pk, range)) {
    const { sk, bytes } = partSchema.parse(item);
    const name = sk.slice(0, sk.lastIndexOf("#"));
    const known = parts.get(name) ?? [];
    parts.set(name, [...known, bytes]);
  }
  return new Map([...parts].map(([name, all]) => [name, Buffer.concat(all)]));
}
