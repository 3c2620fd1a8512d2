import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Account } from "@tollhouse/core/metering/book";
import type { FoldPlan, FoldState, FoldStore } from "@tollhouse/core/metering/store";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import type { HourShard } from "@tollhouse/core/usage/shard";
import * as z from "zod";
import { amountsItem, amountsSchema } from "./amounts.ts";
import { hourSchema } from "./hour.ts";
import { meteringKey } from "./key.ts";
import { query } from "./usage-log.ts";

const identityBytes = 16;
const identitiesPerItem = 20_000;

const planSchema = z.object({
  id: z.string(),
  segmentIds: z.array(z.string()),
  postings: z.array(
    z.object({
      account: z.string().transform((account) => account as Account),
      dimension: z.string(),
      hour: hourSchema,
      amounts: amountsSchema,
    }),
  ),
});

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
  return {
    async load(place) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: meteringKey.fold(place), ConsistentRead: true }),
      );
      return toState(
        place,
        Item === undefined ? { version: 0, foldedSegmentIds: [], planIds: [] } : stateSchema.parse(Item),
      );
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
      for (let part = 0; part * identitiesPerItem < identities.length; part += 1) {
        const packed = pack(identities.slice(part * identitiesPerItem, (part + 1) * identitiesPerItem));
        const key = meteringKey.digest(state, plan.id, part);
        await client.send(new PutCommand({ TableName: table, Item: { ...key, identities: packed } }));
      }
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
  { version, foldedSegmentIds, planIds, open }: Stored,
): FoldState => ({
  hour,
  shard,
  version,
  foldedSegmentIds: new Set(foldedSegmentIds),
  planIds,
  open: open && toPlan({ hour, shard }, open),
});

const toPlan = (place: HourShard, { id, segmentIds, postings }: NonNullable<Stored["open"]>): FoldPlan => ({
  ...place,
  id,
  segmentIds,
  postings: postings.map(({ account, dimension, hour, amounts }) => ({
    book: { account, dimension },
    hour,
    amounts,
  })),
});

const planItem = ({ id, segmentIds, postings }: FoldPlan) => ({
  id,
  segmentIds,
  postings: postings.map(({ book, hour, amounts }) => ({
    ...book,
    hour: formatHour(hour),
    amounts: amountsItem(amounts),
  })),
});

/** Identities are 16 bytes each, one after the other. */
const pack = (identities: readonly string[]): Buffer =>
  Buffer.concat(identities.map((identity) => Buffer.from(identity, "base64")));

function unpack(value: unknown): string[] {
  const bytes = Buffer.from(z.instanceof(Uint8Array).parse(value));
  return Array.from({ length: bytes.length / identityBytes }, (_, index) =>
    bytes.subarray(index * identityBytes, (index + 1) * identityBytes).toString("base64"),
  );
}
