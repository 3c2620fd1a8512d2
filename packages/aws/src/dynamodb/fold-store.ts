import { createHash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Account } from "@tollhouse/core/metering/book";
import type { FoldPlan, FoldState, FoldStore, Posting } from "@tollhouse/core/metering/store";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import type { HourShard } from "@tollhouse/core/usage/shard";
import * as z from "zod";
import { amountsItem, amountsSchema } from "./amounts.ts";
import { hourSchema } from "./hour.ts";
import { meteringKey } from "./key.ts";
import { query } from "./usage-log.ts";

const identityBytes = 16;
const identitiesPerItem = 20_000;

/** A DynamoDB item holds 400 KB; a plan for very many subscriptions is longer, even compressed. */
const postingsBytesPerItem = 350_000;

const postingsSchema = z.array(
  z.object({
    account: z.string().transform((account) => account as Account),
    dimension: z.string(),
    hour: hourSchema,
    amounts: amountsSchema,
  }),
);

/** The postings lie beside the state, under the hash of their content. */
const planSchema = z.object({ id: z.string(), segmentIds: z.array(z.string()), postingsHash: z.string() });

const stateSchema = z.object({
  version: z.number(),
  foldedSegmentIds: z.array(z.string()),
  planIds: z.array(z.string()),
  open: planSchema.optional(),
});
type Stored = z.output<typeof stateSchema>;

/** Which segments were folded, by which plans, and what those counted. */
export function dynamoFoldStore(client: DynamoDBDocumentClient, table: string): FoldStore {
  /** Takes the place of the version before, and of no other. */
  const write = async ({
    hour,
    shard,
    version,
    foldedSegmentIds,
    planIds,
    open,
  }: FoldState): Promise<boolean> => {
    const item = { version, foldedSegmentIds: [...foldedSegmentIds], planIds, open: open && planItem(open) };
    try {
      await client.send(
        new PutCommand({
          TableName: table,
          Item: { ...meteringKey.fold({ hour, shard }), ...item },
          ...(version === 1
            ? { ConditionExpression: "attribute_not_exists(pk)" }
            : {
                ConditionExpression: "version = :before",
                ExpressionAttributeValues: { ":before": version - 1 },
              }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };
  const putParts = async (
    bytes: Buffer,
    bytesPerItem: number,
    item: (part: Buffer, index: number) => object,
  ): Promise<void> => {
    for (let index = 0; index * bytesPerItem < bytes.length; index += 1) {
      const part = bytes.subarray(index * bytesPerItem, (index + 1) * bytesPerItem);
      await client.send(new PutCommand({ TableName: table, Item: { ...item(part, index) } }));
    }
  };
  const loadPostings = async (place: HourShard, contentHash: string): Promise<readonly Posting[]> => {
    const { pk, sk } = meteringKey.postings(place, contentHash);
    const range = { condition: "begins_with(sk, :prefix)", values: { ":prefix": sk } };
    const parts: Uint8Array[] = [];
    for await (const item of query(client, table, pk, range))
      parts.push(z.instanceof(Uint8Array).parse(item["postings"]));
    return unpackPostings(Buffer.concat(parts));
  };
  return {
    async load(place) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: meteringKey.fold(place), ConsistentRead: true }),
      );
      const { open, ...stored } =
        Item === undefined ? { version: 0, foldedSegmentIds: [], planIds: [] } : stateSchema.parse(Item);
      const postings = open === undefined ? [] : await loadPostings(place, open.postingsHash);
      return toState(place, stored, open && { ...place, id: open.id, segmentIds: open.segmentIds, postings });
    },
    async countedIdentities(state) {
      const counted = new Set<string>();
      for (const planId of state.planIds) {
        const range = {
          condition: "begins_with(sk, :prefix)",
          values: { ":prefix": meteringKey.digest(state, planId).sk },
        };
        for await (const item of query(client, table, meteringKey.digest(state, planId).pk, range)) {
          for (const identity of unpack(item["identities"])) counted.add(identity);
        }
      }
      return counted;
    },
    async open(state, plan, identities) {
      await putParts(pack(identities), identitiesPerItem * identityBytes, (part, index) => ({
        ...meteringKey.digest(state, plan.id, index),
        identities: part,
      }));
      const packed = packPostings(plan);
      await putParts(packed, postingsBytesPerItem, (part, index) => ({
        ...meteringKey.postings(state, hashOf(packed), index),
        postings: part,
      }));
      const opened: FoldState = {
        ...state,
        version: state.version + 1,
        foldedSegmentIds: new Set([...state.foldedSegmentIds, ...plan.segmentIds]),
        planIds: [...state.planIds, plan.id],
        open: plan,
      };
      return (await write(opened)) ? opened : undefined;
    },
    async close(state) {
      const closed: FoldState = { ...state, version: state.version + 1, open: undefined };
      return (await write(closed)) ? closed : undefined;
    },
  };
}

const toState = (
  { hour, shard }: HourShard,
  { version, foldedSegmentIds, planIds }: Omit<Stored, "open">,
  open: FoldPlan | undefined,
): FoldState => ({
  hour,
  shard,
  version,
  foldedSegmentIds: new Set(foldedSegmentIds),
  planIds,
  open,
});

const planItem = (plan: FoldPlan): NonNullable<Stored["open"]> => ({
  id: plan.id,
  segmentIds: [...plan.segmentIds],
  postingsHash: hashOf(packPostings(plan)),
});

/** Two folders may decide on the same segments differently; each state names its own postings by what they say. */
const hashOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex").slice(0, 32);

const packPostings = ({ postings }: FoldPlan): Buffer =>
  deflateRawSync(
    JSON.stringify(
      postings.map(({ book, hour, amounts }) => ({
        ...book,
        hour: formatHour(hour),
        amounts: amountsItem(amounts),
      })),
    ),
  );

const unpackPostings = (bytes: Buffer): readonly Posting[] =>
  postingsSchema
    .parse(JSON.parse(inflateRawSync(bytes).toString()))
    .map(({ account, dimension, ...rest }) => ({ book: { account, dimension }, ...rest }));

/** Identities are 16 bytes each, one after the other. */
const pack = (identities: readonly string[]): Buffer =>
  Buffer.concat(identities.map((identity) => Buffer.from(identity, "base64")));

function unpack(value: unknown): string[] {
  const bytes = Buffer.from(z.instanceof(Uint8Array).parse(value));
  return Array.from({ length: bytes.length / identityBytes }, (_, index) =>
    bytes.subarray(index * identityBytes, (index + 1) * identityBytes).toString("base64"),
  );
}
