import { type Customer, customerSchema } from "@tollhouse/core/lifecycle/customer";
import {
  type LifecycleDirectory,
  type Page,
  type Parked,
  parkedReasons,
} from "@tollhouse/core/lifecycle/store";
import { type Subscription, subscriptionSchema } from "@tollhouse/core/lifecycle/subscription";
import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandOutput } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { customerListing, lifecycleKey, recordKeyOf, subscriptionListing } from "./key.ts";
import { type LifecycleEntities } from "./lifecycle-entity.ts";
import { readFacts } from "./facts.ts";

type Item = Record<string, unknown>;
const subscriptionItem = z.object({ state: subscriptionSchema });
const partitionOf = z.object({ pk: z.string() });
const placeInList = z.object({ gsi3sk: z.string() });

/** The lists of the Lifecycle table. What was stored a moment ago may still be missing. */
export function dynamoDirectory(
  entities: LifecycleEntities,
  client: DynamoDBDocumentClient,
  table: string,
): LifecycleDirectory {
  /** One page of one list, each item by the name it is sorted by there. */
  const list = async (
    listing: string,
    limit: number,
    after = "",
  ): Promise<readonly (readonly [string, Item])[]> => {
    const found: (readonly [string, Item])[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const page: QueryCommandOutput = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: "listed",
          KeyConditionExpression: "gsi3pk = :listing AND gsi3sk > :after",
          ExpressionAttributeValues: {
            ":listing": lifecycleKey.listed.pk.replace("${listing}", listing),
            // A key must not be empty; nothing sorts before a space that we write.
            ":after": after === "" ? " " : after,
          },
          Limit: limit - found.length,
          ExclusiveStartKey: start,
        }),
      );
      found.push(...(page.Items ?? []).map((item) => [placeInList.parse(item).gsi3sk, item] as const));
      // A page ends at 1 MB, however few its items are.
      start = page.LastEvaluatedKey;
    } while (start !== undefined && found.length < limit);
    return found;
  };
  return {
    async subscriptions(limit, after): Promise<Page<Subscription>> {
      return pageOf(
        await list(subscriptionListing, limit, after),
        limit,
        (item) => subscriptionItem.parse(item).state,
      );
    },
    async customers(limit, after): Promise<Page<Customer>> {
      return pageOf(await list(customerListing, limit, after), limit, (item) => customerSchema.parse(item));
    },
    /** The lists of all reasons one after the other; `after` is reason and place. */
    async parked(limit, after): Promise<Page<Parked>> {
      const reasons = Object.keys(parkedReasons) as Parked["why"][];
      const [from = reasons[0], ...place] = after?.split(" ") ?? [];
      const found: (readonly [string, Parked])[] = [];
      for (const why of reasons.slice(
        Math.max(
          0,
          reasons.findIndex((reason) => reason === from),
        ),
      )) {
        const left = limit - found.length;
        if (left === 0) break;
        const lines = await list(why, left, why === from ? place.join(" ") : "");
        for (const [name, item] of lines)
          found.push([`${why} ${name}`, { why, home: recordKeyOf(partitionOf.parse(item).pk) }]);
      }
      return pageOf(found, limit, (line) => line);
    },
    facts: (home) => readFacts(entities, home),
  };
}

function pageOf<Held, Shown>(
  lines: readonly (readonly [string, Held])[],
  limit: number,
  show: (held: Held) => Shown,
): Page<Shown> {
  const items = lines.map(([, held]) => show(held));
  const last = lines.length === limit ? lines.at(-1)?.[0] : undefined;
  return last === undefined ? { items } : { items, next: last };
}
