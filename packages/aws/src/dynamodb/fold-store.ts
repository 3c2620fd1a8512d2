import { deflateRawSync, inflateRawSync } from "node:zlib";
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { Account } from "@tollhouse/core/metering/book";
import type { FoldHead, FoldPlan, FoldState, FoldStore, Posting } from "@tollhouse/core/metering/store";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import type { HourShard } from "@tollhouse/core/usage/shard";
import * as z from "zod";
import { amountsItem, amountsSchema } from "./amounts.ts";
import { overVersionBefore } from "./condition.ts";
import { hourSchema } from "./hour.ts";
import { meteringKey } from "./key.ts";
import { putParts, readParts } from "./parts.ts";

/** The state is small however much was folded: a plan's segments, postings and identities lie beside it, under the plan's id. */
const stateSchema = z.object({
  version: z.number(),
  planIds: z.array(z.string()),
  openPlanId: z.string().optional(),
});
type Stored = z.output<typeof stateSchema>;

/** Which segments were folded, by which plans, and what those counted. */
export function dynamoFoldStore(client: DynamoDBDocumentClient, table: string): FoldStore {
  return {
    load: (place) => load(client, table, place),
    async head({ hour, shard }) {
      const { version, planIds } = await loadStored(client, table, { hour, shard });
      return { hour, shard, version, planIds };
    },
    async metIdentities(head) {
      const met = new Set<string>();
      for (const bytes of (await readPlans(client, table, head, "identities")).values()) {
        for (const identity of unpackIdentities(bytes)) met.add(identity);
      }
      return met;
    },
    async metAmong(head, identities) {
      const met = new Set<string>();
      for (const bytes of (await readPlans(client, table, head, "identities")).values()) {
        for (const identity of unpackIdentities(bytes)) if (identities.has(identity)) met.add(identity);
      }
      return met;
    },
    async open(state, plan, identities, around) {
      const contents = {
        identities: packIdentities(identities),
        postings: pack(plan.postings.map(postingItem)),
        segments: pack(plan.segmentIds),
      };
      for (const kind of planParts) {
        await putParts(client, table, (part) => meteringKey.plan(state, kind, plan.id, part), contents[kind]);
      }
      const opened: FoldState = {
        ...state,
        version: state.version + 1,
        foldedSegmentIds: new Set([...state.foldedSegmentIds, ...plan.segmentIds]),
        planIds: [...state.planIds, plan.id],
        open: plan,
      };
      return (await write(client, table, opened, around)) ? opened : undefined;
    },
    async close(state) {
      const closed: FoldState = { ...state, version: state.version + 1, open: undefined };
      return (await write(client, table, closed)) ? closed : undefined;
    },
  };
}

const planParts = ["identities", "postings", "segments"] as const;
type PlanPart = (typeof planParts)[number];

async function loadStored(client: DynamoDBDocumentClient, table: string, place: HourShard): Promise<Stored> {
  const { Item } = await client.send(
    new GetCommand({ TableName: table, Key: meteringKey.fold(place), ConsistentRead: true }),
  );
  return Item === undefined ? { version: 0, planIds: [] } : stateSchema.parse(Item);
}

async function load(client: DynamoDBDocumentClient, table: string, place: HourShard): Promise<FoldState> {
  const { hour, shard } = place;
  const { version, planIds, openPlanId } = await loadStored(client, table, place);
  const segments = await readPlans(client, table, { ...place, planIds }, "segments");
  const segmentsOf = (planId: string): readonly string[] => idsSchema.parse(unpack(segments.get(planId)));
  const foldedSegmentIds = new Set(planIds.flatMap(segmentsOf));
  const state: FoldState = { hour, shard, version, planIds, foldedSegmentIds, open: undefined };
  if (openPlanId === undefined) return state;
  const postings = await readPlans(client, table, { ...place, planIds: [openPlanId] }, "postings");
  const open: FoldPlan = {
    hour,
    shard,
    id: openPlanId,
    segmentIds: segmentsOf(openPlanId),
    postings: postingsSchema.parse(unpack(postings.get(openPlanId))).map(toPosting),
  };
  return { ...state, open };
}

/** One part of every plan of a state, by plan. What a folder that lost left behind belongs to no state and is passed over. */
async function readPlans(
  client: DynamoDBDocumentClient,
  table: string,
  { planIds, hour, shard }: HourShard & Pick<FoldState, "planIds">,
  kind: PlanPart,
): Promise<ReadonlyMap<string, Buffer>> {
  if (planIds.length === 0) return new Map();
  const [only, second] = planIds;
  const one = second === undefined ? only : undefined;
  const found = await readParts(client, table, meteringKey.plan({ hour, shard }, kind, one));
  return new Map(
    planIds.flatMap((planId) => {
      const bytes = found.get(meteringKey.planName(kind, planId));
      return bytes === undefined ? [] : [[planId, bytes] as const];
    }),
  );
}

/** Takes the place of the version before, and of no other, while those around it are as they were read. */
async function write(
  client: DynamoDBDocumentClient,
  table: string,
  { hour, shard, version, planIds, open }: FoldState,
  around: readonly FoldHead[] = [],
): Promise<boolean> {
  const Item = { ...meteringKey.fold({ hour, shard }), version, planIds, openPlanId: open?.id };
  const own = { Put: { TableName: table, Item, ...overVersionBefore(version) } };
  const checks = around.map((head) => ({
    ConditionCheck: { TableName: table, Key: meteringKey.fold(head), ...overVersionBefore(head.version + 1) },
  }));
  try {
    await client.send(new TransactWriteCommand({ TransactItems: [own, ...checks] }));
    return true;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return false;
    throw error;
  }
}

const idsSchema = z.array(z.string());
const postingsSchema = z.array(
  z.object({
    account: z.string().transform((account) => account as Account),
    dimension: z.string(),
    hour: hourSchema,
    amounts: amountsSchema,
  }),
);

const toPosting = ({ account, dimension, ...rest }: z.output<typeof postingsSchema>[number]): Posting => ({
  book: { account, dimension },
  ...rest,
});

const postingItem = ({ book, hour, amounts }: Posting) => ({
  ...book,
  hour: formatHour(hour),
  amounts: amountsItem(amounts),
});

const pack = (value: unknown): Buffer => deflateRawSync(JSON.stringify(value));
/** @throws Error when a part of a plan that a state names is missing; such an hour-shard must be restored */
function unpack(bytes: Buffer | undefined): unknown {
  if (bytes === undefined)
    throw new Error("A fold's plan is incomplete in the table. Restore the hour-shard before folding it.");
  return JSON.parse(inflateRawSync(bytes).toString());
}

/** Identities are 16 bytes each, one after the other. */
const identityBytes = 16;
const packIdentities = (identities: readonly string[]): Buffer =>
  Buffer.concat(identities.map((identity) => Buffer.from(identity, "base64")));

function* unpackIdentities(bytes: Buffer): Generator<string> {
  for (let at = 0; at < bytes.length; at += identityBytes) {
    yield bytes.subarray(at, at + identityBytes).toString("base64");
  }
}
