import { deflateRawSync, inflateRawSync } from "node:zlib";
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { closeFold, neverFolded, openFold } from "@tollhouse/core/metering/fold-state";
import type { FoldHead, FoldPlan, FoldState, FoldStore } from "@tollhouse/core/metering/store";
import { type Instant, instant } from "@tollhouse/core/time/instant";
import { formatHour } from "@tollhouse/core/time/utc-hour";
import type { HourShard } from "@tollhouse/core/usage/shard";
import * as z from "zod";
import { overVersionBefore } from "./condition.ts";
import { digestsIn, packDigests } from "./digest.ts";
import { meteringKey, usageExpirySecond } from "./key.ts";
import { putParts, readParts } from "./parts.ts";
import { planContents, planContentsSchema } from "./posting.ts";
import { tallyItem, tallySchema } from "./tally.ts";

const at = z.number().transform((value): Instant => instant(value));

/** The state is small however much was folded: a plan's segments, postings and digests lie beside it, under the plan's id. */
export const foldSchema = z.object({
  version: z.number(),
  planIds: z.array(z.string()),
  openPlanId: z.string().optional(),
  coveredUntil: at.optional(),
  tally: tallySchema,
});
type Stored = z.output<typeof foldSchema>;

/**
 * Which segments were folded, by which plans, and what those counted. The state stays for good; the plans expire with the
 * hour's segments.
 */
export function dynamoFoldStore(client: DynamoDBDocumentClient, table: string): FoldStore {
  return {
    load: (place) => load(client, table, place),
    async head({ hour, shard }) {
      const { version, planIds, coveredUntil } = await loadStored(client, table, { hour, shard });
      return { hour, shard, version, planIds, coveredUntil };
    },
    async metAmong(head, identities) {
      const met = new Map<string, number>();
      for (const bytes of (await readPlans(client, table, head, "digests")).values()) {
        for (const [identity, check] of digestsIn(bytes))
          if (identities.has(identity)) met.set(identity, check);
      }
      return met;
    },
    async open(state, plan, met, around) {
      const contents = {
        digests: packDigests(met),
        postings: pack(planContents(plan)),
        segments: pack(plan.segmentIds),
      };
      const expiresAt = usageExpirySecond(state.hour);
      for (const kind of planParts) {
        const keyOf = (part: number) => meteringKey.plan(state, kind, plan.id, part);
        await putParts(client, table, keyOf, contents[kind], { expiresAt });
      }
      const opened = openFold(state, plan);
      return (await write(client, table, opened, around)) ? opened : undefined;
    },
    async close(state) {
      const closed = closeFold(state);
      return (await write(client, table, closed)) ? closed : undefined;
    },
  };
}

const planParts = ["digests", "postings", "segments"] as const;
type PlanPart = (typeof planParts)[number];

async function loadStored(client: DynamoDBDocumentClient, table: string, place: HourShard): Promise<Stored> {
  const { Item } = await client.send(
    new GetCommand({ TableName: table, Key: meteringKey.fold(place), ConsistentRead: true }),
  );
  return Item === undefined ? neverStored : foldSchema.parse(Item);
}

const { version, planIds, tally } = neverFolded({ hour: 0 as HourShard["hour"], shard: 0 });
const neverStored: Stored = { version, planIds: [...planIds], tally };

async function load(client: DynamoDBDocumentClient, table: string, place: HourShard): Promise<FoldState> {
  const { hour, shard } = place;
  const { openPlanId, ...stored } = await loadStored(client, table, place);
  const segments = await readPlans(client, table, { ...place, ...stored }, "segments");
  const segmentsOf = (planId: string): readonly string[] => idsSchema.parse(unpack(segments.get(planId)));
  const foldedSegmentIds = new Set(stored.planIds.flatMap(segmentsOf));
  const state = {
    ...stored,
    ...{ hour, shard, foldedSegmentIds, coveredUntil: stored.coveredUntil, open: undefined },
  };
  if (openPlanId === undefined) return state;
  const contents = await readPlans(client, table, { ...place, planIds: [openPlanId] }, "postings");
  const open: FoldPlan = {
    ...planContentsSchema.parse(unpack(contents.get(openPlanId))),
    ...{ hour, shard, id: openPlanId, segmentIds: segmentsOf(openPlanId) },
  };
  return { ...state, open };
}

/** One part of every plan of a state, by plan. What a folder that lost left behind belongs to no state and is passed over. */
async function readPlans(
  client: DynamoDBDocumentClient,
  table: string,
  { planIds: wanted, hour, shard }: HourShard & Pick<FoldState, "planIds">,
  kind: PlanPart,
): Promise<ReadonlyMap<string, Buffer>> {
  if (wanted.length === 0) return new Map();
  const [only, second] = wanted;
  const one = second === undefined ? only : undefined;
  const found = await readParts(client, table, meteringKey.plan({ hour, shard }, kind, one));
  return new Map(
    wanted.flatMap((planId) => {
      const bytes = found.get(meteringKey.planName(kind, planId));
      return bytes === undefined ? [] : [[planId, bytes] as const];
    }),
  );
}

/** Takes the place of the version before, and of no other, while those around it are as they were read. */
async function write(
  client: DynamoDBDocumentClient,
  table: string,
  state: FoldState,
  around: readonly FoldHead[] = [],
): Promise<boolean> {
  const Item = { ...meteringKey.fold(state), ...stateItem(state) };
  const own = { Put: { TableName: table, Item, ...overVersionBefore(state.version) } };
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

const stateItem = ({ hour, shard, ...state }: FoldState) => ({
  ...{ hour: formatHour(hour), shard, version: state.version, planIds: state.planIds },
  ...{ openPlanId: state.open?.id, coveredUntil: state.coveredUntil },
  tally: tallyItem(state.tally),
});

const idsSchema = z.array(z.string());

const pack = (value: unknown): Buffer => deflateRawSync(JSON.stringify(value));
/** @throws Error when a part of a plan that a state names is missing; such an hour-shard must be restored */
function unpack(bytes: Buffer | undefined): unknown {
  if (bytes === undefined)
    throw new Error("A fold's plan is incomplete in the table. Restore the hour-shard before folding it.");
  return JSON.parse(inflateRawSync(bytes).toString());
}
