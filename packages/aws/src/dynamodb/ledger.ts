import { inflateRawSync } from "node:zlib";
import { type DynamoDBDocumentClient, GetCommand, paginateScan } from "@aws-sdk/lib-dynamodb";
import type { LedgerItem, LedgerReader } from "@tollhouse/core/ledger/ledger-item";
import type { FoldStore, Posting } from "@tollhouse/core/metering/store";
import type { HourShard } from "@tollhouse/core/usage/shard";
import * as z from "zod";
import { bookSchema } from "./book-item.ts";
import { foldSchema } from "./fold-store.ts";
import { hourSchema } from "./hour.ts";
import { meteringKey, meteringPrefix } from "./key.ts";
import { recordSchema } from "./record-item.ts";
import { segmentSchema } from "./usage-log.ts";
import { waitingSchema } from "./waiting-item.ts";

/** Postings looked up at once. */
const lookupsAtOnce = 25;

/** Reads the whole Metering table once, consistently, page by page. */
export function dynamoLedger(
  client: DynamoDBDocumentClient,
  table: string,
  folds: Pick<FoldStore, "load">,
): LedgerReader {
  const isBooked = async (posting: Posting, planId: string): Promise<boolean> => {
    const Key =
      "waiting" in posting
        ? meteringKey.waiting(posting.waiting.subject, posting.waiting.id)
        : meteringKey.posting(posting.book, planId);
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key, ConsistentRead: true, ProjectionExpression: "pk" }),
    );
    return Item !== undefined;
  };
  return {
    async *items() {
      const hourShards = new HourShardItems();
      const pages = paginateScan(
        { client },
        {
          TableName: table,
          ConsistentRead: true,
          FilterExpression:
            "NOT (begins_with(sk, :digests) OR begins_with(sk, :postings) OR begins_with(sk, :posting))",
          ExpressionAttributeValues: {
            ":digests": meteringKey.planName("digests", ""),
            ":postings": meteringKey.planName("postings", ""),
            ":posting": meteringPrefix.posting,
          },
        },
      );
      for await (const { Items = [] } of pages)
        for (const item of Items) yield* hourShards.take(item) ?? other(item);
      yield* hourShards.end();
    },
    openPlan: async (place) => (await folds.load(place)).open,
    async booked(plan) {
      const booked = new Set<number>();
      for (let start = 0; start < plan.postings.length; start += lookupsAtOnce) {
        const together = plan.postings.slice(start, start + lookupsAtOnce);
        const found = await Promise.all(together.map((posting) => isBooked(posting, plan.id)));
        for (const [index, isThere] of found.entries()) if (isThere) booked.add(start + index);
      }
      return booked;
    },
  };
}

type Item = Record<string, unknown>;
const keySchema = z.object({ pk: z.string(), sk: z.string() });

/** What is in no hour-shard. */
function other(item: Item): readonly LedgerItem[] {
  const { pk, sk } = keySchema.parse(item);
  if (pk.startsWith(meteringPrefix.mark))
    return [
      {
        kind: "mark",
        place: { hour: hourSchema.parse(sk), shard: Number(pk.slice(meteringPrefix.mark.length)) },
      },
    ];
  if (sk === "BOOK") return [{ kind: "book", book: bookSchema.parse(item) }];
  if (sk.startsWith(meteringPrefix.record)) return [{ kind: "record", record: recordSchema.parse(item) }];
  if (!pk.startsWith(meteringPrefix.waiting)) return [];
  if (item["state"] === "waits") return [{ kind: "waiting", usage: waitingSchema.parse(item) }];
  if (item["state"] !== "unbillable") return [];
  const usage = waitingSchema.parse(item);
  return [{ kind: "unbillable", usage, reason: usage.reason }];
}

const bytesSchema = z.object({ bytes: z.instanceof(Uint8Array) });
const placeSchema = z.tuple([hourSchema, z.coerce.number()]);

/**
 * Puts together what lies side by side in an hour-shard's partition: its fold's state first, then the parts of its plans' lists
 * of segments, then the segments. Plans that lost are passed over.
 */
class HourShardItems {
  private pk = "";
  private planIds: ReadonlySet<string> = new Set();
  private plan: { readonly id: string; readonly place: HourShard; readonly parts: Uint8Array[] } | undefined;

  /** `undefined` for an item of something else. */
  take(item: Item): readonly LedgerItem[] | undefined {
    const { pk, sk } = keySchema.parse(item);
    if (!pk.startsWith(meteringPrefix.hourShard)) return undefined;
    const place = placeOf(pk);
    const before = this.pk === pk ? [] : this.leave(pk);
    const [kind = "", name = "", planId = ""] = sk.split("#");
    if (kind === "FOLD") return [...before, this.fold(place, item)];
    if (kind === "PLAN" && name === "segments") return [...before, ...this.part(place, planId, item)];
    if (kind !== "SEGMENT") return before;
    const segment = { ...place, ...segmentSchema.parse(item) };
    return [...before, ...this.endPlan(), { kind: "segment", segment }];
  }

  end(): readonly LedgerItem[] {
    return this.endPlan();
  }

  private leave(pk: string): readonly LedgerItem[] {
    const ended = this.endPlan();
    this.pk = pk;
    this.planIds = new Set();
    return ended;
  }

  private fold(place: HourShard, item: Item): LedgerItem {
    const { tally, openPlanId, planIds } = foldSchema.parse(item);
    this.planIds = new Set(planIds);
    return { kind: "fold", place, tally, openPlanId };
  }

  private part(place: HourShard, id: string, item: Item): readonly LedgerItem[] {
    if (!this.planIds.has(id)) return [];
    const ended = this.plan?.id === id ? [] : this.endPlan();
    this.plan ??= { id, place, parts: [] };
    this.plan.parts.push(bytesSchema.parse(item).bytes);
    return ended;
  }

  private endPlan(): readonly LedgerItem[] {
    if (this.plan === undefined) return [];
    const { id: planId, place, parts } = this.plan;
    this.plan = undefined;
    const text = inflateRawSync(Buffer.concat(parts)).toString();
    return [
      { kind: "folded-segments", place, planId, segmentIds: z.array(z.string()).parse(JSON.parse(text)) },
    ];
  }
}

/** @throws Error for a partition that is no hour-shard's */
function placeOf(pk: string): HourShard {
  const [hour, shard] = placeSchema.parse(pk.split("#").slice(1));
  return { hour, shard };
}
