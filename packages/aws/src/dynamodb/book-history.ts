import { inflateRawSync } from "node:zlib";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { BookHistory } from "@tollhouse/core/ledger/book-history";
import type { HourShard } from "@tollhouse/core/usage/shard";
import * as z from "zod";
import { amountsSchema } from "./amounts.ts";
import { hourSchema } from "./hour.ts";
import { meteringKey } from "./key.ts";
import { readParts } from "./parts.ts";
import { planContentsSchema } from "./posting.ts";
import { recordSchema } from "./record-item.ts";
import { query } from "./usage-log.ts";

const postingSchema = z.object({ planId: z.string(), hour: hourSchema, amounts: amountsSchema });

/** Reads what lies beside a book, and plans beside their hour-shards' folds. Postings are sorted by plan: all of a book are read. */
export function dynamoBookHistory(client: DynamoDBDocumentClient, table: string): BookHistory {
  const planPart = async (place: HourShard, kind: string, planId: string): Promise<unknown> => {
    const parts = await readParts(client, table, meteringKey.plan(place, kind, planId));
    const bytes = parts.get(meteringKey.planName(kind, planId));
    return bytes && JSON.parse(inflateRawSync(bytes).toString());
  };
  return {
    async *records(key, { from, through }) {
      if (through < from) return;
      const { pk, sk } = meteringKey.record(key, from);
      const values = { ":from": sk, ":through": meteringKey.record(key, through).sk };
      const range = { condition: "sk BETWEEN :from AND :through", values };
      for await (const item of query(client, table, pk, range)) yield recordSchema.parse(item);
    },
    async *postings(key, { from, through }) {
      const { pk, sk } = meteringKey.posting(key, "");
      const range = { condition: "begins_with(sk, :prefix)", values: { ":prefix": sk } };
      for await (const item of query(client, table, pk, range)) {
        const posting = postingSchema.parse(item);
        if (posting.hour >= from && posting.hour <= through) yield posting;
      }
    },
    async plan(place, planId) {
      const [segments, contents] = await Promise.all([
        planPart(place, "segments", planId),
        planPart(place, "postings", planId),
      ]);
      if (segments === undefined || contents === undefined) return undefined;
      return {
        segmentIds: z.array(z.string()).parse(segments),
        postings: planContentsSchema.parse(contents).postings,
      };
    },
  };
}
